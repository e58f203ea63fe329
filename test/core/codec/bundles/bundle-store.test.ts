/** How long the store of a thread keeps bundles. */
import { expect, test } from 'vitest'
import { capture } from '../../../../core/capture.js'
import { BundleStore, bundles, cacheLimits, type Encoded } from '../../../../core/codec/index.js'

function encoded(bytes: number, needs: readonly string[] = []): Encoded {
  return { head: new Uint8Array(bytes), buffers: [], bundles: needs }
}

/** Adds small bundles until all former ones are out of the cache. */
function fill(store: BundleStore): void {
  for (let i = 0; i < cacheLimits.count; i++) store.add(`filler-${i}`, encoded(1))
}

/** The bundles that the store keeps by itself, without those that it only finds. */
function kept(store: BundleStore): ReadonlyMap<string, unknown> {
  return (store as unknown as { recent: ReadonlyMap<string, unknown> }).recent
}

test('a store keeps a limited number of bundles, the most recently used ones', () => {
  const store = new BundleStore()
  const first = store.add('first', encoded(1))
  store.add('second', encoded(1))
  for (let i = 2; i < cacheLimits.count; i++) store.add(`other-${i}`, encoded(1))
  store.begin()
  store.touch(first)
  store.end()
  store.add('last', encoded(1))
  expect(kept(store).size).toBe(cacheLimits.count)
  expect([kept(store).has('first'), kept(store).has('second')]).toEqual([true, false])
})

test('a store keeps a limited number of bytes, but always the last bundle', () => {
  const store = new BundleStore()
  for (let i = 0; i < 10; i++) store.add(`large-${i}`, encoded(cacheLimits.bytes / 4))
  expect([...kept(store).keys()]).toEqual(['large-6', 'large-7', 'large-8', 'large-9'])
  store.add('huge', encoded(2 * cacheLimits.bytes))
  expect([...kept(store).keys()]).toEqual(['huge'])
})

test('a list of tokens holds its bundles, and the bundles that those need', () => {
  const store = new BundleStore()
  store.add('inner', encoded(1))
  store.add('outer', encoded(1, ['inner', 'operation:base#sum']))
  const tokens = ['outer']
  store.hold(tokens)
  fill(store)
  expect(kept(store).has('inner')).toBe(false)
  expect(store.closure(tokens)).toEqual(['inner', 'outer'])
  store.within(tokens, () => expect(store.has('outer')).toBe(true))
})

test('bundles that a peer keeps are found for its values and are not kept by the store', () => {
  const store = new BundleStore()
  const known = new Map()
  known.set('inner', store.add('inner', encoded(1), known))
  known.set('outer', store.add('outer', encoded(1, ['inner']), known))
  const tokens = ['outer']
  store.hold(tokens, known)
  known.clear()
  expect(kept(store).size).toBe(0)
  expect(store.closure(tokens)).toEqual(['inner', 'outer'])
})

test('what is used within one use of the store is kept until it ends', () => {
  const store = new BundleStore()
  store.begin()
  for (let i = 0; i < 10; i++) store.add(`large-${i}`, encoded(cacheLimits.bytes))
  const tokens = Array.from({ length: 10 }, (_, i) => `large-${i}`)
  store.hold(tokens)
  store.end()
  expect(kept(store).size).toBe(1)
  expect(store.bundlesOf(tokens)).toHaveLength(10)
})

test('an equal bundle that is still in use is not added again', () => {
  const store = new BundleStore()
  const used = store.add('used', encoded(1))
  fill(store)
  expect(store.add('used', encoded(1))).toBe(used)
})

test('a captured function can be run and sent however many others were captured since', () => {
  const table = [1, 2, 3]
  const captured = capture((i: number) => table[i])
  for (let n = 0; n < cacheLimits.count + 10; n++) capture(() => [n, table])
  expect(bundles.get(captured.token)).toBeDefined()
  expect(captured.local()(1)).toBe(2)
})

test('a turn of the event loop does not pile up small bundles either', () => {
  const store = new BundleStore()
  const tokens = Array.from({ length: 100_000 }, (_, i) => `small-${i}`)
  // A weak reference would keep each of them, with the objects made of it, until the turn ends.
  for (const token of tokens) store.add(token, encoded(70))
  expect(tokens.filter((token) => store.has(token)).length).toBeLessThan(4000)
})
