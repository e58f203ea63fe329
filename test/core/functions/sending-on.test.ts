/** Received functions can be sent on, with the same results. */
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import * as acorn from 'acorn'
import { expect, test } from 'vitest'
import { capture } from '../../../core/capture.js'
import { BundleStore, bundles, Functions } from '../../../core/codec/index.js'
import { tokenize } from '../../../core/graph/tokenize.js'
import { literal } from '../../../core/index.js'
import { getThreads } from '../../../core/run/threads/get-threads.js'

/** Returns a function as another process would receive it. */
async function sent<F extends Function>(fn: F): Promise<F> {
  const { token } = capture(fn)
  const store = new BundleStore()
  for (const needed of bundles.closure([token])) store.add(needed, bundles.get(needed)!)
  const there = new Functions(store)
  await there.prepare([token])
  return there.lookup(token) as F
}

const own = createRequire(import.meta.url)
const base = {
  n: 1,
  m() {
    return this.n
  },
}
const below = {
  __proto__: base,
  m(): number {
    return super.m() + 1
  },
  up(): () => number {
    return () => super.m() + this.n
  },
  n: 4,
}

const functions: Record<string, () => unknown> = {
  'import.meta': () => [import.meta.url, import.meta.dirname],
  'import of a Node module': async () => (await import('node:path')).sep,
  'import of a package': async () => typeof (await import('acorn')).parse,
  'import of a file': async () =>
    (await import('../../fixtures/functions/sender.mjs')) !== undefined,
  require: () => own('node:path').sep,
  'the arguments around it': (function (..._: unknown[]) {
    // biome-ignore lint/complexity/noArguments: the test is about it
    return () => arguments[0] as unknown
  })(5),
  'super in a method': below.m.bind(below),
  'super in an arrow': below.up(),
}

test.each(Object.keys(functions))(
  'a received function that uses %s can be sent on',
  async (name) => {
    const fn = functions[name]!
    const expected = await fn()
    const there = await sent(fn)
    expect(await there()).toEqual(expected)
    const further = await sent(there)
    expect(await further()).toEqual(expected)
    expect(await (await sent(further))()).toEqual(expected)
  },
)

class Point {
  x = 1
}

test.each<[string, () => unknown]>([
  ['a member of a namespace', () => fs.existsSync('/')],
  ['two members of a namespace', () => [fs.existsSync('/'), fs.constants.F_OK]],
  ['a namespace', () => fs],
  ['a member of the namespace of a package', () => acorn.parse('1', { ecmaVersion: 2020 })],
  ['the namespace of a package', () => acorn],
  ['a class', () => new Point().x],
  ['a global', () => globalThis.process.pid],
  [
    'itself',
    function own(): unknown {
      return own
    },
  ],
])('a function that comes back from a thread has its token: %s', async (_, fn) => {
  const [back] = (await getThreads({ a: literal([fn]), b: [(list: unknown[]) => list, 'a'] }, [
    'b',
  ])) as [unknown]
  const [received] = back as [() => unknown]
  expect(received).not.toBe(fn)
  expect(tokenize(received)).toBe(tokenize(fn))
})
