/** Values that change while they are encoded, and values with unusual prototypes and properties. */
import { describe, expect, test } from 'vitest'
import { NotPortableError } from '../../../../core/base/errors.js'
import {
  BundleStore,
  decode,
  encode,
  Functions,
  registerType,
} from '../../../../core/codec/index.js'
import { tokenize } from '../../../../core/graph/tokenize.js'

const copy = <T>(value: T): T => decode(encode(value)) as T

describe('a getter that changes its container', () => {
  test('adds or removes elements of a list', () => {
    const list: unknown[] = [1]
    list.push(
      {
        get grows() {
          return list.push('late')
        },
      },
      3,
    )
    expect(copy(list)).toEqual([1, { grows: 4 }, 3])
    const shrinking: unknown[] = [1]
    shrinking.push(
      {
        get pops() {
          return (shrinking.length = 2)
        },
      },
      3,
    )
    expect(copy(shrinking)).toHaveLength(3)
  })

  test('adds entries to a Map or a Set', () => {
    const map = new Map<string, unknown>()
    map
      .set('a', {
        get grows() {
          return map.set('late', 1).size
        },
      })
      .set('b', 2)
    expect([...copy(map).keys()]).toEqual(['a', 'b'])
    const set = new Set<unknown>()
    set
      .add({
        get grows() {
          return set.add('late').size
        },
      })
      .add(2)
    expect(copy(set).size).toBe(2)
  })

  test('removes entries, which is refused', () => {
    const map = new Map<string, unknown>()
    map
      .set('a', {
        get shrinks() {
          return map.delete('b')
        },
      })
      .set('b', 2)
    expect(() => encode(map)).toThrow(NotPortableError)
    const set = new Set<unknown>()
    set
      .add({
        get shrinks() {
          return set.delete(2)
        },
      })
      .add(2)
    expect(() => encode(set)).toThrow(/removed entries/)
    expect(copy([1])).toEqual([1])
  })
})

describe('built-in values without a prototype', () => {
  test.each([
    ['an array', () => [1, { a: 1 }, 3], (o: never) => Array.isArray(o)],
    [
      'a long array',
      () => Array.from({ length: 100 }, (_, i) => i),
      (o: never) => Array.isArray(o),
    ],
    ['a Map', () => new Map([[1, 2]]), (o: never) => Map.prototype.get.call(o, 1) === 2],
    ['a Set', () => new Set([1]), (o: never) => Set.prototype.has.call(o, 1)],
    ['a Date', () => new Date(5), (o: never) => Date.prototype.getTime.call(o) === 5],
    ['an error', () => new Error('x'), (o: { message: string }) => o.message === 'x'],
  ])('%s', (_, make, check) => {
    const object = Object.setPrototypeOf(make(), null) as object
    for (const value of [object, Object.freeze(object)]) {
      const back = copy(value)
      expect(Object.getPrototypeOf(back)).toBe(null)
      expect((check as (o: unknown) => boolean)(back)).toBe(true)
      expect(Object.isFrozen(back)).toBe(Object.isFrozen(value))
      expect(tokenize(back)).toBe(tokenize(value))
    }
    expect(tokenize(object)).not.toBe(tokenize(make()))
  })
})

describe('errors', () => {
  test.each([
    ['with a cause', () => new Error('x', { cause: 1 })],
    ['with fields before', () => Object.assign(new TypeError('y'), { b: 1, a: 2 })],
    ['with a name of its own', () => Object.assign(new Error('z'), { name: 'Mine', more: 1 })],
    ['without a message', () => new RangeError()],
    ['of several errors', () => new AggregateError([new Error('a')], 'all')],
  ])('%s keep the order of their properties', (_, make) => {
    const error = make()
    expect(Object.getOwnPropertyNames(copy(error))).toEqual(Object.getOwnPropertyNames(error))
  })
})

describe('objects that every thread has', () => {
  test('are sent by name', () => {
    for (const value of [console, globalThis, process]) {
      expect(copy([value])[0]).toBe(value)
      expect(copy({ value }).value).toBe(value)
      expect(tokenize(value)).toBe(tokenize(value))
    }
  })
})

test('an arguments object has no token, and the error says what to do', () => {
  const take = function (..._: unknown[]) {
    // biome-ignore lint/complexity/noArguments: the object itself is needed
    return arguments
  }
  expect(() => tokenize(take(1))).toThrow(/Array\.from\(arguments\)/)
  expect(() => tokenize({ a: [take(1)] })).toThrow(NotPortableError)
})

test('a type registered by a test is used where a function reads one member', async () => {
  const tag = Symbol.for('test.celsius')
  registerType<{ degrees: number; unit?: string }, number>('Celsius', {
    test: (value) => Object.hasOwn(value, tag),
    encode: (value) => value.degrees,
    decode: (degrees) => ({ degrees, unit: 'C', [Symbol.for('test.celsius')]: true }),
  })
  const value = Object.assign(Object.create(null), { degrees: 5, [tag]: true }) as {
    degrees: number
    unit?: string
  }
  const here = new Functions(new BundleStore())
  const bytes = encode([() => value.unit], { functions: here })
  const there = new Functions(here.store)
  await there.prepare(bytes.bundles)
  const [fn] = decode(bytes, there) as [() => string]
  expect(fn()).toBe('C')
})
