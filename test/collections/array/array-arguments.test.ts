/** Arguments that are refused when an operation is called. */

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import * as db from '../../../collections/bag/index.js'
import { delayed } from '../../../collections/base/delayed.js'
import { list } from './array-support.js'

describe('unknown options are refused', () => {
  const x = da.ones([2, 3])
  const options = (wrong: object) => wrong as never
  const refused: readonly (readonly [call: () => unknown, name: string, known: string])[] = [
    [() => x.sum(options({ keepDims: true })), 'keepDims', 'axis, keepdims, splitEvery'],
    [() => x.sum(options({ axes: 0 })), 'axes', 'axis, keepdims, splitEvery'],
    [() => x.sum({ ddof: 1 }), 'ddof', 'axis, keepdims, splitEvery'],
    [() => da.var(x, options({ dof: 1 })), 'dof', 'axis, keepdims, splitEvery, ddof'],
    [() => da.ones(5, options({ chunk: 2 })), 'chunk', 'chunks, dtype'],
    [() => da.ones(5, options({ dtpye: 'int32' })), 'dtpye', 'chunks, dtype'],
    [() => da.full(5, 1, options({ type: 'int32' })), 'type', 'chunks, dtype'],
    [() => da.fromArray([1], options({ size: 1 })), 'size', 'chunks, dtype, shape'],
    [() => da.arange(5, options({ chunk: 1 })), 'chunk', 'chunks, dtype'],
    [() => da.linspace(0, 1, 5, options({ endPoint: 1 })), 'endPoint', 'chunks, dtype, endpoint'],
    [() => da.eye(5, options({ M: 1 })), 'M', 'chunks, dtype, columns, k'],
    [() => da.random.random(2, options({ sedd: 1 })), 'sedd', 'chunks, seed'],
    [() => da.random.uniform(2, options({ max: 1 })), 'max', 'chunks, seed, low, high'],
    [() => da.random.normal(2, options({ mean: 1 })), 'mean', 'chunks, seed, loc, scale'],
    [() => da.random.integers(2, options({ hi: 1 })), 'hi', 'chunks, seed, low, high'],
    [() => da.concatenate([x, x], options({ axes: 1 })), 'axes', 'axis'],
    [() => da.stack([x, x], options({ dim: 1 })), 'dim', 'axis'],
    [() => x.mapBlocks((b) => b, options({ type: 'bool' })), 'type', 'chunks, dtype'],
    [
      () => da.histogram(x, options({ bins: 2, rnage: [0, 1] })),
      'rnage',
      'bins, range, density, weights',
    ],
  ]

  test.each(refused)('%s: %s', (call, name, known) => {
    expect(call).toThrow(`there is no option '${name}'; the options are ${known}`)
  })

  test('ddof is checked, and valid options are accepted', async () => {
    expect(() => x.var({ ddof: NaN })).toThrow(/var: ddof must be a finite number; got NaN/)
    expect(await list(x.var({ ddof: 1, axis: 0, keepdims: true, splitEvery: 2 }))).toEqual([
      [0, 0, 0],
    ])
    expect(await list(da.stack([da.ones(1), da.zeros(1)], { axis: 1 }))).toEqual([[1, 0]])
  })
})

describe('invalid arguments are refused at the call', () => {
  const x = da.ones([2, 3], { dtype: 'int32' })

  test.each([
    [() => x.rechunk([undefined, 1] as never), /rechunk: chunks of axis 0 must be.*got undefined/],
    [() => x.rechunk([undefined] as never), /rechunk: chunks of axis 0 must be.*got undefined/],
    [() => x.rechunk(undefined as never), /rechunk: give the chunks/],
    [() => x.rechunk('big' as never), /rechunk: chunks must be a size.*got "big"/],
    [() => x.pow(-1), /power: an integer to a negative integer power \(-1\) is not/],
    [() => x.astype('uint8').pow(-2), /negative integer power \(-2\)/],
    [() => da.power(5n, x).add(x.pow(-1n)), /negative integer power \(-1\)/],
    [() => da.evaluate('x^-1', { x }), /negative integer power \(-1\)/],
    [() => da.evaluate('2 + x^n', { x, n: -3 }), /negative integer power \(-3\)/],
  ])('%s', (call, message) => {
    expect(call).toThrow(message)
  })

  test('other powers are accepted', async () => {
    expect(await list(da.fromArray([2]).pow(-1))).toEqual([0.5])
    expect(await list(da.full(1, 4n).pow(-0.5))).toEqual([0.5])
    expect(await list(da.power(-1, da.full(2, 3n)))).toEqual([-1n, -1n])
  })

  test('messages summarize arrays', () => {
    const y = da.ones([9, 3], { chunks: [2, -1] })
    expect(y.toString()).toBe(
      'ChunkedArray<float64, shape [9, 3], chunks [[2, 2, 2, ... (5)], [3]]>',
    )
    expect(inspect({ y })).toContain('ChunkedArray<float64')
    expect(() => db.range(2).product(x as never)).toThrow(
      'got ChunkedArray<int32, shape [2, 3], chunks [[2], [3]]>',
    )
    expect(() => x.add(db.range(2) as never)).toThrow(
      /add: Bag<range-\w+, 2 partitions> is neither/,
    )
    expect(() => x.add([x] as never)).toThrow('add: ["ChunkedArray<int32,')
    expect(() => x.astype({ x } as never)).toThrow('astype: {"x":"ChunkedArray<int32,')
    expect(() => x.astype([[[[[1]]]], 2n] as never)).toThrow('astype: [[[["..."]]],"2n"] is not')
  })
})

describe('reductions take an axis, options, or an axis and then options', () => {
  const x = da.fromArray([
    [1, 2],
    [3, 5],
  ])

  test('methods and functions give the same values', async () => {
    expect(await list(x.sum(0, { keepdims: true }))).toEqual([[4, 7]])
    expect(x.sum(0, { keepdims: true }).shape).toEqual([1, 2])
    expect(await list(da.sum(x, 0, { keepdims: true }))).toEqual([[4, 7]])
    expect(await list(x.std(0, { ddof: 1 }))).toEqual([Math.SQRT2, 3 / Math.SQRT2])
    expect(await list(da.std(x, 0, { ddof: 1 }))).toEqual([Math.SQRT2, 3 / Math.SQRT2])
    expect(await list(x.var([0, 1], { ddof: 1 }))).toBeCloseTo(35 / 12, 12)
    expect(await list(x.sum(null, { keepdims: true }))).toEqual([[11]])
    expect(await list(x.sum(undefined, { keepdims: true }))).toEqual([[11]])
    expect(await list(x.sum({ axis: null, keepdims: true }))).toEqual([[11]])
    expect(await list(x.sum(0, undefined))).toEqual([4, 7])
    expect(await list(x.mean([0, 1]))).toBe(2.75)
  })

  test('of all kinds', async () => {
    const functions = { ...da }
    const names = ['sum', 'prod', 'mean', 'var', 'std', 'min', 'max', 'any', 'all'] as const
    for (const name of [...names, 'argmin', 'argmax'] as const) {
      const expected = await list(x[name]({ axis: 1, keepdims: true, splitEvery: 2 }))
      const options = { keepdims: true, splitEvery: 2 } as const
      expect(await list(x[name](1, options)), name).toEqual(expected)
      expect(await list(functions[name](x, 1, options)), name).toEqual(expected)
      expect(x[name](1, options).name, name).toBe(x[name]({ axis: 1, ...options }).name)
    }
  })
})

describe('surplus arguments and options that do not exist are refused at the call, by name', () => {
  type Loose = Record<string, (...args: unknown[]) => unknown>
  const array = da.fromArray([
    [1, 2],
    [3, 5],
  ])
  const x = array as unknown as Loose
  const loose = da as unknown as Loose
  const random = da.random as unknown as Loose

  const refused: readonly (readonly [call: () => unknown, message: string])[] = [
    [() => x.mean!(0, 1), 'mean: several axes are given as a list; write x.mean([0, 1])'],
    [
      () => loose.mean!(x, 0, 1),
      'mean: several axes are given as a list; write da.mean(x, [0, 1])',
    ],
    [() => x.sum!(0, true), 'sum: options must be an object such as { keepdims: ... }, got true'],
    [() => x.sum!(0, { ddof: 1 }), "sum: there is no option 'ddof'; the options are keepdims, s"],
    [() => x.min!(0, { dtype: 'int32' }), "min: there is no option 'dtype'"],
    [() => x.sum!(0, { axis: 1 }), 'sum: axis is given twice, before the options and in them'],
    [
      () => x.sum!({ axis: 0 }, { keepdims: true }),
      'sum: options come last; the first of two arguments must be an axis or a list of axes, got {"axis":0}',
    ],
    [
      () => x.sum!([0], {}, 2),
      'sum takes 2 arguments, as in x.sum(axis, { keepdims: true }); got 3, surplus: 2',
    ],
    [() => loose.sum!(x, 0, {}, { out: 1 }), "sum: there is no option 'out' here"],
    [() => x.ravel!({ order: 'F' }), "ravel: there is no option 'order' here; write x.ravel()"],
    [() => x.astype!('int32', { copy: false }), "astype: there is no option 'copy'"],
    [() => x.clip!(0, 1, { out: 1 }), "clip: there is no option 'out' here; write x.clip(low,"],
    [() => loose.clip!(x, 0, 1, 2), 'clip takes 3 arguments, as in da.clip(x, low, high); got 4'],
    [() => x.clip!({ min: 0 }), 'clip: {"min":0} is neither an array nor a number'],
    [() => x.matmul!(x, { axes: 1 }), "matmul: there is no option 'axes' here; write x.matmul("],
    [() => x.dot!(x, 3), 'dot takes one argument, as in x.dot(other); got 2, surplus: 3'],
    [() => loose.matmul!(x, x, 3), 'matmul takes 2 arguments, as in da.matmul(x, y); got 3'],
    [() => x.transpose!(1, 0, { a: 1 }), "transpose: there is no option 'a' here"],
    [() => x.transpose!([1, 0], 5), 'transpose takes one argument, as in transpose(2, 3) or'],
    [() => x.transpose!({ axes: [1, 0] }), "transpose: there is no option 'axes' here"],
    [() => loose.transpose!(x, { axes: [1, 0] }), "transpose: there is no option 'axes' here"],
    [() => loose.transpose!(x, 1, 0), 'transpose takes 2 arguments, as in da.transpose(x, [1, 0])'],
    [() => x.reshape!([4], { order: 'F' }), "reshape: there is no option 'order' here"],
    [() => x.reshape!(2, 2, { order: 'F' }), "reshape: there is no option 'order' here"],
    [() => loose.reshape!(x, [4], { order: 'F' }), "reshape: there is no option 'order' here"],
    [() => x.add!(1, 2), 'add takes one argument, as in x.add(other); got 2, surplus: 2'],
    [() => x.sub!(1, { out: 1 }), "sub: there is no option 'out' here; write x.sub(other)"],
    [() => x.sqrt!(1), 'sqrt takes no arguments, as in x.sqrt(); got 1, surplus: 1'],
    [() => x.not!({ where: x }), "not: there is no option 'where' here; write x.not()"],
    [() => x.round!(1, 2), 'round takes one argument, as in x.round(decimals); got 2'],
    [() => loose.add!(x, 1, 2), 'add takes 2 arguments, as in da.add(x, y); got 3, surplus: 2'],
    [() => loose.sqrt!(x, { dtype: 'f4' }), "sqrt: there is no option 'dtype' here"],
    [() => loose.round!(x, 1, 2), 'round takes 2 arguments, as in da.round(x, decimals)'],
    [() => loose.where!(x, 1), 'where takes'],
    [() => loose.zeros!(2, {}, 1), 'zeros takes 2 arguments, as in da.zeros(shape, options)'],
    [() => loose.ones!(2, 3), 'ones: options must be an object such as { chunks: ... }, got 3'],
    [() => loose.full!(2, 3, {}, 1), 'full takes 3 arguments'],
    [() => loose.eye!(2, 3, 4), 'eye: options must be an object'],
    [() => loose.eye!(2, {}, 3), 'eye: options come last'],
    [() => loose.eye!(2, 3, {}, 4), 'eye takes 3 arguments, as in da.eye(rows, columns, { k })'],
    [() => loose.fromArray!([1], {}, 'int32'), 'fromArray takes 2 arguments'],
    [() => loose.fromDelayed!(1, {}, 1), 'fromDelayed takes 2 arguments'],
    [() => loose.arange!(0, 1, 2, 3), 'arange: expected stop, or start and stop, or start, stop'],
    [() => loose.arange!(3, null), 'arange: expected finite numbers; got null'],
    [() => loose.linspace!(0, 1, { num: 5 }), 'linspace: count must be a whole number'],
    [() => loose.linspace!(0, 1, 5, {}, 1), 'linspace takes 4 arguments'],
    [() => loose.linspace!(0, 1, 5, { endpoint: 0 }), 'linspace: endpoint must be true or false'],
    [() => random.random!(2, {}, 1), 'random.random takes 2 arguments'],
    [() => random.uniform!(0, 1, 5), 'random.uniform takes 2 arguments'],
    [
      () => random.normal!(0, 1, [5]),
      'random.normal takes 2 arguments, as in da.random.normal(shape, options); got 3, surplus: an array of 1',
    ],
    [() => random.integers!(0, 9, { size: 2 }), "random.integers: there is no option 'size' here"],
    [() => loose.concatenate!([x, x], 0, 1), 'concatenate takes 2 arguments'],
    [() => loose.stack!([x, x], { axis: null }), 'stack: the axis must be a number; got null'],
    [() => loose.stack!([x, x], 0, { out: x }), "stack: there is no option 'out' here"],
    [() => loose.histogram!(x, 10, [0, 1]), 'histogram takes 2 arguments'],
    [() => loose.histogram!(x, 10), 'histogram: options must be an object'],
    [
      () => loose.histogram!(x, { bins: [0, 1], range: [0, 1] }),
      'histogram: range is for a number of bins; with a list of edges, leave it out',
    ],
    [() => loose.evaluate!('x + 1', { x }, 1), 'evaluate takes 2 arguments'],
    [() => x.toDelayed!({ optimize: 1 }), "toDelayed: there is no option 'optimize' here"],
  ]

  test.each(refused)('%s', (call, message) => {
    expect(call).toThrow(message)
  })

  test('undefined at the end does not count', async () => {
    expect(await list(x.add!(1, undefined) as da.ChunkedArray)).toEqual([
      [2, 3],
      [4, 6],
    ])
    expect(x.ravel!(undefined)).toBeInstanceOf(da.ChunkedArray)
    expect(loose.sqrt!(x, undefined)).toBeInstanceOf(da.ChunkedArray)
    expect(x.transpose!(undefined)).toBeInstanceOf(da.ChunkedArray)
  })

  test('functions as callbacks of list methods get advice', () => {
    const call = (fn: unknown) => () => [array].map(fn as (x: unknown) => unknown)
    expect(call(da.sqrt)).toThrow(
      'sqrt takes one argument, as in da.sqrt(x); got 3, surplus: 0, an array of 1; as a callback write (x) => da.sqrt(x)',
    )
    expect(call(da.sum)).toThrow('; as a callback write (x) => da.sum(x)')
    expect(call(da.transpose)).toThrow('; as a callback write (x) => da.transpose(')
    expect([array].map((x) => da.sqrt(x))[0]!.shape).toEqual([2, 2])
  })
})

test('astype converts by the rules of casting', async () => {
  const from = (dtype: da.Dtype) => da.ones(1, { dtype })
  const allowed = (casting: 'no' | 'equiv' | 'safe' | 'same_kind' | 'unsafe') => {
    const dtypes = ['bool', 'uint8', 'int32', 'int64', 'float32', 'float64'] as const
    const can = (a: da.Dtype, b: da.Dtype) => {
      try {
        return from(a).astype(b, { casting }).dtype === b ? 1 : 0
      } catch {
        return 0
      }
    }
    return dtypes.map((a) => dtypes.map((b) => can(a, b)).join(''))
  }
  // numpy.can_cast(a, b, casting), a row for each a.
  const same = ['100000', '010000', '001000', '000100', '000010', '000001']
  expect(allowed('no')).toEqual(same)
  expect(allowed('equiv')).toEqual(same)
  expect(allowed('safe')).toEqual(['111111', '011111', '001101', '000101', '000011', '000001'])
  expect(allowed('same_kind')).toEqual([
    ...['111111', '011111', '001111', '001111', '000011', '000011'],
  ])
  expect(allowed('unsafe')).toEqual(new Array(6).fill('111111'))
  expect(() => from('float64').astype('int32', { casting: 'safe' })).toThrow(
    "astype: casting 'safe' does not allow float64 to become int32",
  )
  expect(() => from('bool').astype('int32', { casting: 'strict' as never })).toThrow(
    /casting must be one of 'no', 'equiv', 'safe', 'same_kind', 'unsafe'; got "strict"/,
  )
  expect(await list(da.fromArray([1.5]).astype('int32', { casting: 'unsafe' }))).toEqual([1])
})

describe('values that are no arrays are named, with what to do', () => {
  const x = da.ones(3)
  const promise = Promise.resolve(x)

  test.each<[() => unknown, string]>([
    [
      () => da.stack([x, promise as never]),
      'stack: item 1 of the list must be an array; got a promise; write await before it',
    ],
    [() => x.add(promise as never), 'add: a promise is neither an array nor a number'],
    [() => da.matmul(x, promise as never), 'matmul: expected an array; got a promise; write await'],
    [() => x.mul([1, 2] as never), 'make it an array with da.fromArray first'],
    [
      () => x.add(delayed(1) as never),
      'make it an array with da.fromDelayed(value, { shape, dtype }) first',
    ],
    [() => x.at(x), 'at: ChunkedArray<float64, shape [3], chunks [[3]]> is not an index; use'],
    [() => x.at(x.sum().gt(0), 0), 'at: a boolean without axes must be the only entry of an index'],
    [() => x.at(da.ones(2).gt(0)), 'at: a mask of shape [2] does not fit the axes from 0 on'],
    [() => x.at([true, false]), 'at: a mask of shape [2] does not fit the axes from 0 on'],
    [() => x.at(delayed(1) as never), 'only lazy arrays of integers or booleans can'],
    [() => x.at(da.NDArray.zeros('float64', [3])), 'is not an index'],
    [
      () => new da.Array([1, 2] as never),
      'an array is not made with new; write da.fromArray(values), da.zeros(shape) or another',
    ],
  ])('%s', (call, message) => {
    expect(call).toThrow(message)
  })
})
