/** Operations by the positions of items, against plain loops, over partitions of all kinds. */
import { describe, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { delayed } from '../../../collections/base/delayed.js'
import { getSync } from '../../../core/run/get-sync.js'

const sync = { get: getSync }
const letters = [...'abcdefghij']

/** The same ten items in partitions of different lengths, known before they are computed or not. */
const bags: readonly (readonly [string, db.Bag<string>])[] = [
  ['one partition', db.fromSequence(letters, { npartitions: 1 })],
  ['known lengths', db.fromSequence(letters, { npartitions: 4 })],
  ['a partition each', db.fromSequence(letters)],
  ['unknown lengths', db.fromSequence(letters, { npartitions: 3 }).filter(() => true)],
  [
    'empty partitions',
    db.fromDelayed(
      [[], letters.slice(0, 2), [], [], letters.slice(2), []].map((part) => delayed(() => part)()),
    ),
  ],
]
const none = db.fromSequence<string>([])

describe.each(bags)('%s', (_, bag) => {
  test('enumerate and zipWithIndex', async () => {
    const numbered = letters.map((letter, i) => [i, letter])
    expect(await bag.enumerate().compute(sync)).toEqual(numbered)
    expect(await bag.enumerate({ start: -3 }).compute(sync)).toEqual(
      numbered.map(([i, letter]) => [(i as number) - 3, letter]),
    )
    expect(await bag.zipWithIndex().compute(sync)).toEqual(numbered.map(([i, l]) => [l, i]))
    const odd = bag.enumerate().filter(([i]) => i % 2 === 1)
    expect(await odd.map(([, letter]) => letter).compute(sync)).toEqual([...'bdfhj'])
  })

  test('slidingWindow', async () => {
    for (const n of [1, 2, 3, 9, 10, 11, 100]) {
      const windows = letters.slice(0, Math.max(0, 11 - n)).map((__, i) => letters.slice(i, i + n))
      expect(await bag.slidingWindow(n).compute(sync)).toEqual(windows)
    }
  })

  test('head and tail', async () => {
    for (const k of [0, 1, 3, 10, 50]) {
      expect(await bag.head(k, sync)).toEqual(letters.slice(0, k))
      expect(await bag.tail(k, sync)).toEqual(k === 0 ? [] : letters.slice(-k))
    }
    expect(await bag.head(undefined, sync)).toEqual([...'abcde'])
    expect(await bag.tail(undefined, sync)).toEqual([...'fghij'])
  })

  test('samples depend on the seed and not on partitions', async () => {
    const first = bags[0]![1]
    for (const seed of [0, 1, -5, 2 ** 40]) {
      expect(await bag.randomSample(0.4, { seed }).compute(sync)).toEqual(
        await first.randomSample(0.4, seed).compute(sync),
      )
      for (const draw of [db.random.sample, db.random.choices]) {
        expect(await draw(bag, 6, { seed }).compute(sync)).toEqual(
          await draw(first, 6, { seed }).compute(sync),
        )
      }
    }
  })
})

test('a bag without items', async () => {
  expect(await none.enumerate().compute(sync)).toEqual([])
  expect(await none.slidingWindow(2).compute(sync)).toEqual([])
  expect(await none.head(3, sync)).toEqual([])
  expect(await none.tail(3, sync)).toEqual([])
  expect(await db.random.sample(none, 0).compute(sync)).toEqual([])
  expect(await db.random.choices(none, 0).compute(sync)).toEqual([])
  await expect(db.random.choices(none, 1).compute(sync)).rejects.toThrow(/choices: the bag has no/)
})

test('items that were left out are not counted', async () => {
  const bag = db.range(6, { npartitions: 3 }).map(
    (x) => {
      if (x < 3) throw new RangeError('small')
      return x
    },
    { onError: 'skip' },
  )
  expect(await bag.enumerate().compute(sync)).toEqual([
    [0, 3],
    [1, 4],
    [2, 5],
  ])
  expect(bag.toArray().shape).toEqual([Number.NaN])
  expect(await db.random.sample(bag, 3).count().compute(sync)).toBe(3)
})

test('head and tail compute no more partitions than they need', async () => {
  const bag = db.range(1000, { npartitions: 100 }).map((x) => {
    if (x > 25 && x < 970) throw new Error('too far')
    return x
  })
  expect(await bag.head(15, sync)).toEqual(Array.from({ length: 15 }, (_, i) => i))
  expect(await bag.tail(15, sync)).toEqual(Array.from({ length: 15 }, (_, i) => 985 + i))
})

describe('random samples', () => {
  const bag = db.range(1000, { npartitions: 7 })

  test('sample draws different items, choices any', async () => {
    const sampled = await db.random.sample(bag, 1000, { seed: 3 }).compute(sync)
    expect(sampled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(sampled).not.toEqual(Array.from({ length: 1000 }, (_, i) => i))
    const chosen = await db.random.choices(bag, 3000, { seed: 3 }).compute(sync)
    expect(chosen).toHaveLength(3000)
    expect(new Set(chosen).size).toBeGreaterThan(850)
    expect(new Set(chosen).size).toBeLessThan(1000)
    await expect(db.random.sample(bag, 1001).compute(sync)).rejects.toThrow(/only 1000 items/)
  })

  test('every item has the same chance', async () => {
    const counts = new Array<number>(10).fill(0)
    const ten = db.range(10, { npartitions: 3 })
    for (let seed = 0; seed < 600; seed++) {
      const [a, b] = await db.random.sample(ten, 2, { seed }).compute(sync)
      counts[a!]!++
      counts[b!]!++
    }
    // 120 are expected of each; the standard deviation is about 10.
    for (const count of counts) expect(Math.abs(count - 120)).toBeLessThan(50)
    const many = await db.range(100_000, { npartitions: 5 }).randomSample(0.25, 7).compute(sync)
    expect(Math.abs(many.length - 25_000)).toBeLessThan(700)
    const parts = await db.range(100_000).randomSample(0.25, 8).compute(sync)
    expect(parts).not.toEqual(many)
  })

  test('without a seed every call differs', async () => {
    const [a, b] = [db.random.sample(bag, 20), db.random.sample(bag, 20)]
    expect(await a.compute(sync)).not.toEqual(await b.compute(sync))
    expect(await a.compute(sync)).toEqual(await a.compute(sync))
  })
})

const wrong = (fn: () => unknown, message: RegExp) => expect(fn).toThrow(message)

test('wrong arguments are refused at the call', async () => {
  const bag = db.range(4) as never as Record<string, (...args: unknown[]) => unknown>
  wrong(() => bag.enumerate!({ begin: 1 }), /enumerate: there is no option 'begin'/)
  wrong(() => bag.enumerate!({ start: 0.5 }), /enumerate: start must be a whole number/)
  wrong(() => bag.zipWithIndex!(1), /zipWithIndex takes no arguments/)
  wrong(() => bag.slidingWindow!(0), /slidingWindow: n must be a whole number of at least 1/)
  wrong(() => bag.slidingWindow!(2, 3), /slidingWindow takes one argument/)
  await expect(bag.head!(-1)).rejects.toThrow(/head: k must be a whole number/)
  await expect(bag.tail!(2, { gte: 1 })).rejects.toThrow(/no option 'gte'/)
  const random = db.random as never as Record<string, (...args: unknown[]) => unknown>
  wrong(() => random.sample!([1], 1), /random.sample: expected a bag/)
  wrong(
    () => random.choices!(db.range(3), 1, { sed: 1 }),
    /random.choices: there is no option 'sed'/,
  )
  wrong(() => random.sample!(db.range(3), 1, { seed: 'x' }), /the seed must be a whole number/)
  wrong(() => random.sample!(db.range(3), 1.5), /k must be a whole number/)
})
