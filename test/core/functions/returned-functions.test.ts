/** A function that was sent somewhere and came back has the token that it had. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  BundleStore,
  bundles,
  decode,
  decodeResult,
  encode,
  Functions,
  prepare,
} from '../../../core/codec/index.js'
import { tokenize } from '../../../core/graph/tokenize.js'

class Base {
  n = 1
}
class Shape extends Base {
  area() {
    return this.n
  }
}
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
function declared(n: number): number {
  return n < 2 ? 1 : n * declared(n - 1)
}
Object.assign(globalThis, { returnedGlobal: { a: 1 } })
declare const returnedGlobal: { a: number }
const helper = (x: number) => x + 1
const config = { x: 1, y: 2 }

test.each([
  ['a class', () => new Shape().area()],
  ['a class by instanceof', (x: unknown) => x instanceof Shape],
  ['itself', factorial],
  ['itself by its own name', declared],
  ['an import', () => join('a', 'b')],
  ['import()', () => import('node:path')],
  ['import.meta', () => import.meta.url],
  ['a global', () => returnedGlobal.a],
  [
    'a member of globalThis',
    () => (globalThis as unknown as { returnedGlobal: unknown }).returnedGlobal,
  ],
  ['a standard global', (x: number) => Math.max(x, 1)],
  ['another function', (x: number) => helper(helper(x))],
  ['a member of an object', () => config.x],
  [
    'a number',
    (
      (c: number) => () =>
        c
    )(3),
  ],
  ['nothing', () => 1],
] as const)('a function that uses %s', async (_, fn) => {
  const bytes = encode([fn])
  const store = new BundleStore()
  for (const token of bundles.closure(bytes.bundles)) store.add(token, bundles.get(token)!)
  const there = new Functions(store)
  await there.prepare(bytes.bundles)
  const [back] = decode(bytes, there) as [() => unknown]
  expect(there.tokenize([back])).toBe(tokenize(fn))
  const returned = encode([back], { functions: there })
  for (const token of store.closure(returned.bundles)) bundles.add(token, store.get(token)!)
  await prepare(returned.bundles)
  expect(tokenize(...(decodeResult(returned) as unknown[]))).toBe(tokenize(fn))
})
