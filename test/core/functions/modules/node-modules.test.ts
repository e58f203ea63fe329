/** Modules of Node that an object holds as a whole are sent by name, whatever was captured before. */
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { capture } from '../../../../core/capture.js'
import { BundleStore, bundles, Functions } from '../../../../core/codec/index.js'

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
