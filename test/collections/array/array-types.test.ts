/** The static types of arrays and of their computed values. */
import { describe, expect, expectTypeOf, test } from 'vitest'
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
    const [short, unsigned] = [da.ones(2, { dtype: 'int16' }), da.ones(2, { dtype: 'uint16' })]
    const results = {
      add: short.add(unsigned),
      hypot: short.hypot(unsigned),
      sqrt: short.sqrt(),
      div: short.div(short),
      sum: unsigned.sum(0),
      mean: short.mean(),
      flags: flags.floorDivide(flags),
      mixed: da.ones(2, { dtype: 'uint64' }).add(da.ones(2, { dtype: 'int64' })),
    }
    type Dtypes = { [K in keyof typeof results]: (typeof results)[K]['dtype'] }
    const dtypes = Object.fromEntries(Object.entries(results).map(([k, x]) => [k, x.dtype]))
    expect(dtypes as Dtypes).toEqual({
      ...{ add: 'int32', hypot: 'float32', sqrt: 'float32', div: 'float64', sum: 'uint64' },
      ...{ mean: 'float64', flags: 'int8', mixed: 'float64' },
    } satisfies Dtypes)
    expectTypeOf(results.sum.compute).returns.resolves.toEqualTypeOf<da.NDArray<'uint64'>>()
    expectTypeOf(da.arange(3n).dtype).toEqualTypeOf<'int64'>()
    expectTypeOf(da.full([2], true).dtype).toEqualTypeOf<'bool'>()
  })

  test('reductions without axes compute plain values, others chunks', () => {
    expectTypeOf(f.sum().compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(i.sum().compute).returns.resolves.toEqualTypeOf<bigint>()
    expectTypeOf(flags.any().compute).returns.resolves.toEqualTypeOf<boolean>()
    expectTypeOf(da.mean(i).compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(f.sum({ axis: 0 }).compute).returns.resolves.toEqualTypeOf<da.NDArray<'float64'>>()
    expectTypeOf(f.mean().div(f.std().mul(2)).compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(f.sub(f.mean()).compute).returns.resolves.toEqualTypeOf<da.NDArray<'float64'>>()
    expectTypeOf(f.at('1:').compute).returns.resolves.toEqualTypeOf<da.NDArray<'float64'>>()
    expectTypeOf(f.at(0).compute).returns.resolves.toEqualTypeOf<da.NDArray<'float64'> | number>()
    expectTypeOf<Awaited<ReturnType<typeof i.compute>>['data']>().toEqualTypeOf<Int32Array>()
  })

  test('reductions with an axis and options compute what both say', () => {
    type C = da.NDArray<'float64'>
    const either = true as boolean
    expectTypeOf(f.sum(0, { keepdims: true }).compute).returns.resolves.toEqualTypeOf<C>()
    expectTypeOf(f.std(0, { ddof: 1 }).compute).returns.resolves.toEqualTypeOf<C>()
    expectTypeOf(da.sum(f, 0, { keepdims: true }).compute).returns.resolves.toEqualTypeOf<C>()
    expectTypeOf(da.std(f, [0], { ddof: 1 }).compute).returns.resolves.toEqualTypeOf<C>()
    expectTypeOf(f.sum(null, { keepdims: true }).compute).returns.resolves.toEqualTypeOf<C>()
    expectTypeOf(f.sum(null, { splitEvery: 2 }).compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(f.sum({ axis: null }).compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(f.sum({ keepdims: false }).compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(f.sum({ axis: 0, keepdims: false }).compute).returns.resolves.toEqualTypeOf<C>()
    expectTypeOf(da.argmax(i, 0, { keepdims: true }).dtype).toEqualTypeOf<'int64'>()
    const unknown = f.sum({ keepdims: either })
    expectTypeOf(unknown.compute).returns.resolves.toEqualTypeOf<C | number>()
    expectTypeOf(f.any(null, { keepdims: either }).compute).returns.resolves.toEqualTypeOf<
      da.NDArray<'bool'> | boolean
    >()
  })

  test('surplus arguments and options of other operations do not compile', () => {
    const refused = () => {
      // @ts-expect-error several axes are given as a list
      f.mean(0, 1)
      // @ts-expect-error ravel takes no options
      f.ravel({ order: 'F' })
      // @ts-expect-error there is no such rule of casting
      f.astype('int32', { casting: 'strict' })
      // @ts-expect-error clip takes two limits
      f.clip(0, 1, {})
      // @ts-expect-error a promise is no array
      da.stack([f, Promise.resolve(f)])
    }
    expect(refused).toThrow(TypeError)
    expectTypeOf(f.astype('int32', { casting: 'unsafe' }).dtype).toEqualTypeOf<'int32'>()
  })

  test('arrays of one dtype are assignable to arrays of any dtype', () => {
    const correlate = (x: da.ChunkedArray, y: da.ChunkedArray) =>
      x.sub(x.mean()).mul(y.sub(y.mean())).mean().div(x.std().mul(y.std()))
    expectTypeOf(correlate(f, i).compute).returns.resolves.toEqualTypeOf<number | da.Complex>()
    const real = (x: da.ChunkedArray<'float64' | 'int32'>) => x.mean().div(x.std())
    expectTypeOf(real(i).compute).returns.resolves.toEqualTypeOf<number>()
  })

  test('complex arrays have real magnitudes, parts and deviations', () => {
    const z = da.fromArray([{ re: 1, im: 2 }])
    expectTypeOf(z).toEqualTypeOf<da.ChunkedArray<'complex128'>>()
    expectTypeOf(z.add(f)).toEqualTypeOf<da.ChunkedArray<'complex128'>>()
    expectTypeOf(z.astype('complex64').abs()).toEqualTypeOf<da.ChunkedArray<'float32'>>()
    expectTypeOf([z.real, z.imag, da.angle(z)]).items.toEqualTypeOf<da.ChunkedArray<'float64'>>()
    expectTypeOf(f.mul({ re: 0, im: 1 }).sum().compute).returns.resolves.toEqualTypeOf<da.Complex>()
    expectTypeOf(z.std().compute).returns.resolves.toEqualTypeOf<number>()
  })
})
