/**
 * BLAS and LAPACK, in a shared library that is loaded with koffi when a thread first needs it.
 *
 * Both are optional: without koffi, or without a library, the kernels use loops of their own. Routines are
 * called by their Fortran names. The loader checks nothing, so nothing else may call them but the wrappers
 * beside this file, which check types and sizes.
 */
import { lazyPackage } from '../../../core/base/lazy-package.js'
import type { Dtype } from '../block/dtype.js'

/** The dtypes that BLAS computes with. */
export type BlasDtype = 'float32' | 'float64' | 'complex64' | 'complex128'

/** The elements of a matrix that BLAS reads or writes. */
export type BlasData = Float32Array | Float64Array

/** What is passed to a routine: memory, or the hidden length of a string. */
type RoutineArgument = BlasData | Int32Array | BigInt64Array | Uint8Array | number

/** A routine of the library. */
export type BlasRoutine = (...args: readonly RoutineArgument[]) => void

/** A loaded library. */
export interface BlasLibrary {
  /** The path or name that it was loaded from. */
  readonly path: string
  /** Whether the library counts in integers of 64 bits. */
  readonly wide: boolean
  /**
   * Returns a routine by its Fortran name, such as `dgemm`, for `count` arguments, the first `strings` of which
   * are strings of one letter. Their lengths follow all other arguments.
   */
  routine(name: string, count: number, strings: number): BlasRoutine
}

/** The first letter of the names of routines. */
export const BLAS_LETTERS: Readonly<Record<BlasDtype, string>> = {
  float32: 's',
  float64: 'd',
  complex64: 'c',
  complex128: 'z',
}

/** Returns whether BLAS computes with a dtype. */
export function isBlasDtype(dtype: Dtype): dtype is BlasDtype {
  return Object.hasOwn(BLAS_LETTERS, dtype)
}

/** The libraries that are looked for on each platform. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  linux: ['libopenblas.so.0', 'libopenblas.so'],
  darwin: ['/System/Library/Frameworks/Accelerate.framework/Accelerate'],
  win32: ['libopenblas.dll', 'openblas.dll'],
}

/** How libraries name their routines: those in NumPy's and SciPy's packages for Python have a prefix. */
const NAMINGS = [
  { prefix: '', suffix: '', wide: false },
  { prefix: 'scipy_', suffix: '', wide: false },
  { prefix: 'scipy_', suffix: '64_', wide: true },
] as const

type Naming = (typeof NAMINGS)[number]

/** The part of koffi that is used. The package is optional, so its own types may be missing. */
interface Koffi {
  load(path: string): {
    func(name: string, result: string, args: string[]): (...args: unknown[]) => unknown
  }
}

const koffi = lazyPackage<Koffi>('koffi')

let found: BlasLibrary | null | undefined

/**
 * Returns the library; undefined if there is none. `SKEIN_BLAS` may give its path, or turn it `off`.
 * @throws Error if the library that `SKEIN_BLAS` names cannot be used.
 */
export function findBlas(): BlasLibrary | undefined {
  if (found === undefined) found = search(process.env.SKEIN_BLAS ?? '') ?? null
  return found ?? undefined
}

/** Sets the library that `findBlas` returns, for tests; undefined makes it search again. */
export function setBlas(library: BlasLibrary | null | undefined): void {
  found = library
}

function search(setting: string): BlasLibrary | undefined {
  if (setting === 'off') return undefined
  if (setting !== '') {
    try {
      return load(setting)
    } catch (cause) {
      throw new Error(
        `SKEIN_BLAS is '${setting}', which cannot be used: ${(cause as Error).message}. Give the path of a BLAS library with LAPACK, such as libopenblas.so.0, or 'off'; koffi must be installed (npm install koffi)`,
        { cause },
      )
    }
  }
  for (const path of LIBRARIES[process.platform] ?? []) {
    try {
      return load(path)
    } catch {
      // Not installed: the next one, or loops of our own.
    }
  }
  return undefined
}

/** Loads a library, and makes it compute in the calling thread only. */
function load(path: string): BlasLibrary {
  const library = koffi().load(path)
  const has = (name: string, args: readonly string[]) => {
    try {
      return library.func(name, 'void', [...args])
    } catch {
      return undefined
    }
  }
  const symbol = (naming: Naming, name: string) => `${naming.prefix}${name}_${naming.suffix}`
  const naming = NAMINGS.find((each) => has(symbol(each, 'dgetrf'), ['void *']) !== undefined)
  if (naming === undefined) throw new Error(`${path} has no LAPACK routines`)
  const threads = `${naming.prefix}openblas_set_num_threads${naming.suffix}`
  has(threads, ['int'])?.(1)
  return {
    path,
    wide: naming.wide,
    routine: (name, count, strings) => {
      const args = [
        ...new Array<string>(count).fill('void *'),
        ...new Array<string>(strings).fill('size_t'),
      ]
      return library.func(symbol(naming, name), 'void', args) as BlasRoutine
    },
  }
}

/** Where routines read an integer, or write one. */
export interface BlasInteger {
  /** What is passed to the routine. */
  readonly cell: Int32Array | BigInt64Array
  /** Sets the integer. Throws a RangeError if it is too large for the library. */
  set(value: number): BlasInteger
  /** Returns the integer that a routine has written. */
  get(): number
}

/** Makes an integer argument. */
export function blasInteger({ wide }: BlasLibrary, value = 0): BlasInteger {
  const cell = wide ? new BigInt64Array(1) : new Int32Array(1)
  const integer: BlasInteger = {
    cell,
    set: (n) => {
      if (n > 2 ** 31 - 1) {
        throw new RangeError(
          `a matrix with an axis of ${n} elements is too large for BLAS; use smaller chunks`,
        )
      }
      if (cell instanceof BigInt64Array) cell[0] = BigInt(n)
      else cell[0] = n
      return integer
    },
    get: () => Number(cell[0]),
  }
  return integer.set(value)
}

/** Returns a string argument of one letter. */
export function blasLetter(letter: string): Uint8Array {
  return Uint8Array.of(letter.charCodeAt(0))
}

/** Returns a number argument of a dtype, real. */
export function blasNumber(dtype: BlasDtype, value: number): BlasData {
  return dtype === 'float32' || dtype === 'complex64'
    ? Float32Array.of(value, 0)
    : Float64Array.of(value, 0)
}
