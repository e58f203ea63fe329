/** Runs of a few elements, which are cut and merged, beside a plain sort. */
import { expect, test } from 'vitest'
import type { Dtype, Scalar } from '../../../../collections/array/block/dtype.js'
import type { NDArray } from '../../../../collections/array/block/ndarray.js'
import {
  boundCuts,
  candidatesOf,
  cutRuns,
  mergeRuns,
  partOfRun,
  type SortedRun,
  sampleRun,
  sortRun,
} from '../../../../collections/array/kernels/sorted-runs.js'
import { chunkOf, type Encoded, elements } from '../numpy-fixtures.js'

const SIZES = [5, 0, 1, 70, 30, 12]
const STARTS = SIZES.map((_, i) => SIZES.slice(0, i).reduce((a, b) => a + b, 0))

/** Sorts blocks as the layer does: into chunks of the same sizes. */
function sortBlocks(
  blocks: readonly NDArray[],
  descending: boolean,
  givesPositions: boolean,
  sampleCount: number,
): SortedRun[] {
  const runs = blocks.map((block, i) => {
    return sortRun(block, descending, givesPositions ? STARTS[i] : undefined)
  })
  const ranks = STARTS.slice(1)
  const samples = runs.map((run) => sampleRun(run, sampleCount))
  const bounds = boundCuts(samples, ranks, descending)
  const candidates = runs.map((run, i) => candidatesOf(run, i, bounds))
  const cuts = [
    SIZES.map(() => 0),
    ...cutRuns(candidates, bounds, ranks, descending),
    SIZES,
  ] as ArrayLike<number>[]
  return SIZES.map((_, chunk) => {
    const parts = runs.map((run, i) => partOfRun(run, cuts[chunk]![i]!, cuts[chunk + 1]![i]!))
    return mergeRuns(parts, descending)
  })
}

function* randomNumbers(): Generator<number> {
  for (let state = 11; ; ) {
    state = (state * 48271) % 2147483647
    yield state
  }
}

/** Makes elements of few kinds, some of them special. */
function makeElements(dtype: Dtype, random: Iterator<number>): Encoded[] {
  const next = (kinds: number) => random.next().value! % kinds
  const special = ['nan', 'inf', '-inf', '-0'] as const
  const float = () => (next(9) === 0 ? special[next(4)]! : next(40) / 8 - 2)
  return Array.from({ length: 118 }, (): Encoded => {
    if (dtype === 'int64') return String(BigInt(next(30)) - 15n + (next(2) === 0 ? 2n ** 60n : 0n))
    if (dtype === 'uint8') return next(20)
    if (dtype === 'bool') return next(2) === 0
    return dtype === 'complex128' ? [float(), float()] : float()
  })
}

type Parts = readonly (number | bigint)[]

const partsOf = (value: Scalar): Parts => {
  if (typeof value === 'object') return [value.re, value.im]
  return [typeof value === 'bigint' ? value : Number(value)]
}

const absence = (parts: Parts) =>
  parts.reduce<number>((sum, part) => 2 * sum + Number(Number.isNaN(part)), 0)

/** NumPy's order; elements that are NaN come last in both directions. */
function compare(a: Parts, b: Parts, descending: boolean): number {
  if (absence(a) !== absence(b)) return absence(a) - absence(b)
  const at = a.findIndex((part, i) => part < b[i]! || part > b[i]!)
  if (at < 0) return 0
  return a[at]! < b[at]! === descending ? 1 : -1
}

test.each(['float64', 'float32', 'int64', 'uint8', 'bool', 'complex128'] as const)(
  'blocks of %s become sorted chunks of the same sizes',
  (dtype) => {
    const random = randomNumbers()
    for (const descending of [false, true]) {
      for (const sampleCount of [1, 3, 4096]) {
        const encoded = makeElements(dtype, random)
        const blocks = SIZES.map((n, i) => {
          return chunkOf(dtype, encoded.slice(STARTS[i], STARTS[i]! + n))
        })
        const values = blocks.flatMap(elements)
        const order = values.map((_, i) => i)
        order.sort((i, j) => {
          return compare(partsOf(values[i]!), partsOf(values[j]!), descending) || i - j
        })
        const sorted = sortBlocks(blocks, descending, false, sampleCount)
        expect(sorted.map((run) => run.values.shape)).toEqual(SIZES.map((n) => [n]))
        // Equal elements are interchangeable here, and -0 equals 0.
        const plain = (list: readonly Scalar[]) =>
          list.map((value) => partsOf(value).map((part) => (part === 0 ? 0 : part)))
        expect(plain(sorted.flatMap((run) => elements(run.values)))).toEqual(
          plain(order.map((i) => values[i]!)),
        )
        const located = sortBlocks(blocks, descending, true, sampleCount)
        expect(located.flatMap((run) => elements(run.positions!))).toEqual(order)
      }
    }
  },
)
