import { expect, test } from 'vitest'
import { fieldsRead } from '../../../../core/functions/source/fields-read.js'

interface Item {
  a: number
  b: { c: number }
  list: number[]
  go(): number
}
const first = (fn: (r: Item) => unknown) => fieldsRead(fn, 0)
const other = (fn: (total: number, r: Item) => unknown) => fieldsRead(fn, 1)

test('the fields that a function reads of an argument are found', () => {
  expect(first((r) => r.a > 1 && r.b.c)).toEqual(['a', 'b'])
  expect(first(({ a, b: { c } }) => a + c)).toEqual(['a', 'b'])
  expect(first(({ a = 1 }) => a)).toEqual(['a'])
  expect(first((r) => ({ total: r.a, r: 1, s: `${r.list}` }))).toBeUndefined()
  expect(first((r) => ({ total: r.a, s: `${r.list}` }))).toEqual(['a', 'list'])
  // biome-ignore lint/complexity/useLiteralKeys: the form is tested
  expect(first((r) => r['a'])).toEqual(['a'])
  expect(first((r) => [1].map((x) => x + r.a))).toEqual(['a'])
  expect(first((r) => r.list.push(1))).toEqual(['list'])
  expect(first(() => 1)).toEqual([])
  expect(other((total, r) => total + r.a)).toEqual(['a'])
  expect(other((total, { a }) => total + a)).toEqual(['a'])
  expect(
    first((r) => {
      let sum = 0
      for (const x of r.list) sum += x
      return sum
    }),
  ).toEqual(['list'])
  expect(
    first(function named(r) {
      return r.a
    }),
  ).toEqual(['a'])
})

test('a function that may use its argument otherwise needs all of it', () => {
  const key = 'a' as const
  const f = (x: unknown) => x
  const wholes: ((r: Item) => unknown)[] = [
    (r) => r,
    (r) => f(r),
    (r) => [r.a, r],
    (r) => r[key],
    (r) => r.go(),
    (r) => 'a' in r,
    (r) => ({ ...r }),
    ({ a, ...rest }) => [a, rest],
    ({ [key]: a }) => a,
    (r) => (r.a = 1),
    (r) => r.a++,
    (r) => {
      ;[r.a] = [1]
    },
    (r) => {
      ;({ x: r.a } = { x: 1 })
    },
    (r) => {
      for (r.a of [1, 2]) f(1)
    },
    (...all) => all[0].a,
    (r = { a: 1 } as Item) => r.a,
    function (r) {
      // biome-ignore lint/complexity/noArguments: the form is tested
      return [r.a, arguments[0]]
    },
    ((r: Item) => r.a).bind(null),
    new Proxy((r: Item) => r.a, {}),
    String,
    (r) => () => r,
    (r) => {
      const copy = r
      return copy.a
    },
    (r) => Reflect.deleteProperty(r, 'a'),
    (r: Partial<Item>) => delete r.a,
    function* (r) {
      yield r.a
    },
  ]
  for (const fn of wholes) expect([String(fn), first(fn)]).toEqual([String(fn), undefined])
  expect(other((total, r) => [total, r])).toBeUndefined()
})
