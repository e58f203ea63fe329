/** The static types of arrays and of their computed values. */
import { describe, expectTypeOf, test } from 'vitest'
import * as da from '../../../collections/array/index.js'

describe('types', () => {
  const f = da.fromArray([1, 2])
  const i = da.fromArray(new Int32Array(2))
  const flags = f.gt(1)

  test('dtypes are followed through operations', () => {
    expectTypeOf(f).toEqualTypeOf<da.ChunkedArray<'float64'>>()
    expectTypeOf(i.add(i)).toEqualTypeOf<da.ChunkedArray<'int32'>>()
    expectTypeOf(i.add(f)).toEqualTypeOf<da.ChunkedArray<'float64'>>()
    expectTypeOf(i.div(2)).toEqualTypeOf<da.ChunkedArray<'float64'>>()
    expectTypeOf(flags).toEqualTypeOf<da.ChunkedArray<'bool'>>()
    expectTypeOf(da.subtract(1, f)).toEqualTypeOf<da.ChunkedArray<'float64'>>()
    expectTypeOf(
      da.fromArray([1], { dtype: 'uint8' }).astype('float32').sqrt().dtype,
    ).toEqualTypeOf<'float32'>()
    expectTypeOf(da.ones([2], { dtype: 'int64' }).dtype).toEqualTypeOf<'int64'>()
    expectTypeOf(da.arange(3n).dtype).toEqualTypeOf<'int64'>()
    expectTypeOf(da.full([2], true).dtype).toEqualTypeOf<'bool'>()
  })

  test('reductions without axes compute plain values, others chunks', () => {
    expectTypeOf(f.sum().compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(i.sum().compute).returns.resolves.toEqualTypeOf<bigint>()
    expectTypeOf(flags.any().compute).returns.resolves.toEqualTypeOf<boolean>()
    expectTypeOf(da.mean(i).compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(f.sum({ axis: 0 }).compute).returns.resolves.toEqualTypeOf<da.Chunk<'float64'>>()
    expectTypeOf(f.mean().div(f.std().mul(2)).compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(f.sub(f.mean()).compute).returns.resolves.toEqualTypeOf<da.Chunk<'float64'>>()
    expectTypeOf(f.at('1:').compute).returns.resolves.toEqualTypeOf<da.Chunk<'float64'>>()
    expectTypeOf(f.at(0).compute).returns.resolves.toEqualTypeOf<da.Chunk<'float64'> | number>()
    expectTypeOf<Awaited<ReturnType<typeof i.compute>>['data']>().toEqualTypeOf<Int32Array>()
  })

  test('arrays of one dtype are assignable to arrays of any dtype', () => {
    const correlate = (x: da.ChunkedArray, y: da.ChunkedArray) =>
      x.sub(x.mean()).mul(y.sub(y.mean())).mean().div(x.std().mul(y.std()))
    expectTypeOf(correlate(f, i).compute).returns.resolves.toEqualTypeOf<number>()
  })
})
