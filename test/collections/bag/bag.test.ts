/** Every method of Bag against a naive loop, the number of tasks, and edge cases. */
import { describe, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import type { Get } from '../../../core/graph/get.js'
import type { LayerGraph } from '../../../core/graph/graph.js'
import { countTasks } from '../../../core/graph/layer.js'
import { makePlan } from '../../../core/graph/planning/make-plan.js'
import { shapeResults } from '../../../core/graph/planning/plan.js'
import { loadParams } from '../../../core/graph/serialized-params.js'
import { compileRecipe } from '../../../core/run/compile-recipe.js'
import { getSync } from '../../../core/run/get-sync.js'

/** Bags of different sizes and partitions, with their items. */
const samples: readonly (readonly [string, number[], db.Bag<number>])[] = [
  [
    'five items in two partitions',
    [3, 1, 4, 1, 5],
    db.fromSequence([3, 1, 4, 1, 5], { npartitions: 2 }),
  ],
  ['one partition', [2, 7], db.fromSequence([2, 7], { npartitions: 1 })],
  ['no items', [], db.fromSequence<number>([])],
  [
    'empty partitions',
    [9, 9, 8],
    db.concat([
      db.fromSequence<number>([]),
      db.fromSequence([9, 9]),
      db.fromSequence<number>([]),
      db.fromSequence([8]),
    ]),
  ],
  ['filtered to one item', [29], db.range(30, { npartitions: 10 }).filter((x) => x === 29)],
  [
    'many partitions',
    Array.from({ length: 100 }, (_, i) => (i * 37) % 101),
    db.fromSequence(Array.from({ length: 100 }, (_, i) => (i * 37) % 101)),
  ],
]

/**
 * The items that functions of these tests recorded. Functions are copied with their captured variables,
 * so they record items in an environment variable.
 */
const recorded = () => (process.env.SEEN_ITEMS ?? '').split(',').filter((item) => item !== '')

const sync = { get: getSync }

function compute<R>(collection: {
  compute(options: { get: typeof getSync }): Promise<R>
}): Promise<R> {
  return collection.compute(sync)
}

/** A `get` that awaits promises, in this thread. */
const getThreadless: Get = async (graph, keys) => {
  const plan = makePlan(graph, keys)
  const results: unknown[] = []
  for (let task = 0; task < plan.count; task++) {
    const inputs = plan.inputs.slice(plan.inputStart[task], plan.inputStart[task + 1])
    const run = compileRecipe(plan.recipe(task))
    results.push(
      await run(
        inputs.map((input) => results[input]),
        loadParams(plan.params[task]!),
      ),
    )
  }
  return shapeResults(plan.targets, (task) => results[task])
}

/** Returns the number of tasks that run when a collection is computed. */
function tasks(collection: { optimize(): LayerGraph; keys: readonly string[] }): number {
  return makePlan(collection.optimize(), collection.keys).count
}

const partitionsOf = (bag: db.Bag<unknown>) => getSync(bag.optimize(), bag.keys)

describe('creating bags', () => {
  test('from a sequence divides the items into even partitions', () => {
    expect(partitionsOf(db.fromSequence([1, 2, 3, 4, 5], { npartitions: 3 }))).toEqual([
      [1, 2],
      [3, 4],
      [5],
    ])
    expect(partitionsOf(db.fromSequence(new Set('abc'), { partitionSize: 2 }))).toEqual([
      ['a', 'b'],
      ['c'],
    ])
    expect(partitionsOf(db.fromSequence([]))).toEqual([[]])
    expect(db.fromSequence(Array.from({ length: 99 }).fill(0)).npartitions).toBe(99)
    expect(db.fromSequence(Array.from({ length: 100_000 }).fill(0)).npartitions).toBe(100)
    expect(db.fromSequence([1, 2], { npartitions: 5 }).npartitions).toBe(2)
  })

  test('by range', async () => {
    expect(partitionsOf(db.range(5, { npartitions: 2 }))).toEqual([
      [0, 1],
      [2, 3, 4],
    ])
    expect(await compute(db.range(5, 0, -2))).toEqual([5, 3, 1])
    expect(await compute(db.range(2, 4))).toEqual([2, 3])
    expect(await compute(db.range(0))).toEqual([])
    expect(await compute(db.range(3000, { npartitions: 1 }).sum())).toBe((2999 * 3000) / 2)
  })

  test('by concat and zip', async () => {
    const a = db.range(3, { npartitions: 2 })
    const b = a.map((x) => x * 10)
    expect(await compute(db.concat([a, b, a]))).toEqual([0, 1, 2, 0, 10, 20, 0, 1, 2])
    expect(await compute(db.zip(a, b, a))).toEqual([
      [0, 0, 0],
      [1, 10, 1],
      [2, 20, 2],
    ])
    expect(db.concat([a, b]).npartitions).toBe(4)
  })

  test('by zip of bags that are made of one bag, whose functions are called once', async () => {
    const numbers = db.range(6, { npartitions: 2 }).map(() => Math.random())
    const pairs = [db.zip(numbers, numbers), db.zip(numbers.map(String).map(Number), numbers)]
    for (const zipped of pairs) {
      const found = await compute(zipped)
      expect(found.length).toBe(6)
      for (const [a, b] of found) expect(a).toBe(b)
    }
  })

  test('with wrong arguments fails when the function is called', () => {
    expect(() => db.fromSequence([1], { npartitions: 0 })).toThrow(
      /fromSequence: npartitions must be a whole number/,
    )
    expect(() => db.fromSequence([1], { npartitions: 1, partitionSize: 1 })).toThrow(/not both/)
    expect(() => db.fromSequence(5 as never)).toThrow(
      /fromSequence: the items must be an iterable, got 5/,
    )
    expect(() => db.fromSequence([1], { npartition: 1 } as never)).toThrow(/no option 'npartition'/)
    expect(() => db.range(1.5)).toThrow(/range: stop/)
    expect(() => db.range(0, 5, 0)).toThrow(/step must not be 0/)
    expect(() => db.concat([5 as never])).toThrow(/concat: argument 1 must be a bag/)
    expect(() => db.zip(db.range(4, { npartitions: 2 }), db.range(4, { npartitions: 4 }))).toThrow(
      /got 2 and 4/,
    )
  })
})

describe('operations on each item', () => {
  test.each(samples)('%s: give the same as a loop', async (_name, items, bag) => {
    const half = (x: number) => x / 2
    const odd = (x: number) => x % 2 === 1
    expect(await compute(bag)).toEqual(items)
    expect(await compute(bag.map(half))).toEqual(items.map(half))
    expect(await compute(bag.filter(odd))).toEqual(items.filter(odd))
    expect(await compute(bag.remove(odd))).toEqual(items.filter((x) => !odd(x)))
    const nested = (x: number) => [x, [x]]
    expect(await compute(bag.map(nested).flatten())).toEqual(items.flatMap(nested))
    expect(await compute(bag.map((x) => [x, x + 1] as const).starmap((a, b) => a * b))).toEqual(
      items.map((x) => x * (x + 1)),
    )
    expect(await compute(bag.map((x) => ({ x })).pluck('x'))).toEqual(items)
    expect(await compute(bag.mapPartitions((xs) => Array.from(xs).reverse()).count())).toBe(
      items.length,
    )
  })

  test('a chain of map and filter over n partitions runs as n tasks', () => {
    const bag = db
      .range(100, { npartitions: 7 })
      .map((x) => x + 1)
      .filter((x) => x > 2)
      .map((x) => [x])
      .flatten()
    expect(tasks(bag)).toBe(7)
    expect(countTasks(bag.graph.layers)).toBe(35)
    expect(tasks(bag.frequencies({ splitEvery: false }))).toBe(8)
  })

  test('100,000 maps in a chain', async () => {
    const inc = (x: number) => x + 1
    let bag = db.range(3, { npartitions: 2 })
    for (let i = 0; i < 100_000; i++) bag = bag.map(inc)
    expect(tasks(bag)).toBe(2)
    expect(await compute(bag)).toEqual([100_000, 100_001, 100_002])
  })

  test('functions receive items of other bags, lazy items and values as extra arguments', async () => {
    const bag = db.range(6, { npartitions: 3 })
    const other = bag.map((x) => x * 10)
    expect(
      await compute(bag.map((x, y, total, z) => [x, y, total, z], other, bag.sum(), 'z')),
    ).toEqual([0, 1, 2, 3, 4, 5].map((x) => [x, x * 10, 15, 'z']))
    expect(await compute(bag.filter((x, least) => x >= least, bag.mean()))).toEqual([3, 4, 5])
    expect(
      await compute(
        bag.map(
          (x, fn) => fn(x),
          (x: number) => -x,
        ),
      ),
    ).toEqual([-0, -1, -2, -3, -4, -5])
    expect(await compute(bag.map((x, y) => x - y, bag))).toEqual([0, 0, 0, 0, 0, 0])
    expect(
      await compute(
        bag.mapPartitions(
          (xs, ys, n) => [Array.from(xs).length, Array.from(ys).length, n],
          other,
          bag.count(),
        ),
      ),
    ).toEqual([2, 2, 6, 2, 2, 6, 2, 2, 6])
  })

  test('pluck and unzip select fields', async () => {
    const rows = db.fromSequence([{ a: 1, b: 'x' }, { a: 2 }] as { a: number; b?: string }[], {
      npartitions: 1,
    })
    expect(await compute(rows.pluck('b', 'none'))).toEqual(['x', 'none'])
    expect(await compute(rows.pluck(['a', 'b'], null))).toEqual([
      [1, 'x'],
      [2, null],
    ])
    await expect(compute(rows.pluck('b'))).rejects.toThrow(/no field "b"/)
    const [numbers, letters] = db
      .fromSequence<[number, string]>([
        [1, 'a'],
        [2, 'b'],
      ])
      .unzip(2)
    expect(await compute(numbers)).toEqual([1, 2])
    expect(await compute(letters)).toEqual(['a', 'b'])
  })

  test('string methods', async () => {
    const strings = db.fromSequence([' Ann Lee ', 'Bob', 'Abe'], { npartitions: 2 })
    expect(await compute(strings.str.trim().str.toUpperCase())).toEqual(['ANN LEE', 'BOB', 'ABE'])
    expect(await compute(strings.str.trim().str.split(' '))).toEqual([
      ['Ann', 'Lee'],
      ['Bob'],
      ['Abe'],
    ])
    expect(await compute(strings.str.match('A*'))).toEqual(['Abe'])
    expect(await compute(strings.str.match('[!A-B]*'))).toEqual([' Ann Lee '])
    expect(await compute(strings.str.match(/^.b/g))).toEqual(['Abe'])
    expect(await compute(strings.str.replace(/[A-Z]/g, (m) => `<${m}>`))).toEqual([
      ' <A>nn <L>ee ',
      '<B>ob',
      '<A>be',
    ])
    expect(await compute(strings.str.startsWith('A'))).toEqual([false, false, true])
  })

  test('randomSample selects about the expected number of items, the same ones for the same seed', async () => {
    const bag = db.range(10_000, { npartitions: 4 })
    const chosen = await compute(bag.randomSample(0.3, 42))
    expect(chosen.length).toBeGreaterThan(2700)
    expect(chosen.length).toBeLessThan(3300)
    expect(await compute(bag.randomSample(0.3, 42))).toEqual(chosen)
    expect(await compute(bag.randomSample(0.3, 43))).not.toEqual(chosen)
    expect(await compute(bag.randomSample(1, 1).count())).toBe(10_000)
    expect(() => bag.randomSample(1.5)).toThrow(RangeError)
  })

  test('wrong arguments fail when the method is called', () => {
    const bag = db.range(4, { npartitions: 2 })
    expect(() => bag.map(5 as never)).toThrow('map: fn must be a function, got 5')
    expect(() => bag.map((x, y) => [x, y], db.range(4, { npartitions: 3 }))).toThrow(/got 2 and 3/)
    expect(() => bag.pluck({} as never)).toThrow(/pluck: the field/)
    expect(() => bag.unzip.call(bag as never, 0)).toThrow(/unzip: n/)
    expect(() => bag.topk(-1)).toThrow(/topk: k/)
    expect(() => bag.sum({ splitEvery: 1 })).toThrow(/splitEvery/)
    expect(() => bag.groupby(null as never)).toThrow(/groupby: grouper/)
    expect(() => bag.take(2, { npartitions: 3 })).toThrow(/take: the bag has 2/)
    expect(() => bag.repartition({} as never)).toThrow(/either npartitions or partitionSize/)
    expect(() => bag.product([1] as never)).toThrow(/product: the other must be a bag/)
    expect(() => bag.join(5 as never, (x) => x)).toThrow(/join: the others/)
  })
})

describe('reductions', () => {
  const variance = (xs: number[], ddof: number) => {
    const mean = xs.reduce((a, b) => a + b, 0) / xs.length
    return xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (xs.length - ddof)
  }

  test.each(samples)('%s: give the same as a loop', async (_name, items, bag) => {
    for (const options of [{}, { splitEvery: 2 }, { splitEvery: false } as const]) {
      expect(await compute(bag.sum(options))).toBe(items.reduce((a, b) => a + b, 0))
      expect(await compute(bag.count(options))).toBe(items.length)
      expect(await compute(bag.mean(options))).toBe(
        items.length === 0 ? Number.NaN : items.reduce((a, b) => a + b, 0) / items.length,
      )
      if (items.length > 0) {
        expect(await compute(bag.min(options))).toBe(Math.min(...items))
        expect(await compute(bag.max(options))).toBe(Math.max(...items))
        expect(await compute(bag.var(options))).toBeCloseTo(variance(items, 0), 10)
        const std = await compute(bag.std({ ...options, ddof: 1 }))
        if (items.length === 1) expect(std).toBeNaN()
        else expect(std).toBeCloseTo(Math.sqrt(variance(items, 1)), 10)
      } else {
        await expect(compute(bag.min(options))).rejects.toThrow('min: the bag has no items')
        await expect(compute(bag.max(options))).rejects.toThrow('max: the bag has no items')
        expect(await compute(bag.var(options))).toBeNaN()
      }
      expect(await compute(bag.any(options))).toBe(items.some(Boolean))
      expect(await compute(bag.all(options))).toBe(items.every(Boolean))
    }
  })

  test('run as a tree of the fan-in splitEvery', () => {
    const bag = db.range(64, { npartitions: 64 })
    expect(tasks(bag.sum({ splitEvery: 4 }))).toBe(64 + 16 + 4 + 1)
    expect(tasks(bag.sum())).toBe(64 + 8 + 1)
    expect(tasks(bag.sum({ splitEvery: false }))).toBe(64 + 1)
    expect(tasks(db.range(1, { npartitions: 1 }).sum())).toBe(2)
    expect(tasks(db.range(9, { npartitions: 9 }).sum())).toBe(9 + 2 + 1)
    expect(tasks(db.range(8, { npartitions: 8 }).sum())).toBe(8 + 1)
  })

  test('keep numbers and bigints apart and refuse items of other types', async () => {
    expect(await compute(db.fromSequence([1n, 2n, 3n]).sum())).toBe(6n)
    expect(await compute(db.fromSequence([true, false, true]).sum())).toBe(2)
    await expect(compute(db.fromSequence([1, 'a'] as number[]).sum())).rejects.toThrow(/got "a"/)
    await expect(compute(db.fromSequence([1, 1n] as number[]).sum())).rejects.toThrow(/bigints/)
    await expect(compute(db.fromSequence([1, null]).max())).rejects.toThrow(/cannot compare/)
    expect(await compute(db.fromSequence(['b', 'a']).min())).toBe('a')
    expect(
      await compute(
        db
          .fromSequence([
            [1, 'b'],
            [1, 'a'],
          ])
          .max(),
      ),
    ).toEqual([1, 'b'])
    expect(await compute(db.fromSequence([1, Number.NaN, 2]).max())).toBeNaN()
  })

  test('compute the variance of large, close numbers without cancellation', async () => {
    const items = Array.from({ length: 1000 }, (_, i) => 1e9 + (i % 2))
    expect(await compute(db.fromSequence(items, { npartitions: 7 }).var())).toBeCloseTo(0.25, 9)
  })

  test.each(samples)(
    '%s: fold and reduction give the same as a loop',
    async (_name, items, bag) => {
      const add = (a: number, b: number) => a + b
      if (items.length > 0) expect(await compute(bag.fold(add))).toBe(items.reduce(add))
      else await expect(compute(bag.fold(add))).rejects.toThrow('fold: the bag has no items')
      expect(await compute(bag.fold(add, 0))).toBe(items.reduce(add, 0))
      expect(
        await compute(
          bag.fold((list: number[], x) => [...list, x], {
            initial: [],
            combine: (a, b) => [...a, ...b],
          }),
        ),
      ).toEqual(items)
      // The function may change the initial value, which is copied.
      const push = (list: number[], x: number) => {
        list.push(x)
        return list
      }
      expect(
        await compute(
          bag.fold(push, { initial: [], combine: (a, b) => [...a, ...b], splitEvery: 2 }),
        ),
      ).toEqual(items)
      const size = (xs: Iterable<number>) => Array.from(xs).length
      expect(await compute(bag.reduction(size, (sizes) => sizes.reduce(add, 0)))).toBe(items.length)
      const longest = bag.reduction(size, (sizes) => `most: ${Math.max(0, ...sizes)}`, {
        combine: (sizes) => Math.max(...sizes),
      })
      expect(await compute(longest)).toMatch(/^most: \d+$/)
    },
  )

  test('return lazy items that apply accepts', async () => {
    const bag = db.range(5, { npartitions: 2 })
    const root = bag.sum().apply((sum, n) => Math.sqrt(sum + n), 6)
    expect(await compute(root)).toBe(4)
    expect(await compute(bag.count().apply((a, b) => a + b, bag.sum()))).toBe(15)
    expect(await root.persist(sync).then(compute)).toBe(4)
  })
})

describe('operations by key', () => {
  const count = (items: unknown[]) => {
    const counts = new Map<string, [unknown, number]>()
    for (const item of items) {
      const pair = counts.get(JSON.stringify(item)) ?? [item, 0]
      pair[1]++
      counts.set(JSON.stringify(item), pair)
    }
    return [...counts.values()]
  }

  test.each(samples)('%s: give the same as a loop', async (_name, items, bag) => {
    for (const splitEvery of [2, 8, false] as const) {
      expect(await compute(bag.frequencies({ splitEvery }))).toEqual(count(items))
      expect(await compute(bag.distinct(undefined, { splitEvery }))).toEqual([...new Set(items)])
      const sorted = [...items].sort((a, b) => b - a)
      expect(await compute(bag.topk(3, undefined, { splitEvery }))).toEqual(sorted.slice(0, 3))
      expect(await compute(bag.topk(2, (x) => -x, { splitEvery }))).toEqual(
        sorted.reverse().slice(0, 2),
      )
    }
    const odd = (x: number) => x % 2
    const add = (a: number, b: number) => a + b
    const sums = new Map<number, number>()
    for (const x of items) sums.set(odd(x), (sums.get(odd(x)) ?? 0) + x)
    expect(await compute(bag.foldby(odd, add))).toEqual([...sums])
    expect(await compute(bag.foldby(odd, add, 0))).toEqual([...sums])
    expect(await compute(bag.foldby(odd, add, 0, add, 100))).toEqual(
      [...sums].map(([k, v]) => [k, v + 100]),
    )
    const groups = new Map<number, number[]>()
    for (const x of items) groups.set(odd(x), [...(groups.get(odd(x)) ?? []), x])
    for (const npartitions of [1, 2, 7]) {
      const grouped = bag.groupby(odd, { npartitions })
      expect(grouped.npartitions).toBe(npartitions)
      expect(new Map(await compute(grouped))).toEqual(groups)
    }
  })

  test('frequencies are sorted and compare arrays by content', async () => {
    const bag = db.fromSequence([[1], [2], [2], [3], [2], [3]], { npartitions: 3 })
    expect(await compute(bag.frequencies({ sort: true }))).toEqual([
      [[2], 3],
      [[3], 2],
      [[1], 1],
    ])
    expect(await compute(bag.distinct())).toEqual([[1], [2], [3]])
  })

  test('topk returns the first of equal items, in order, and puts NaN last', async () => {
    const bag = db.range(60, { npartitions: 7 })
    expect(await compute(bag.topk(5, () => 0))).toEqual([0, 1, 2, 3, 4])
    expect(await compute(bag.topk(8, (x) => x % 3))).toEqual([2, 5, 8, 11, 14, 17, 20, 23])
    expect(await compute(db.fromSequence([Number.NaN, 1, 2]).topk(3))).toEqual([2, 1, Number.NaN])
    expect(await compute(bag.topk(0))).toEqual([])
    // A greater item replaces the last of the smallest.
    expect(await compute(bag.topk(3, (x) => Number(x === 9)))).toEqual([9, 0, 1])
    expect(
      await compute(
        db
          .fromSequence([
            ['a', 2],
            ['b', 3],
          ] as const)
          .topk(1, 1),
      ),
    ).toEqual([['b', 3]])
    await expect(compute(db.fromSequence([{}, {}]).topk(1))).rejects.toThrow(/cannot compare/)
  })

  test('functions may return promises', async () => {
    const bag = db.range(10, { npartitions: 3 })
    const later = { get: getThreadless }
    const parity = async (x: number) => x % 2
    const add = async (a: number, b: number) => a + b
    expect(await bag.foldby(parity, add, 0, add).compute(later)).toEqual([
      [0, 20],
      [1, 25],
    ])
    expect(await bag.fold(add).compute(later)).toBe(45)
    expect(await bag.topk(2, async (x) => -x).compute(later)).toEqual([0, 1])
    expect(await bag.distinct(parity).compute(later)).toEqual([0, 1])
    expect(new Map(await bag.groupby(parity).compute(later)).get(1)).toEqual([1, 3, 5, 7, 9])
    expect(await bag.map(async (x) => x + 1).take(2, later)).toEqual([1, 2])
    await expect(compute(bag.map(async (x) => x))).rejects.toThrow(/getSync cannot wait/)
  })

  test('a key may be the name of a field', async () => {
    const sales = db.fromSequence(
      [
        { user: 'a', amount: 1 },
        { user: 'b', amount: 2 },
        { user: 'a', amount: 4 },
      ],
      { npartitions: 2 },
    )
    const plus = (a: number, b: number) => a + b
    expect(await compute(sales.foldby('user', (sum, { amount }) => sum + amount, 0, plus))).toEqual(
      [
        ['a', 5],
        ['b', 2],
      ],
    )
    expect(await compute(sales.topk(1, 'amount').pluck('user'))).toEqual(['a'])
    expect(await compute(sales.distinct('user').pluck('amount'))).toEqual([1, 2])
    expect(
      new Map(
        await compute(sales.groupby('user').starmap((user, list) => [user, list.length] as const)),
      ),
    ).toEqual(
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    )
  })

  test('foldby copies an initial value that the function changes', async () => {
    const bag = db.range(7, { npartitions: 3 })
    const lists = bag.foldby(
      (x) => x % 2,
      (list: number[], x) => {
        list.push(x)
        return list
      },
      [],
      (a, b) => [...a, ...b],
    )
    expect(await compute(lists)).toEqual([
      [0, [0, 2, 4, 6]],
      [1, [1, 3, 5]],
    ])
  })
})

describe('operations on partitions', () => {
  test.each(samples)(
    '%s: repartition, take and accumulate give the same as a loop',
    async (_name, items, bag) => {
      for (const npartitions of [1, 2, 3, 5, 120]) {
        const other = bag.repartition({ npartitions })
        expect(other.npartitions).toBe(npartitions)
        expect(await compute(other)).toEqual(items)
      }
      for (const partitionSize of [1, 2, 1000]) {
        const other = await bag.repartition({ partitionSize }, sync)
        expect(await compute(other)).toEqual(items)
        expect(other.npartitions).toBe(Math.max(1, Math.ceil(items.length / partitionSize)))
      }
      expect(await bag.take(2, { npartitions: -1, ...sync })).toEqual(items.slice(0, 2))
      expect(await compute(bag.take(100, { npartitions: -1, compute: false }))).toEqual(items)
      const running: number[] = []
      for (const x of items) running.push((running.at(-1) ?? 0) + x)
      const add = (a: number, b: number) => a + b
      expect(await compute(bag.accumulate(add))).toEqual(running)
      expect(await compute(bag.accumulate(add, 10))).toEqual([10, ...running.map((x) => x + 10)])
      const later = bag.accumulate(async (a, b) => a + b)
      expect(await later.compute({ get: getThreadless })).toEqual(running)
      expect(await compute(bag.accumulate(add))).toEqual(running)
    },
  )

  test('take computes few more items than it returns, from the first partition', async () => {
    const bag = db.range(10_000, { npartitions: 2 }).mapPartitions(function* (xs) {
      for (const x of xs) {
        if (x > 2000) throw new Error('too far')
        yield x
      }
    })
    expect(await bag.take(3, sync)).toEqual([0, 1, 2])
    expect(tasks(bag.take(3, { compute: false }))).toBe(2)
  })

  test('join pairs items with equal keys', async () => {
    const people = db.fromSequence(
      [
        { id: 1, name: 'a' },
        { id: 2, name: 'b' },
        { id: 1, name: 'c' },
      ],
      { npartitions: 2 },
    )
    const towns = [
      { id: 1, town: 'X' },
      { id: 3, town: 'Y' },
      { id: 1, town: 'Z' },
    ]
    const expected = [
      [towns[0], { id: 1, name: 'a' }],
      [towns[2], { id: 1, name: 'a' }],
      [towns[0], { id: 1, name: 'c' }],
      [towns[2], { id: 1, name: 'c' }],
    ]
    expect(await compute(people.join(towns, 'id'))).toEqual(expected)
    expect(
      await compute(people.join(db.fromSequence(towns, { npartitions: 3 }), (p) => p.id, 'id')),
    ).toEqual(expected)
    const lazy = db.fromSequence(towns).fold((list: typeof towns, t) => [...list, t], {
      initial: [],
      combine: (a, b) => [...a, ...b],
    })
    expect(await compute(people.join(lazy, 'id', (t) => t.id))).toEqual(expected)
  })

  test('product pairs every item with every item of the other bag', async () => {
    const a = db.range(3, { npartitions: 2 })
    const b = db.fromSequence(['x', 'y'])
    const pairs = a.product(b)
    expect(pairs.npartitions).toBe(4)
    expect((await compute(pairs)).sort()).toEqual([
      [0, 'x'],
      [0, 'y'],
      [1, 'x'],
      [1, 'y'],
      [2, 'x'],
      [2, 'y'],
    ])
    expect(await compute(a.product(a).count())).toBe(9)
  })

  test('groupby compares keys by content and distributes groups over partitions', async () => {
    const bag = db.range(200, { npartitions: 5 })
    const grouped = bag.groupby((x) => ({ ten: Math.floor(x / 10) }), { npartitions: 4 })
    const partitions = partitionsOf(grouped) as [{ ten: number }, number[]][][]
    expect(partitions.filter((p) => p.length > 0).length).toBeGreaterThan(1)
    expect(partitions.flat().length).toBe(20)
    for (const [{ ten }, list] of partitions.flat())
      expect(list).toEqual(Array.from({ length: 10 }, (_, i) => ten * 10 + i))
    expect(tasks(grouped)).toBe(5 + 5 * 4 + 4)
  })
})

describe('computing', () => {
  test('equal operations have equal names, others have not', () => {
    const make = (n: number) =>
      db
        .range(10, { npartitions: 2 })
        .map((x) => x + 1)
        .repartition({ npartitions: n })
    expect(make(3).name).toBe(make(3).name)
    expect(make(3).name).not.toBe(make(4).name)
    expect(make(3).name).toMatch(/^repartition-/)
    const f = db.range(10, { npartitions: 2 })
    const names = [
      f,
      f.map((x) => x),
      f.map((x) => x + 1),
      f.filter((x) => x),
      f.map((x, y) => x + y, 1),
      f.map((x, y) => x + y, 2),
      f.topk(1),
      f.topk(2),
    ]
    expect(new Set(names.map((bag) => bag.name)).size).toBe(names.length)
  })

  test('persist computes the partitions once', async () => {
    process.env.SEEN_ITEMS = ''
    const bag = db.range(4, { npartitions: 2 }).map((x) => {
      process.env.SEEN_ITEMS += `${x},`
      return x
    })
    const kept = await bag.persist(sync)
    expect(await compute(kept.sum())).toBe(6)
    expect(kept.name).toBe(bag.name)
    expect(recorded()).toEqual(['0', '1', '2', '3'])
  })

  test('for await yields the items in order and stops computing when the loop ends', async () => {
    process.env.SEEN_ITEMS = ''
    const bag = db.range(100, { npartitions: 20 }).map((x) => {
      process.env.SEEN_ITEMS += `${x},`
      return x
    })
    const items: number[] = []
    for await (const x of bag.items(sync)) {
      items.push(x)
      if (items.length === 7) break
    }
    expect(items).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(recorded().length).toBeGreaterThanOrEqual(7)
    expect(recorded().length).toBeLessThan(40)
    process.env.SEEN_ITEMS = ''
    const once = (x: number) => {
      process.env.SEEN_ITEMS += `${x},`
      return x % 3
    }
    const grouped: unknown[] = []
    for await (const [key] of db.range(20).groupby(once, { npartitions: 2 }).items(sync))
      grouped.push(key)
    expect(grouped.sort()).toEqual([0, 1, 2])
    expect(recorded().length).toBe(20)
  })

  test('an error names the operation and the line that added it', async () => {
    const bag = db
      .range(4, { npartitions: 2 })
      .map((x) => x)
      .map((x: number) => {
        if (x === 3) throw new Error('three')
        return x
      })
      .filter((x) => x > 0)
    const error = await compute(bag.sum()).catch((e: unknown) => e)
    expect(String(error)).toMatch(
      /failed in map \(added at .*bag\.test\.ts:\d+:\d+\): Error: three/,
    )
  })

  test('is printed as its name and the number of its partitions', () => {
    expect(db.range(2, { npartitions: 2 }).toString()).toMatch(/^Bag<range-\w+, 2 partitions>$/)
    expect(db.range(2).sum().toString()).toMatch(/^Item<sum-\w+>$/)
  })
})

test('a range that cannot fit the memory is refused when all its items are computed', async () => {
  const large = db.range(1e11)
  const message =
    /^compute: the result has 100,000,000,000 items, at least 800 GB, more than the me/
  await expect(large.compute()).rejects.toThrow(message)
  await expect(
    large
      .map((x) => x + 1)
      .map(String)
      .compute(),
  ).rejects.toThrow(message)
  await expect(large.map('x + 1').compute({ get: getSync })).rejects.toThrow(RangeError)
  expect(await large.take(2, { get: getSync })).toEqual([0, 1])
  expect(large.filter((x) => x < 2).npartitions).toBe(100)
})
