/** Reads the tables of NumPy's results, which test/fixtures/make-array-fixtures.py makes. */
import { readFileSync } from 'node:fs'
import type { Complex, Dtype, Scalar } from '../../../collections/array/block/dtype.js'
import { NDArray, writeElement } from '../../../collections/array/block/ndarray.js'

/** An element in a table: integers of 64 bits and special floats are strings, complex numbers pairs. */
export type Encoded =
  | number
  | string
  | boolean
  | readonly [re: number | string, im: number | string]

/** NumPy's result, or the name of the error it raised. */
export interface Outcome {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly values: readonly Encoded[]
  readonly error?: string
}

/** Reads one table. */
export function fixture<T>(name: string): T {
  const url = new URL(`../../fixtures/array/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(url, 'utf8')) as T
}

const named: Record<string, number> = { nan: NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 }

/** Decodes an element of a table. */
export function decode(value: Encoded, dtype: string): Scalar {
  if (dtype === 'int64' || dtype === 'uint64') return BigInt(value as string)
  if (typeof value === 'object') return { re: decodeNumber(value[0]), im: decodeNumber(value[1]) }
  return typeof value === 'boolean' ? value : decodeNumber(value)
}

function decodeNumber(value: number | string): number {
  return typeof value === 'string' ? named[value]! : value
}

/** Makes a chunk of encoded elements. */
export function chunkOf<D extends Dtype>(
  dtype: D,
  values: readonly Encoded[],
  shape: readonly number[] = [values.length],
): NDArray<D> {
  const chunk = NDArray.zeros(dtype, shape)
  if (values.length !== chunk.size) throw new Error('fixture of the wrong size')
  values.forEach((value, i) => {
    writeElement(chunk.data, i, decode(value, dtype))
  })
  return chunk
}

/** Returns the elements of a chunk in row-major order. */
export function elements(chunk: NDArray): Scalar[] {
  const nested: unknown[] = [chunk.toArray()]
  return nested.flat(Infinity) as Scalar[]
}

/** Lists the elements that differ by more than a number of units in the last place. */
export function differences(
  got: readonly Scalar[],
  expected: readonly Encoded[],
  dtype: string,
  ulps: number,
): string[] {
  const epsilon = dtype === 'float32' ? 2 ** -23 : dtype === 'float16' ? 2 ** -9 : 2 ** -52
  const found: string[] = []
  if (got.length !== expected.length) return [`${got.length} elements, expected ${expected.length}`]
  got.forEach((value, i) => {
    const want = decode(expected[i]!, dtype)
    if (Object.is(value, want)) return
    if (typeof value === 'object' && typeof want === 'object') {
      if (areClose(value, want, dtype === 'complex64' ? 2 ** -23 : 2 ** -52, ulps)) return
      found.push(`[${i}] ${value.re} + ${value.im}i, expected ${want.re} + ${want.im}i`)
      return
    }
    if (dtype.startsWith('float') && typeof value === 'number' && typeof want === 'number') {
      // Values that float16 cannot hold cannot be compared with those of a wider dtype.
      if (dtype === 'float16' && (!Number.isFinite(want) || Math.abs(want) < 1e-4)) return
      if (value !== 0 && Math.abs(value - want) <= ulps * epsilon * Math.abs(want)) return
    }
    found.push(`[${i}] ${String(value)}, expected ${String(want)}`)
  })
  return found
}

/** Whether both parts differ by at most some units in the last place of the larger part. */
function areClose(value: Complex, want: Complex, epsilon: number, ulps: number): boolean {
  const largest = Math.max(...[want.re, want.im].map(Math.abs).filter(Number.isFinite), 0)
  return (['re', 'im'] as const).every((part) => {
    if (Object.is(value[part], want[part])) return true
    return Math.abs(value[part] - want[part]) <= ulps * epsilon * largest
  })
}
