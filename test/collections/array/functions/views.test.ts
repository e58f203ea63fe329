/** Arrays whose bytes are read as another dtype, gaps that are filled, and axes that are shuffled, compared with NumPy and Dask. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { da, getSync } from '../../../../index.js'

type Numbers = (number | null)[]
interface Case {
  readonly shape: number[]
  readonly resultShape: number[]
}
const fixtures = JSON.parse(
  readFileSync(new URL('../../../fixtures/array/views.json', import.meta.url), 'utf8'),
) as {
  views: (Case & { from: da.Dtype; to: da.Dtype; values: string[]; result: string[] })[]
  pushes: { shape: number[]; axis: number; n: number | null; values: Numbers; result: Numbers }[]
  shuffles: (Case & { axis: number; groups: number[][]; result: number[] })[]
}
const computed = async (x: da.AnyArray) => (await x.compute({ get: getSync })) as da.NDArray

test('views have the bytes that NumPy reads, whatever the chunks', async () => {
  for (const { from, to, shape, values, result, resultShape } of fixtures.views) {
    const source = da.fromArray(values.map(BigInt), { dtype: 'int64', chunks: 7 }).astype(from)
    for (const chunks of [3, 8, 16]) {
      const x = source.reshape(shape).rechunk([2, chunks])
      const viewed = await computed(x.view(to))
      expect(viewed.shape).toEqual(resultShape)
      expect([viewed.dtype, Array.from(viewed.contiguous().data, String)]).toEqual([to, result])
    }
  }
})

test('a view that does not divide the last axis is refused at the call', async () => {
  const x = da.ones([2, 3], { dtype: 'float32' })
  expect(() => x.view('float64')).toThrow(
    'view: the last axis has 3 elements of 4 bytes, which float64 with 8 bytes does not divide',
  )
  expect(() => da.ones([]).view('int8')).toThrow('view: float64 and int8 differ in size')
  expect(() => x.view('float' as never)).toThrow('view: ')
  expect((await computed(da.ones([2]).view('int64'))).toArray()).toEqual([
    4607182418800017408n,
    4607182418800017408n,
  ])
  expect(x.view('float32').shape).toEqual([2, 3])
})

test('gaps are filled along an axis, as far as n says', async () => {
  for (const { shape, axis, n, values, result } of fixtures.pushes) {
    const x = da.fromArray(values.map((value) => value ?? Number.NaN)).reshape(shape)
    const filled = await computed(da.push(x.rechunk(2), { axis, n }))
    expect(Array.from(filled.contiguous().data as Float64Array)).toEqual(
      result.map((value) => value ?? Number.NaN),
    )
  }
  const whole = da.arange(3, { dtype: 'int32' })
  expect((await computed(da.push(whole))).toArray()).toEqual([0, 1, 2])
  expect(() => da.push(whole, { n: 0 })).toThrow('push: n must be a whole number above 0, or null')
  expect(() => da.push(da.ones([2]), { axis: 1 })).toThrow('push: axis 1 is not an axis')
  expect(() => da.push(da.ones([2]).astype('complex64'))).toThrow('push: complex arrays')
})

test('shuffled axes have the groups that Dask has, none of which is divided', async () => {
  for (const { shape, axis, groups, result, resultShape } of fixtures.shuffles) {
    const size = shape.reduce((a, b) => a * b, 1)
    const x = da.arange(size).reshape(shape).rechunk(3)
    const shuffled = da.shuffle(x, groups, { axis })
    expect(shuffled.shape).toEqual(resultShape)
    expect(Array.from((await computed(shuffled)).contiguous().data as Float64Array)).toEqual(result)
    expect((await computed(x.shuffle(groups, { axis }))).toArray()).toEqual(
      (await computed(shuffled)).toArray(),
    )
  }
  const x = da.arange(10, { chunks: 4 })
  expect(
    x.shuffle([
      [6, 5, 2],
      [4, 1],
      [3, 0, 7],
      [8, 9],
    ]).chunks,
  ).toEqual([[5, 5]])
  expect(() => x.shuffle([[10]])).toThrow('10')
  expect(() => x.shuffle([1] as never)).toThrow('shuffle: indexer must be a list of lists')
})

test('gufunc and asGufunc make functions of arrays, and nonzero is a method', async () => {
  const x = da.arange(12, { chunks: 5 }).reshape(3, 4)
  const sum = (v: da.NDArray<'float64'>) => v.data.reduce((a, b) => a + b, 0)
  const options = { signature: '(i)->()', outputDtypes: 'float64', vectorize: true } as const
  const total = da.gufunc(sum, options)
  expect((await computed(total(x))).toArray()).toEqual([6, 22, 38])
  const { signature, ...how } = options
  const same = da.asGufunc(signature, how)(sum)
  expect((await computed(same(x))).toArray()).toEqual([6, 22, 38])
  expect(() => da.gufunc(() => 0, {} as never)).toThrow('gufunc: give a signature')
  expect(() => da.asGufunc('(i)->()', { dtype: 'int8' } as never)).toThrow('dtype')
  const [rows, columns] = x.gt(9).nonzero()
  expect((await computed(rows!)).toArray()).toEqual([2n, 2n])
  expect((await computed(columns!)).toArray()).toEqual([2n, 3n])
})
