/** Reads the tables of NumPy's results, which test/fixtures/make-array-fixtures.py makes. */
import { readFileSync } from 'node:fs'
import { Chunk, sizeOf } from '../../../collections/array/block/chunk.js'
import type { Dtype, Scalar } from '../../../collections/array/block/dtype.js'

/** An element in a table: integers of 64 bits and special floats are strings. */
export type Encoded = number | string | boolean

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
  return typeof value === 'string' ? named[value]! : value
}

/** Makes a chunk of encoded elements. */
export function chunkOf<D extends Dtype>(
  dtype: D,
  values: readonly Encoded[],
  shape: readonly number[] = [values.length],
): Chunk<D> {
  const chunk = Chunk.zeros(dtype, shape)
  const data = chunk.data as unknown as Scalar[]
  values.forEach((value, i) => {
    const decoded = decode(value, dtype)
    data[i] = typeof decoded === 'boolean' ? Number(decoded) : decoded
  })
  if (chunk.data.length !== sizeOf(shape)) throw new Error('fixture of the wrong size')
  return chunk
}

/** Returns the elements of a chunk in row-major order. */
export function elements(chunk: Chunk): Scalar[] {
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
    if (dtype.startsWith('float') && typeof value === 'number' && typeof want === 'number') {
      // Values that float16 cannot hold cannot be compared with those of a wider dtype.
      if (dtype === 'float16' && (!Number.isFinite(want) || Math.abs(want) < 1e-4)) return
      if (value !== 0 && Math.abs(value - want) <= ulps * epsilon * Math.abs(want)) return
    }
    found.push(`[${i}] ${String(value)}, expected ${String(want)}`)
  })
  return found
}
