/** Arguments too many, and options that do not exist, of the core's public functions. */
import { expect, test } from 'vitest'
import * as core from '../../core/index.js'

const graph = core.toGraph({ x: 1 })
const layers = core.LayerGraph.of()
const body = () => 1
const type = { class: class Point {}, encode: () => 0, decode: () => ({}) }

const calls: [name: keyof typeof core, args: unknown[]][] = [
  ['getSync', [{ x: 1 }, 'x', {}]],
  ['getThreads', [{ x: 1 }, 'x', {}]],
  ['setGet', [undefined]],
  ['withGet', [core.getSync, body]],
  ['annotate', [{ retries: 1 }, body]],
  ['expression', ['x + 1']],
  ['registerType', ['Point', type]],
  ['toGraph', [{ x: 1 }]],
  ['materialize', [layers]],
  ['dependenciesOf', [graph.get('x')]],
  ['dependentsOf', [graph]],
  ['order', [graph]],
  ['cull', [graph, ['x']]],
  ['fuse', [graph, ['x']]],
  ['inline', [graph, ['x'], {}]],
]

/** The functions as JavaScript sees them: with any arguments. */
const loose: Record<string, (...args: unknown[]) => unknown> = { ...core } as never

test.each(calls)('%s refuses an argument too many', async (name, args) => {
  const fn = loose[name]!
  const run = async (...all: unknown[]) => fn(...all)
  await expect(run(...args, 'more')).rejects.toThrow(
    new RegExp(`^${name} takes .*, as in ${name}\\(.*; got ${args.length + 1}, surplus: "more"$`),
  )
  await run(...args)
})

test('options that do not exist are refused by name', () => {
  expect(() => loose.inline!(graph, ['x'], { maxReader: 1 })).toThrow(
    "inline: there is no option 'maxReader'; the options are maxReaders",
  )
  expect(() => loose.registerType!('Point', { ...type, encoder: 1 })).toThrow(
    "registerType('Point'): there is no option 'encoder'; the options are class, test, encode",
  )
  expect(() => loose.getSync!({ x: 1 }, 'x', { retry: 1 })).toThrow("there is no option 'retry'")
  expect(() => loose.annotate!({ worker: 'a' }, body)).toThrow("annotate: there is no 'worker'")
})

test('as a callback of map, they say what to write', () => {
  const wrong = ['x + 1'] as readonly unknown[] as string[]
  expect(() => wrong.map(core.expression as never)).toThrow(
    "as a callback write (x) => expression('x + 1')",
  )
})
