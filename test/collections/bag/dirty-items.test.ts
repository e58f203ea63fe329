/** Functions that throw for some items: `onError` of `map`, `filter` and `remove`, and what errors tell. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { compute } from '../../../collections/base/compute-together.js'
import { getSync } from '../../../core/run/get-sync.js'

const sync = { get: getSync }
const lines = ['{"a":1}', '{"a":', '', '{"a":2}', 'x', '{"a":3}']
const good = [{ a: 1 }, { a: 2 }, { a: 3 }]
const bad = ['{"a":', '', 'x']

const parse = (line: string): { a: number } => JSON.parse(line)
const folder = mkdtempSync(path.join(tmpdir(), 'skein-dirty-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.each([1, 2, 6])('lines in %i partitions', (npartitions) => {
  const bag = db.fromSequence(lines, { npartitions })

  test('are left out', async () => {
    expect(await bag.map(parse, { onError: 'skip' }).compute(sync)).toEqual(good)
    const chain = bag
      .map(parse, { onError: 'skip' })
      .pluck('a')
      .filter((a) => a > 1)
    expect(await chain.sum().compute(sync)).toBe(5)
  })

  test('are collected', async () => {
    const { items, rejects } = bag.map(parse, { onError: 'collect' })
    const [kept, thrown, count] = await compute(items, rejects, rejects.count(), sync)
    expect(kept).toEqual(good)
    expect(thrown.map(({ item }) => item)).toEqual(bad)
    expect(thrown.every(({ reason }) => /^SyntaxError: .*JSON/.test(reason))).toBe(true)
    expect(count).toBe(3)
    if (npartitions === 1) {
      expect(thrown.map(({ place }) => place)).toEqual(
        [2, 3, 5].map((n) => `item ${n} of the partition`),
      )
    }
  })

  test('filter and remove', async () => {
    const isOdd = (line: string): boolean => (JSON.parse(line) as { a: number }).a % 2 === 1
    const odd = bag.filter(isOdd, { onError: 'collect' })
    expect(await odd.items.compute(sync)).toEqual([lines[0], lines[5]])
    expect(await odd.rejects.pluck('item').compute(sync)).toEqual(bad)
    expect(await bag.filter(isOdd, { onError: 'skip' }).compute(sync)).toEqual([lines[0], lines[5]])
    expect(await bag.remove(isOdd, { onError: 'skip' }).compute(sync)).toEqual([lines[3]])
    const removed = bag.remove(isOdd, { onError: 'collect' })
    expect(await removed.items.compute(sync)).toEqual([lines[3]])
    expect(await removed.rejects.count().compute(sync)).toBe(3)
  })

  test('of asynchronous functions', async () => {
    const later = async (line: string) => JSON.parse(line) as { a: number }
    const { items, rejects } = bag.map(later, { onError: 'collect' })
    expect(await items.compute()).toEqual(good)
    expect(await rejects.pluck('item').compute()).toEqual(bad)
    const promised = (line: string) => Promise.resolve(line).then((l) => JSON.parse(l) as object)
    expect(await bag.map(promised, { onError: 'skip' }).compute()).toEqual(good)
  })

  test('raise an error by default', async () => {
    await expect(bag.map(parse, { onError: 'raise' }).compute(sync)).rejects.toThrow(/in map/)
    await expect(bag.map(parse).compute(sync)).rejects.toThrow(/SyntaxError/)
  })
})

test('rejects of a file tell the file and the line', async () => {
  const file = path.join(folder, 'dirty.jsonl')
  writeFileSync(file, `${lines.join('\n')}\n`)
  for (const blocksize of [undefined, 10]) {
    const read = db.readText(file, blocksize === undefined ? {} : { blocksize })
    const { rejects } = read.map((line) => line).map(parse, { onError: 'collect' })
    const places = await rejects.pluck('place').compute(sync)
    expect(places).toHaveLength(3)
    if (blocksize === undefined) {
      for (const [i, line] of [2, 3, 5].entries())
        expect(places[i]).toMatch(new RegExp(`${line}.*dirty`))
    }
  }
})

test('long chains, and items that are rejected behind flatten', async () => {
  let bag: db.Bag<number> = db.range(10, { npartitions: 2 })
  for (let i = 0; i < 70; i++) bag = bag.map((x) => x)
  const check = (x: number): number => {
    if (x % 3 === 0) throw new RangeError('three')
    return x
  }
  const { items, rejects } = bag.map(check, { onError: 'collect' })
  expect(await items.compute(sync)).toEqual([1, 2, 4, 5, 7, 8])
  expect(await rejects.compute(sync)).toEqual(
    [0, 3, 6, 9].map((item) => ({ item, reason: 'RangeError: three', place: undefined })),
  )
  const flat = db.fromSequence([[1, 2, 3], [6]], { npartitions: 1 }).flatten()
  expect(await flat.map(check, { onError: 'skip' }).compute(sync)).toEqual([1, 2])
  const rejected = flat.map(check, { onError: 'collect' }).rejects.pluck('item')
  expect(await rejected.compute(sync)).toEqual([3, 6])
})

test('values that are no errors, and expressions', async () => {
  const thrown = db.range(1).map(
    () => {
      throw 'oh'
    },
    { onError: 'collect' },
  )
  expect((await thrown.rejects.compute(sync))[0]!.reason).toBe('oh')
  const records = db.fromSequence<object>([{ a: 1 }, { b: 2 }], { npartitions: 1 })
  const { items, rejects } = records.map('a + 1', { onError: 'collect' })
  expect(await items.compute(sync)).toEqual([2])
  expect(await rejects.pluck('item').compute(sync)).toEqual([{ b: 2 }])
})

test('other arguments are passed on, and other values refused', async () => {
  const bag = db.range(2)
  const options = { onError: 'skip', more: 1 }
  expect(await bag.map((x, y) => [x, y.more], options).compute(sync)).toEqual([
    [0, 1],
    [1, 1],
  ])
  expect(() => bag.map((x) => x, { onError: 'ignore' } as never)).toThrow(/onError must be 'raise'/)
  expect(() => bag.map(5 as never, { onError: 'skip' })).toThrow(/fn must be a function/)
})

test('types', () => {
  const bag = db.fromSequence(lines)
  expectTypeOf(bag.map(parse, { onError: 'skip' })).toEqualTypeOf<db.Bag<{ a: number }>>()
  expectTypeOf(bag.map(parse, { onError: 'collect' })).toEqualTypeOf<
    db.ItemsAndRejects<{ a: number }, string>
  >()
  expectTypeOf(bag.map(parse, { onError: 'collect' }).rejects).toEqualTypeOf<
    db.Bag<db.ItemReject<string>>
  >()
  expectTypeOf(bag.filter((l) => l > 'a', { onError: 'skip' })).toEqualTypeOf<db.Bag<string>>()
})

test('starmap leaves out or collects items for which its function throws', async () => {
  const pairs = db.fromSequence<[number, number]>(
    [
      [1, 2],
      [3, 0],
      [4, 2],
    ],
    { npartitions: 2 },
  )
  const divide = (a: number, b: number): number => {
    if (b === 0) throw new RangeError('by zero')
    return a / b
  }
  expect(await pairs.starmap(divide, { onError: 'skip' }).compute(sync)).toEqual([0.5, 2])
  const { items, rejects } = pairs.starmap(divide, { onError: 'collect' })
  expect(await items.compute(sync)).toEqual([0.5, 2])
  const [reject] = await rejects.compute(sync)
  expect(reject).toEqual(expect.objectContaining({ item: [3, 0], reason: 'RangeError: by zero' }))
  await expect(pairs.starmap(divide, { onError: 'raise' }).compute(sync)).rejects.toThrow(/by zero/)
})

test('mapPartitions leaves out or collects partitions for which its function throws', async () => {
  const bag = db.fromSequence([1, 2, 3, 4, 5, 6], { npartitions: 3 })
  function* odd(items: Iterable<number>): Iterable<number> {
    for (const item of items) {
      yield item * 10
      if (item === 3) throw new Error('three')
    }
  }
  const later = async (items: Iterable<number>): Promise<number[]> => [...odd(items)]
  for (const fn of [odd, later]) {
    const { items, rejects } = bag.mapPartitions(fn, { onError: 'collect' })
    expect(await items.compute()).toEqual([10, 20, 50, 60])
    expect(await rejects.compute()).toEqual([
      { item: [3, 4], reason: 'Error: three', place: 'partition 2' },
    ])
    expect(await bag.mapPartitions(fn, { onError: 'skip' }).count().compute()).toBe(4)
    await expect(bag.mapPartitions(fn, { onError: 'raise' }).compute()).rejects.toThrow(/three/)
  }
  const failing = bag.map((x): number => {
    throw new Error(`before ${x}`)
  })
  await expect(failing.mapPartitions(odd, { onError: 'skip' }).compute()).rejects.toThrow(/before/)
})
