/**
 * Generated kernels: the cache of compiled functions, and the pieces of code that all loop nests
 * have in common.
 *
 * A kernel is compiled once for each combination of program, loops and stride kinds. Each works on
 * typed arrays of fixed types only, which keeps it fast.
 */
import { type Dtype, isComplex, type TypedArray } from '../block/dtype.js'
import * as complexFunctions from './complex-functions.js'
import { emitLoad, type ValueCode } from './element-code.js'
import { exponential } from './exponential.js'
import type { KernelProgram, ProgramData } from './kernel-program.js'
import * as numberFunctions from './number-functions.js'
import * as tailFunctions from './tail-functions.js'

/** A compiled kernel. All have the same arguments. */
export type Kernel = (
  out: TypedArray,
  arrays: readonly TypedArray[],
  offsets: readonly number[],
  sizes: readonly number[],
  strides: readonly number[],
  floats: Float64Array,
  bigs: readonly bigint[],
  extra: TypedArray | undefined,
) => void

const kernels = new Map<string, Kernel>()
const numbers = { ...numberFunctions, ...complexFunctions, ...tailFunctions, exponential }
const declareNumberFunctions = `const { ${Object.keys(numbers).join(', ')} } = numbers;\n`

/** Returns the kernel with a key, compiling it from `emitBody()` on first use. */
export function compiledKernel(key: string, emitBody: () => string): Kernel {
  let found = kernels.get(key)
  if (found === undefined) {
    const source = `${declareNumberFunctions}return function (out, arrays, offsets, sizes, strides, floats, bigs, extra) {\n${emitBody()}}`
    found = new Function('numbers', source)(numbers) as Kernel
    kernels.set(key, found)
  }
  return found
}

/** A kernel with the sizes and strides of its loops. */
export interface KernelLoops {
  readonly kernel: Kernel
  readonly sizes: readonly number[]
  /** The strides of the first input in each loop, then those of the second. */
  readonly strides: readonly number[]
}

/** Runs a kernel over the inputs of a program. */
export function runKernel(
  { kernel, sizes, strides }: KernelLoops,
  { chunks, floats, bigs }: ProgramData,
  out: TypedArray,
  extra?: TypedArray,
): void {
  const arrays = new Array<TypedArray>(chunks.length)
  const offsets = new Array<number>(chunks.length)
  for (let i = 0; i < chunks.length; i++) {
    arrays[i] = chunks[i]!.data
    offsets[i] = chunks[i]!.offset
  }
  kernel(out, arrays, offsets, sizes, strides, floats, bigs, extra)
}

/** Declares inputs, sizes and strides of a kernel: `a0`, `n0`, `s0_0` (input, loop), `p0_0`. */
export function emitDeclarations(inputs: number, rank: number): string {
  let code = ''
  for (let d = 0; d < rank; d++) code += `const n${d} = sizes[${d}];\n`
  for (let s = 0; s < inputs; s++) {
    code += `const a${s} = arrays[${s}], p${s}_0 = offsets[${s}];\n`
    for (let d = 0; d < rank; d++) code += `const s${s}_${d} = strides[${s * rank + d}];\n`
  }
  return code
}

/** Opens loop `d`. Inside it, `p0_{d+1}` is the position of input 0. */
export function emitLoopStart(inputs: number, d: number): string {
  let code = `for (let i${d} = 0; i${d} < n${d}; i${d}++) {\n`
  for (let s = 0; s < inputs; s++)
    code += `const p${s}_${d + 1} = p${s}_${d} + i${d} * s${s}_${d};\n`
  return code
}

/** The names of variables in generated code, for each input. */
export interface LoopNames {
  /** The position of the input before the innermost loop. */
  readonly position: (input: number) => string
  /** The element of an input that repeats in the innermost loop. */
  readonly hoisted: (input: number) => string
}

/** Returns the names inside loop `d`, as `emitLoopStart` and `emitHoistedReads` declare them. */
export function namesInLoop(d: number): LoopNames {
  return { position: (input) => `p${input}_${d}`, hoisted: (input) => `h${input}` }
}

/** Returns the code that reads each input in the innermost loop `d`, `shift` iterations after `i`. */
export function innerReads(
  program: KernelProgram,
  kinds: string,
  d: number,
  {
    shift = 0,
    names = namesInLoop(d),
  }: { readonly shift?: number; readonly names?: LoopNames } = {},
): (input: number) => ValueCode {
  return (input) => {
    const dtype = program.inputs[input]!
    if (kinds[input] === '0') return hoistedCode(names.hoisted(input), dtype)
    const i = shift === 0 ? 'i' : `i + ${shift}`
    const at = kinds[input] === '1' ? i : `(${i}) * s${input}_${d}`
    return emitLoad(`a${input}`, `${names.position(input)} + ${at}`, dtype)
  }
}

/** Emits the reads of inputs that repeat in the innermost loop, to be placed before it. */
export function emitHoistedReads(program: KernelProgram, kinds: string, names: LoopNames): string {
  let code = ''
  program.inputs.forEach((dtype, input) => {
    if (kinds[input] !== '0') return
    const { re, im } = hoistedCode(names.hoisted(input), dtype)
    const element = emitLoad(`a${input}`, names.position(input), dtype)
    code += `const ${re} = ${element.re};\n`
    if (im !== '') code += `const ${im} = ${element.im};\n`
  })
  return code
}

/** Returns the names of the variables that hold an input that repeats. */
function hoistedCode(name: string, dtype: Dtype): ValueCode {
  return { re: name, im: isComplex(dtype) ? `${name}i` : '' }
}
