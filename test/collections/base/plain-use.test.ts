/** Lazy values that are used as if they were computed. */
import { deepStrictEqual } from 'node:assert'
import { format, inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import * as db from '../../../collections/bag/index.js'
import { delayed } from '../../../collections/base/delayed.js'
import { getSync } from '../../../core/run/get-sync.js'

const x = da.ones([2, 3])
const bag = db.range(4, { npartitions: 2 })
const item = bag.sum()
const call = delayed((n: number) => [n])(1)

const lazyValues = [
  ['lazy array', x, 'await x.compute()'],
  ['lazy array', x.sum(), 'await x.compute()'],
  ['masked array', da.ma.maskedGreater(x, 1), 'await x.compute()'],
  ['lazy bag', bag, 'await bag.compute()'],
  ['lazy item', item, 'await item.compute()'],
  ['delayed value', call, 'await value.compute()'],
] as const

describe.each(lazyValues)('a %s: %s', (kind, lazy, compute) => {
  // Typed loosely, as JavaScript is: the compiler refuses most of these uses.
  const value = lazy as unknown as number & { length: number } & number[]
  const error = (problem: string, instead = '') =>
    new TypeError(
      `a ${kind} ${problem}: ${lazy.toString()} is not computed yet; write ${instead}${compute}`,
    )

  test.each([
    ['+x', () => +value],
    ['x > 1', () => value > 1],
    ['x + 1', () => value + 1],
    ['x * 2', () => value * 2],
    // biome-ignore lint/suspicious/noDoubleEquals: the conversion is what is tested
    ['x == 1', () => value == 1],
    ['Math.max', () => Math.max(value, 1)],
    ['Number', () => Number(value)],
  ])('is no number: %s', (_, use) => {
    expect(use).toThrow(error('cannot be used as a number'))
  })

  test.each([
    ['a template string', () => `${value}`],
    ['String', () => String(value)],
    ['join', () => [value].join()],
    ['a property name', () => ({})[value as unknown as string]],
  ])('is no string: %s', (_, use) => {
    expect(use).toThrow(error('cannot be used as a string'))
  })

  test('is not written as JSON, alone or inside other values', () => {
    for (const use of [value, [value], { value }]) {
      expect(() => JSON.stringify(use)).toThrow(error('cannot be written as JSON'))
    }
  })

  test('has no length and no elements', () => {
    expect(() => value.length).toThrow(`a ${kind} has no length: ${lazy.toString()} is not`)
    expect(() => value[0]).toThrow(`a ${kind} has no element [0]: ${lazy.toString()} is not`)
    expect(() => {
      value[0] = 1
    }).toThrow(`a ${kind} cannot be changed, so '0' cannot be assigned; operations return new ones`)
  })

  test.each([
    ['[...x]', () => [...value]],
    ['f(...x)', () => Math.max(...value)],
    [
      'for of',
      () => {
        for (const item of value) return item
      },
    ],
    [
      'const [a] = x',
      () => {
        const [a] = value
        return a
      },
    ],
    ['Array.from', () => Array.from(value)],
    ['new Set', () => new Set(value)],
    ['new Map', () => new Map(value as unknown as [])],
    ['new Float64Array', () => new Float64Array(value)],
  ])('is not iterable: %s', (_, use) => {
    const instead = kind === 'lazy bag' ? 'for await (const item of bag), or ' : ''
    expect(use).toThrow(error('is not iterable', instead))
  })

  test('is not iterable: Promise.all', async () => {
    await expect(Promise.all(value)).rejects.toThrow(`a ${kind} is not iterable`)
  })

  test('is printed, compared, resolved and computed as before', async () => {
    expect(inspect(value)).toBe(lazy.toString())
    expect(inspect([value])).toContain(lazy.toString())
    expect(format('%o', 1, value)).toContain(lazy.toString())
    expect(inspect(value, { customInspect: false, depth: 0, showHidden: true })).toContain('layer')
    expect(value).toEqual(value)
    expect({ value }).toEqual({ value })
    expect(value).not.toEqual([1])
    deepStrictEqual(value, value)
    expect(await Promise.resolve(value)).toBe(value)
    expect(Object.keys(value)).not.toContain('length')
    expect(await lazy.compute({ get: getSync })).toBeDefined()
    expect(value ? 'true' : 'false').toBe('true')
  })

  test('is described in the message of a failing comparison', () => {
    const compare = () => expect([value]).toEqual([1])
    expect(compare).toThrow('to deeply equal [ 1 ]')
  })
})

test('errors name a shorter way where there is one', () => {
  const loose = (value: unknown) => value as unknown[]
  expect(() => loose(x).length).toThrow('write x.size or x.shape, or await x.compute()')
  expect(() => loose(x)[0]).toThrow('write x.at(0), or await x.compute()')
  expect(() => loose(x).at).not.toThrow()
  expect(() => loose(bag).length).toThrow(
    'write await bag.count().compute(), or await bag.compute()',
  )
  expect(() => loose(bag)[1]).toThrow('write await bag.take(1), or await bag.compute()')
  expect(() => loose(call)[0]).toThrow('write value.at(0), or await value.compute()')
  expect(() => loose(item)[0]).toThrow('is not computed yet; write await item.compute()')
})

test('options and arguments that do not exist are refused by all collections', async () => {
  const wrong = bag as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
  await expect(wrong.compute!({}, 1)).rejects.toThrow('compute takes one argument')
  await expect(wrong.persist!({}, { get: getSync })).rejects.toThrow("there is no option 'get'")
  await expect(wrong.visualize!({ file: 'x.svg' })).rejects.toThrow(
    "visualize: there is no option 'file'; the options are filename, format, optimize",
  )
  await expect(wrong.visualize!('x.svg')).rejects.toThrow('visualize: options must be an object')
  const loose = { at: call.at, delayed } as unknown as Record<string, (...args: unknown[]) => void>
  expect(() => loose.at!.call(call, 0, 1)).toThrow("at takes one argument, as in value.at('name')")
  expect(() => loose.delayed!(1, {}, 2)).toThrow('delayed takes 2 arguments, as in delayed(fn, opt')
  expect(() => wrong.optimize!(true)).toThrow('optimize takes no arguments')
})

describe('options after all parameters of a function are refused:', () => {
  const options = { retries: 3 }

  test.each([
    ['map', () => bag.map((n) => n, options)],
    ['filter', () => bag.filter((n) => n > 0, options)],
    ['remove', () => bag.remove((n) => n > 0, options)],
    ['mapPartitions', () => bag.mapPartitions((part) => part, options)],
  ])('%s', (name, use) => {
    expect(use).toThrow(
      `${name}: the function has no parameter for an object { retries }; arguments after the function are passed on to it`,
    )
  })

  test('a delayed call', () => {
    const double = delayed((n: number) => n * 2) as (...args: unknown[]) => unknown
    expect(() => double(1, options)).toThrow(
      'delayed: delayed has no parameter for an object { retries }; options come first',
    )
  })

  test('but objects for which there is a parameter, rest or arguments are passed on', async () => {
    const rest = delayed((...all: { by: number }[]) => all.length)
    expect(await rest({ by: 1 }, { by: 2 }).compute()).toBe(2)
    const times = (n: number, { by }: { by: number } = { by: 1 }) => n * by
    const one = bag.map(times as (n: number, by: unknown) => number, { by: 3 })
    expect(await one.compute()).toEqual([0, 3, 6, 9])
  })
})
