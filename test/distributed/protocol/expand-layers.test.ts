import { expect, test } from 'vitest'
import type { LayerGraph } from '../../../core/graph/graph.js'
import { makePlan } from '../../../core/graph/planning/make-plan.js'
import { makeLayeredSubmission } from '../../../distributed/client/submission/layered-submission.js'
import { makeSubmission } from '../../../distributed/client/submission/plan-submission.js'
import { SentBundles } from '../../../distributed/client/submission/sent-bundles.js'
import { expandSubmit } from '../../../distributed/protocol/expand-layers.js'
import type { Submit, WireLayer } from '../../../distributed/protocol/index.js'
import { packKeys } from '../../../distributed/protocol/layer-keys.js'
import { unpackString } from '../../../distributed/protocol/packed-strings.js'
import { toFrames } from '../../../distributed/transport/framing.js'
import { da, db } from '../../../index.js'

interface Lazy {
  readonly keys: readonly string[]
  optimize(): LayerGraph
}

const options = () => ({ run: 0, wantsProgress: false, sent: new SentBundles() })

/** Returns, for each key, the task's recipe, the keys of its inputs, and its parameters. */
function tasksOf(submit: Submit): Map<string, unknown> {
  const { keys, inputs, inputStart, params, paramEnd } = submit
  const packed = 'joined' in keys ? keys : packKeys(keys)
  const key = (task: number) => unpackString(packed, task)
  return new Map(
    Array.from(submit.recipeOf, (recipe, task) => {
      const reads = Array.from(inputs.subarray(inputStart[task]!, inputStart[task + 1]!), key)
      const own = params.slice(task === 0 ? 0 : paramEnd[task - 1]!, paramEnd[task]!)
      return [key(task), [submit.recipeTokens[recipe], reads, own]] as const
    }),
  )
}

function layered(collection: Lazy): Submit {
  const { keys } = collection
  const made = makeLayeredSubmission(collection.optimize(), keys, options())
  expect(made).toBeDefined()
  return made!.message
}

const column = da.ones([20, 20], { chunks: 1 })
const cases: [name: string, make: () => Lazy][] = [
  ['a bag', () => db.range(1000, { npartitions: 300 }).map((x) => x + 1)],
  [
    'a bag of data',
    () =>
      db.fromSequence(
        Array.from({ length: 300 }, (_, i) => ({ i })),
        { npartitions: 300 },
      ),
  ],
  ['an array', () => column.add(1)],
  ['an array and its transpose', () => column.add(1).add(column.add(1).T)],
  ['an array and a row', () => column.add(da.ones([20], { chunks: 1 }))],
  [
    'two bags',
    () => {
      const bag = db.range(600, { npartitions: 300 })
      return db.zip(
        bag,
        bag.map((x) => x * 2),
      )
    },
  ],
]

test.each(cases)('%s is expanded to the tasks that a plan lists', (_, make) => {
  const collection = make()
  const expanded = expandSubmit(layered(collection))!
  const plan = makePlan(collection.optimize(), collection.keys)
  const listed = makeSubmission(plan, options()).message
  expect(tasksOf(expanded)).toEqual(tasksOf(listed))
  const keys = 'joined' in expanded.keys ? expanded.keys : packKeys(expanded.keys)
  expect(Array.from(expanded.targets, (task) => unpackString(keys, task))).toEqual(collection.keys)
  expect([...expanded.ranks].toSorted((a, b) => a - b)).toEqual([...expanded.ranks.keys()])
  for (let task = 0; task < expanded.recipeOf.length; task++)
    for (let i = expanded.inputStart[task]!; i < expanded.inputStart[task + 1]!; i++)
      expect(expanded.inputs[i]).toBeLessThan(task)
})

test('a million partitions take a short message', () => {
  const message = layered(db.range(3_000_000, { npartitions: 1_000_000 }).map((x) => x + 1))
  const frames = toFrames({ session: '', number: 0, messages: [message] })
  expect(frames.reduce((sum, frame) => sum + frame.byteLength, 0)).toBeLessThan(10_000)
})

test('a part of a collection, or one with other layers, is not sent as layers', () => {
  const bag = db.range(1000, { npartitions: 300 })
  const { keys } = bag
  expect(makeLayeredSubmission(bag.optimize(), keys.slice(1), options())).toBeUndefined()
  expect(makeLayeredSubmission(bag.optimize(), [...keys].reverse(), options())).toBeUndefined()
  expect(makeLayeredSubmission(bag.map(String).optimize(), keys, options())).toBeUndefined()
  expect(makeLayeredSubmission(bag.sum().optimize(), bag.sum().keys, options())).toBeUndefined()
})

test('invalid layers are refused', () => {
  const good = layered(cases[4]![1]())
  const broken: ((layers: WireLayer[]) => WireLayer[])[] = [
    ([first, ...rest]) => [{ ...first!, numblocks: [-1] }, ...rest],
    ([first, ...rest]) => [{ ...first!, numblocks: [2 ** 30] }, ...rest],
    ([first, ...rest]) => [{ ...first!, inputs: [{ layer: 0, axes: null }] }, ...rest],
    (layers) =>
      layers.map((layer) => ({
        ...layer,
        inputs: layer.inputs.map((input) => ({ ...input, layer: 99 })),
      })),
    (layers) =>
      layers.map((layer) => ({
        ...layer,
        inputs: layer.inputs.map((input) => ({ ...input, axes: [7, 7] })),
      })),
    (layers) => layers.map((layer) => ({ ...layer, params: [{ kind: 'values', values: [] }] })),
  ]
  for (const breakIt of broken)
    expect(expandSubmit({ ...good, layers: breakIt([...good.layers]) })).toBeUndefined()
})
