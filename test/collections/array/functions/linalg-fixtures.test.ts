/** Linear algebra against NumPy and SciPy, with several chunkings, with BLAS and without. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBlas, setBlas } from '../../../../collections/array/blas/blas-library.js'
import * as da from '../../../../collections/array/index.js'
import { get } from '../array-support.js'
import {
  chunkOf,
  decode,
  type Encoded,
  elements,
  fixture,
  type Outcome,
} from '../numpy-fixtures.js'

interface Case {
  readonly fn: string
  readonly arrays: readonly { dtype: da.Dtype; shape: number[]; values: Encoded[] }[]
  readonly extra: readonly unknown[]
  readonly options: Record<string, unknown> | null
  readonly out: readonly Outcome[] | { readonly error: string }
}

type AnyFunction = (...args: unknown[]) => unknown
type Lazy = da.ChunkedArray<da.Dtype, unknown>

const cases = fixture<Case[]>('linalg')

function functionOf(name: string): AnyFunction {
  const path = name.split('.')
  return path.reduce<unknown>((o, part) => (o as Record<string, unknown>)[part], da) as AnyFunction
}

/** Chunk sizes of an axis: all of it, or odd ones. */
const chunkings = [
  (n: number) => [n],
  (n: number) => (n < 3 ? [n] : [2, n - 2]),
  (n: number) => (n === 0 ? [0] : new Array<number>(n).fill(1)),
]

function call({ fn, arrays, extra, options }: Case, chunking: (n: number) => number[]): Lazy[] {
  const inputs = arrays.map(({ dtype, shape, values }) => {
    const block = chunkOf(dtype, values, shape)
    return da.fromArray(block as never, { chunks: shape.map(chunking) } as never)
  })
  const args = fn === 'einsum' ? [...extra, ...inputs] : [...inputs, ...extra]
  const named = options === null ? [] : [prepared(options)]
  const result = functionOf(fn)(...args, ...named)
  return (Array.isArray(result) ? result : [result]) as Lazy[]
}

/** Options with infinities, which JSON does not have. */
function prepared(options: Record<string, unknown>): Record<string, unknown> {
  const infinities: Record<string, number> = { inf: Infinity, '-inf': -Infinity }
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, infinities[value as string] ?? value]),
  )
}

async function computed(arrays: readonly Lazy[]): Promise<da.NDArray[]> {
  return Promise.all(
    arrays.map(async (array) => {
      const value = await array.compute({ get })
      return value instanceof da.NDArray ? value : da.NDArray.scalar(array.dtype, value as never)
    }),
  )
}

const partsOf = (value: unknown): number[] =>
  typeof value === 'object' ? [(value as da.Complex).re, (value as da.Complex).im] : [Number(value)]

/** Compares with a tolerance relative to the largest element: what errors of factorizations are relative to. */
function expectNear(got: da.NDArray, want: Outcome, loose: number): void {
  expect([got.dtype, got.shape]).toEqual([want.dtype, want.shape])
  const single = want.dtype === 'float32' || want.dtype === 'complex64'
  const exact = !/float|complex/.test(want.dtype)
  const wanted = want.values.flatMap((value) => partsOf(decode(value, want.dtype)))
  const found = elements(got).flatMap(partsOf)
  const largest = Math.max(1, ...wanted.map(Math.abs).filter(Number.isFinite))
  const tolerance = exact ? 0 : (single ? 2e-5 : 1e-11) * largest * loose
  found.forEach((value, i) => {
    const near = Object.is(value, wanted[i]) || Math.abs(value - wanted[i]!) <= tolerance
    if (!near && !(value === wanted[i])) throw new Error(`[${i}] ${value}, expected ${wanted[i]}`)
  })
}

const skip = findBlas() === undefined
describe.each([
  ['with BLAS', skip],
  ['without BLAS', false],
] as const)('NumPy’s and SciPy’s results %s', (title, skipped) => {
  beforeAll(() => setBlas(title === 'without BLAS' ? null : undefined))
  afterAll(() => setBlas(undefined))

  const names = [...new Set(cases.map(({ fn }) => fn))]
  test.skipIf(skipped).each(names)('%s', async (name) => {
    const wrong: string[] = []
    for (const [number, each] of cases.filter(({ fn }) => fn === name).entries()) {
      for (const [c, chunking] of chunkings.entries()) {
        try {
          await check(each, chunking)
        } catch (error) {
          const what = each.arrays.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(' ')
          const how = `${JSON.stringify(each.extra)} ${JSON.stringify(each.options)}`
          wrong.push(
            `${number} chunking ${c} ${what} ${how}: ${(error as Error).message.slice(0, 300)}`,
          )
        }
      }
    }
    expect(wrong).toEqual([])
  })
})

async function check(each: Case, chunking: (n: number) => number[]): Promise<void> {
  if ('error' in each.out) {
    const run = async () => computed(call(each, chunking))
    await expect(run()).rejects.toThrow(/\w+: /)
    return
  }
  const got = await computed(call(each, chunking))
  const loose = /cond|pinv|inv|lstsq|Power|solve/.test(each.fn) ? 50 : 1
  expect(got.length).toBe(each.out.length)
  got.forEach((block, i) => {
    expectNear(block, (each.out as readonly Outcome[])[i]!, loose)
  })
}
