/** Statistics and tests of hypotheses beside SciPy's. */
import { describe, expect, test } from 'vitest'
import {
  chiSquareTail,
  fisherTail,
} from '../../../../collections/array/expressions/tail-functions.js'
import * as da from '../../../../collections/array/index.js'
import { get, list } from '../array-support.js'
import { fixture } from '../numpy-fixtures.js'

interface Case {
  readonly fn: string
  readonly args: readonly (string | number)[]
  readonly options: Readonly<Record<string, unknown>>
  readonly shape: readonly number[]
  readonly out: readonly (readonly (number | string)[])[]
}

interface Table {
  readonly inputs: Readonly<
    Record<string, { shape: number[]; values: (number | string)[]; dtype: da.Dtype }>
  >
  readonly cases: readonly Case[]
  readonly tails: readonly [
    fn: 'chiSquareTail' | 'fisherTail',
    args: (number | string)[],
    p: number,
  ][]
}

const table = fixture<Table>('stats')
const functions = da.stats as unknown as Readonly<
  Record<string, (...args: unknown[]) => da.ChunkedArray | da.stats.TestResult>
>
const numberOf = (value: number | string) =>
  typeof value === 'number' ? value : Number(value.replace('inf', 'Infinity'))

/** The distance of two numbers as a fraction of the second. */
function distance(got: number, expected: number): number {
  if (Object.is(got, expected) || got === expected) return 0
  if (Number.isNaN(got) || Number.isNaN(expected)) return Infinity
  return Math.abs(got - expected) / Math.abs(expected)
}

function argument(value: unknown, chunks: da.ChunksSpec): unknown {
  const input = typeof value === 'string' ? table.inputs[value] : undefined
  if (input === undefined) return value
  const { shape, dtype } = input
  return da.fromArray(input.values.map(numberOf), { shape, dtype, chunks })
}

async function check({ fn, args, options, shape, out }: Case): Promise<void> {
  for (const chunks of [-1, 2, 5] as const) {
    const resolved = Object.entries(options).map(([k, v]) => [k, argument(v, chunks)])
    const given = args.map((value) => argument(value, chunks))
    const result = functions[fn]!(...given, Object.fromEntries(resolved))
    const arrays = result instanceof da.ChunkedArray ? [result] : [result.statistic, result.pvalue]
    for (const [i, array] of arrays.entries()) {
      expect(array.shape).toEqual(shape)
      const got = [await list(array)].flat(3) as number[]
      const exact = out[i]!.map(numberOf)
      got.forEach((value, k) => {
        // The statistics of data that differ only slightly are differences of large numbers.
        const near = args.includes('far') ? 1e-6 : 1e-11
        const isNear = Math.abs(value - exact[k]!) < 1e-14 || distance(value, exact[k]!) < near
        expect(isNear, `${chunks}: ${value}, expected ${exact[k]}`).toBe(true)
      })
    }
  }
}

describe('da.stats', () => {
  test.each(table.cases)('$fn($args, $options)', check)

  test('probabilities of distributions', () => {
    const functions = { chiSquareTail, fisherTail } as const
    const wrong = table.tails.flatMap(([fn, args, p]) => {
      const got = (functions[fn] as (...numbers: number[]) => number)(...args.map(numberOf))
      return p < 1e-290 || distance(got, p) < 1e-12 ? [] : [`${fn}(${args}): ${got} for ${p}`]
    })
    expect(wrong).toEqual([])
  })

  test('results are lazy, and of values as of arrays', async () => {
    const { statistic, pvalue } = da.stats.ttest1samp([1, 2, 3, 4], 2)
    expect(statistic).toBeInstanceOf(da.ChunkedArray)
    expect(await statistic.compute({ get })).toBeCloseTo(0.7745966692414834, 14)
    expect(await pvalue.compute({ get })).toBeCloseTo(0.4950253460597111, 13)
  })

  test('refuses what it cannot compute', () => {
    const x = da.arange(10)
    const refused: [() => unknown, RegExp][] = [
      [() => da.stats.skew(x, { axis: 1 }), /axis/],
      [() => da.stats.skew(x, { axis: 0.5 }), /stats\.skew: axis must be an integer/],
      [() => da.stats.skew(x, { unbiased: true } as never), /unbiased/],
      [() => da.stats.skew(x, { bias: 1 as never }), /stats\.skew: bias must be true or false/],
      [() => da.stats.skewtest(x.at(':7')), /stats\.skewtest: needs at least 8 elements.*got 7/],
      [() => da.stats.kurtosistest([1, 2]), /needs at least 5 elements/],
      [() => da.stats.moment(x, { moment: -1 }), /moment/],
      [() => da.stats.powerDivergence(x, { lambda: 'neymann' as never }), /neymann/],
      [() => da.stats.chisquare(x, { ddof: '1' as never }), /ddof must be a number/],
      [() => da.stats.ttestRel(x, x.at(':4')), /one shape; got \[10\] and \[4\]/],
      [() => da.stats.fOneway(x), /at least two samples; got 1/],
      [() => da.stats.skew(x.astype('complex128')), /real numbers, not complex128/],
      [() => da.stats.skew(x.at(x.gt(3))), /not known.*await x.computeChunkSizes\(\) first/],
      [() => da.stats.skew('text' as never), /expected an array/],
    ]
    for (const [call, message] of refused) expect(call).toThrow(message)
  })
})
