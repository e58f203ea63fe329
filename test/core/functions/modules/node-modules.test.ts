/** Modules of Node that an object holds as a whole are sent by name, whatever was captured before. */
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { capture } from '../../../../core/capture.js'
import { BundleStore, bundles, decode, encode, Functions } from '../../../../core/codec/index.js'
import { tokenize } from '../../../../core/graph/tokenize.js'

const require = createRequire(import.meta.url)

test.each(['crypto', 'path', 'os', 'util', 'fs', 'zlib', 'url'])('%s', async (name) => {
  const module = require(`node:${name}`) as object
  const deps = { [name]: module }
  const fn = (key: string) => Object.keys(deps[key]!).length
  const { token } = capture(fn)
  const store = new BundleStore()
  for (const needed of bundles.closure([token])) store.add(needed, bundles.get(needed)!)
  const there = new Functions(store)
  await there.prepare([token])
  expect((there.lookup(token) as typeof fn)(name)).toBe(Object.keys(module).length)
})

test.each(['crypto', 'path', 'os', 'util', 'fs', 'zlib', 'url'])('in a value: %s', (name) => {
  const module = require(`node:${name}`) as object
  const encoded = encode({ deps: { [name]: module }, list: [module] })
  expect(encoded.head.byteLength).toBeLessThan(200)
  expect(decode(encoded)).toEqual({ deps: { [name]: module }, list: [module] })
  expect(tokenize({ module })).toBe(tokenize({ module }))
})

test('objects that hold functions of their own are no modules', () => {
  const functions = { a: () => 1, b: () => 2, c: () => 3, d: () => 4 }
  const back = decode(encode(functions)) as typeof functions
  expect(back).not.toBe(functions)
  expect(back.d()).toBe(4)
})
