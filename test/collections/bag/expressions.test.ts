/** Expressions as functions of bags and arrays. */
import {
  type Client,
  closeThreads,
  da,
  db,
  expression,
  type Get,
  getSync,
  getThreads,
  LocalCluster,
} from 'skein'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'

const sales = [
  { user: 'ann', amount: 120, price: { unit: 3 } },
  { user: 'bob', amount: 80, price: { unit: 4 } },
  { user: 'ann', amount: 200, price: { unit: 5 } },
  { user: 'cay', amount: 5, price: { unit: 6 } },
]

let cluster: LocalCluster | undefined
let client: Client
beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 1, nthreads: 1 })
  client = await cluster.client()
})
afterAll(async () => {
  await cluster?.close()
  await closeThreads()
})

const gets: [string, () => Get][] = [
  ['getSync', () => getSync as Get],
  ['getThreads', () => getThreads],
  ['a cluster', () => client.get],
]

describe.each(gets)('with %s', (_, chosen) => {
  const bag = db.fromSequence(sales, { npartitions: 2 })
  const compute = <T>(collection: { compute(options: { get: Get }): Promise<T> }): Promise<T> =>
    collection.compute({ get: chosen() })

  test('operations on items take expressions', async () => {
    expect(await compute(bag.map('amount * 2 + price.unit'))).toEqual(
      sales.map((s) => s.amount * 2 + s.price.unit),
    )
    expect(await compute(bag.filter('amount > 100'))).toEqual(sales.filter((s) => s.amount > 100))
    expect(await compute(bag.remove('user == "ann"'))).toEqual([sales[1], sales[3]])
    expect(await compute(bag.map('amount * y', 3))).toEqual(sales.map((s) => s.amount * 3))
    expect(await compute(db.range(3).map('x * y', db.range(3).sum()))).toEqual([0, 3, 6])
    const pairs = db.zip(db.range(3), db.range(3))
    expect(await compute(pairs.starmap('f(a, b) = 10a + b'))).toEqual([0, 11, 22])
    expect(await compute(db.range(4, { npartitions: 2 }).mapPartitions('2 * x'))).toEqual([
      0, 2, 4, 6,
    ])
    expect(await compute(bag.map('mean([amount, price.unit])'))).toEqual(
      sales.map((s) => (s.amount + s.price.unit) / 2),
    )
  })

  test('reductions take expressions', async () => {
    const numbers = db.range(10, { npartitions: 3 })
    expect(await compute(numbers.fold('x + y'))).toBe(45)
    expect(await compute(bag.fold('x + amount', { initial: 0, combine: 'x + y' }))).toBe(405)
    expect(await compute(bag.foldby('user', 'x + amount', 0, 'x + y'))).toEqual([
      ['ann', 320],
      ['bob', 80],
      ['cay', 5],
    ])
    expect(await compute(numbers.accumulate('x + y'))).toEqual([0, 1, 3, 6, 10, 15, 21, 28, 36, 45])
    expect(await compute(numbers.reduction('sum(x)', 'sum(x)'))).toBe(45)
    expect(await compute(numbers.sum().apply('sqrt(x + 4)'))).toBe(7)
  })

  test('strings as keys are names of fields; expression() makes a key of an expression', async () => {
    const size = expression('floor(amount / 100)')
    const groups = await compute(bag.groupby(size))
    expect(groups.map(([key, items]) => [key, items.length]).sort()).toEqual([
      [0, 2],
      [1, 1],
      [2, 1],
    ])
    expect(await compute(bag.topk(1, 'amount'))).toEqual([sales[2]])
    expect(await compute(bag.topk(1, expression('-amount')))).toEqual([sales[3]])
    const half = expression('x / 2')
    expect(await compute(db.range(3).map((x) => half(x) + 1))).toEqual([1, 1.5, 2])
  })

  test('an error for an item names the expression and the line that added it', async () => {
    const failing = compute(bag.map('amount * rate'))
    await expect(failing).rejects.toThrow(
      "amount * rate: there is no field 'rate'; the fields are: user, amount, price (line 1, column 10)",
    )
    await expect(failing).rejects.toThrow(/map \(added at .*expressions\.test\.ts/)
  })

  test('blocks of arrays take expressions', async () => {
    const x = da.fromArray([3, 6, 9], { chunks: 2 })
    const result = await da.mapBlocks('sqrt(x^2 + y)', [x, x]).compute({ get: chosen() })
    expect((result as { toArray(): unknown }).toArray()).toEqual(
      [3, 6, 9].map((v) => Math.sqrt(v * v + v)),
    )
  })
})

test('an expression is parsed when the operation is added', () => {
  const bag = db.range(3)
  expect(() => bag.map('x +')).toThrow(/^map: 'x \+' is not an expression: .*line 1, column 4/)
  expect(() => bag.filter('foo(x)')).toThrow(/^filter: .*no function 'foo'/)
  expect(() => bag.fold('x + evaluate("y")')).toThrow(/^fold: .*not allowed in expressions/)
  expect(() => da.mapBlocks('sqrt(x', [da.ones([2])])).toThrow(/line 1, column 7/)
  const mapBlocks: Function = da.mapBlocks
  expect(() => mapBlocks('x', [da.ones([2])], { dtype: 'int32' })).toThrow(/no options/)
})

test('operations of equal expressions have equal names', () => {
  expect(db.range(3).map('x*2').name).toBe(db.range(3).map(' x * 2').name)
  expect(db.range(3).map('x*2').name).not.toBe(db.range(3).map('x*3').name)
})

test('types of operations with expressions', () => {
  const bag = db.fromSequence(sales, { npartitions: 1 })
  type Sale = (typeof sales)[number]
  expectTypeOf(bag.map('amount * 2')).toEqualTypeOf<db.Bag<number>>()
  expectTypeOf(bag.map<string>('user')).toEqualTypeOf<db.Bag<string>>()
  expectTypeOf(bag.filter('amount > 1')).toEqualTypeOf<db.Bag<Sale>>()
  expectTypeOf(bag.remove('amount > 1')).toEqualTypeOf<db.Bag<Sale>>()
  expectTypeOf(bag.map('amount').fold('x + y')).toEqualTypeOf<db.Item<number>>()
  expectTypeOf(bag.fold('x + amount', 0)).toEqualTypeOf<db.Item<number>>()
  expectTypeOf(bag.foldby('user', 'x + amount', 0, 'x + y')).toEqualTypeOf<
    db.Bag<[string, number]>
  >()
  expectTypeOf(bag.groupby(expression('floor(amount)'))).toEqualTypeOf<db.Bag<[number, Sale[]]>>()
  expectTypeOf(bag.map(expression<boolean>('amount > 1'))).toEqualTypeOf<db.Bag<boolean>>()
  expectTypeOf(bag.count().apply('x + 1')).toEqualTypeOf<db.Item<number>>()
})
