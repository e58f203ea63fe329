/**
 * The identity of classes: objects that one operation creates and another one tests, on threads and on a
 * cluster, and results that return to the process in which their class was written.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromSequence } from '../../../../collections/bag/index.js'
import { closeThreads, getSync, getThreads, literal, registerType } from '../../../../core/index.js'
import { type Client, LocalCluster } from '../../../../distributed/index.js'

class Point {
  readonly x: number
  constructor(x: number) {
    this.x = x
  }
  double(): Point {
    return new Point(this.x * 2)
  }
}

class Counted {
  static made = 0
  readonly n: number
  constructor(n: number) {
    Counted.made++
    this.n = n
  }
}

class Coin {
  readonly #cents: number
  constructor(cents: number) {
    this.#cents = cents
  }
  get cents() {
    return this.#cents
  }
  add(other: Coin): Coin {
    return new Coin(this.#cents + other.#cents)
  }
  static isCoin(value: object): boolean {
    return #cents in value
  }
}
registerType('Coin', {
  class: Coin,
  encode: (coin: Coin) => coin.cents,
  decode: (cents: number) => new Coin(cents),
})

let tallies = 0
class Tally {
  static total = 0
  readonly n: number
  constructor(n: number) {
    this.n = n
    Tally.total += n
  }
}

/** Two classes that refer to one another. */
class Egg {
  hatch(): Hen {
    return new Hen()
  }
}
class Hen {
  lay(): Egg {
    return new Egg()
  }
}

/** A class that shares an object with other functions. */
const registry = new Map<string, number>()
class Entry {
  readonly name: string
  constructor(name: string) {
    this.name = name
    registry.set(name, registry.size)
  }
}

class Dog {
  name = 'rex'
}
class Puppy extends Dog {
  age = 0
}

function Old(this: { x: number }, x: number): void {
  this.x = x
}

function Replaced(this: { x: number }, x: number): void {
  this.x = x
}
Replaced.prototype = {
  twice(this: { x: number }) {
    return this.x * 2
  },
}

class MyError extends Error {
  readonly code: number
  constructor(message: string, code: number, options?: ErrorOptions) {
    super(message, options)
    this.name = 'MyError'
    this.code = code
  }
  describe(): string {
    return `${this.name} ${this.code}`
  }
}

class Purse {
  #coins: number
  readonly #log: string[] = []
  constructor(coins: number) {
    this.#coins = coins
  }
  add(other: Purse): Purse {
    this.#log.push('add')
    this.#coins += other.#coins
    return this
  }
  get coins(): number {
    return this.#coins
  }
  static isPurse(value: object): boolean {
    return #coins in value
  }
}
class Wallet extends Purse {
  readonly #name = 'wallet'
  get name(): string {
    return `${this.#name} of ${super.coins}`
  }
}

class Stack<T> extends Array<T> {
  note = 'mine'
  top(): T {
    return this[this.length - 1]!
  }
}

type Run = (graph: Record<string, unknown>, keys: readonly string[]) => Promise<unknown>

let cluster: LocalCluster
let client: Client
beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 1, nthreads: 2 })
  client = await cluster.client()
})
afterAll(async () => {
  await client?.close()
  await cluster?.close()
  await closeThreads()
})

const runs: [name: string, run: Run][] = [
  ['this thread', async (graph, keys) => getSync(graph, [...keys])],
  ['threads', (graph, keys) => getThreads(graph, [...keys])],
  ['a cluster', (graph, keys) => client.get(graph, [...keys])],
]

/** Pairs of operations: one creates an object, the other one tests it; every result must be true. */
const pairs: [name: string, make: () => unknown, test: (made: never) => boolean][] = [
  ['a class', () => new Point(1), (p) => (p as unknown) instanceof Point],
  ['a method of it', () => new Point(1).double(), (p) => (p as unknown) instanceof Point],
  ['a class with static state', () => new Counted(1), (c) => (c as unknown) instanceof Counted],
  ['a subclass', () => new Puppy(), (d) => (d as unknown) instanceof Dog],
  [
    'classes that refer to one another',
    () => new Egg().hatch(),
    (h) => (h as unknown) instanceof Hen,
  ],
  ['the other one of these classes', () => new Hen().lay(), (e) => (e as unknown) instanceof Egg],
  ['a class that shares an object', () => new Entry('a'), (e) => (e as unknown) instanceof Entry],
  [
    'an old-style class',
    () => new (Old as unknown as new (x: number) => object)(1),
    (o) => (o as unknown) instanceof (Old as unknown as new () => object),
  ],
  [
    'a replaced prototype',
    () => new (Replaced as unknown as new (x: number) => object)(1),
    (o) => (o as unknown) instanceof (Replaced as unknown as new () => object),
  ],
  ['an error', () => new MyError('a', 1), (e) => (e as unknown) instanceof MyError],
  ['a list', () => Stack.of(1), (s) => (s as unknown) instanceof Stack],
]

describe.each(runs)('on %s', (where, run) => {
  test.each(pairs)(
    'an object that one task created is an instance in another: %s',
    async (_name, make, is) => {
      const graph = { made: [make], tested: [is, 'made'] }
      expect(await run(graph, ['tested'])).toEqual([true])
    },
  )

  test('an object that the user created is an instance in a task', async () => {
    const points = [new Point(1), new Puppy(), new Counted(1)]
    const test = (list: unknown[]) =>
      list.map((x) => [x instanceof Point, x instanceof Dog, x instanceof Counted])
    const graph = { points: literal(points), tested: [test, 'points'] }
    expect(await run(graph, ['tested'])).toEqual([
      [
        [true, false, false],
        [false, true, false],
        [false, false, true],
      ],
    ])
  })

  test('results are instances of the classes in this file', async () => {
    const graph = {
      point: [(x: number) => new Point(x), 2],
      hen: [() => new Egg().hatch()],
      puppy: [() => new Puppy()],
      old: [() => new (Old as unknown as new (x: number) => object)(1)],
      error: [() => new MyError('bad', 5, { cause: new Point(1) })],
      stack: [() => Stack.of(1, 2)],
    }
    const [point, hen, puppy, old, error, stack] = (await run(graph, Object.keys(graph))) as [
      Point,
      Hen,
      Puppy,
      object,
      MyError,
      Stack<number>,
    ]
    expect(point).toStrictEqual(new Point(2))
    expect(point.double()).toBeInstanceOf(Point)
    expect(hen).toBeInstanceOf(Hen)
    expect([puppy instanceof Dog, puppy.constructor === Puppy]).toEqual([true, true])
    expect(old).toBeInstanceOf(Old)
    expect([error instanceof MyError, error instanceof Error]).toEqual([true, true])
    expect([error.name, error.message, error.code]).toEqual(['MyError', 'bad', 5])
    expect([error.describe(), error.cause]).toEqual(['MyError 5', new Point(1)])
    expect([stack instanceof Stack, stack.top(), stack.length, stack.note]).toEqual([
      true,
      2,
      2,
      'mine',
    ])
  })

  test('a result of a class with static state is an instance of the class in this file', async () => {
    if (where === 'this thread') return
    const made = Counted.made
    const [counted] = (await run({ c: [() => new Counted(3)] }, ['c'])) as [Counted]
    expect(counted).toBeInstanceOf(Counted)
    expect([counted.n, counted.constructor, Counted.made]).toEqual([3, Counted, made])
  })

  test('private members are sent to tasks and back', async () => {
    const graph = {
      mine: literal([new Purse(1), new Wallet(2)]),
      sum: [([a, b]: [Purse, Wallet]) => new Purse(10).add(a).add(b).add(new Wallet(3)), 'mine'],
      is: [(purse: Purse) => Purse.isPurse(purse) && purse instanceof Purse, 'sum'],
      wallet: [(n: number) => new Wallet(n), 5],
      back: [(purse: Purse, wallet: Wallet) => [purse, wallet], 'sum', 'wallet'],
    }
    const [is, wallet, back] = (await run(graph, ['is', 'wallet', 'back'])) as [
      boolean,
      Wallet,
      [Purse, Wallet],
    ]
    expect(is).toBe(true)
    expect([wallet.name, wallet.coins]).toEqual(['wallet of 5', 5])
    expect([wallet instanceof Wallet, wallet instanceof Purse]).toEqual([true, true])
    expect([wallet.constructor === Wallet, back[0] instanceof Purse]).toEqual([true, true])
    const [purse] = back
    expect([purse.coins, purse.add(back[1]).coins, purse.coins]).toEqual([16, 21, 21])
    const again = await run({ purse: literal(purse), n: [(p: Purse) => p.coins, 'purse'] }, ['n'])
    expect(again).toEqual([21])
  })

  test('a result of a registered class has the private members of this class', async () => {
    const graph = { one: literal(new Coin(1)), sum: [(coin: Coin) => coin.add(new Coin(1)), 'one'] }
    const [sum] = (await run(graph, ['sum'])) as [Coin]
    expect(sum).toBeInstanceOf(Coin)
    expect([Coin.isCoin(sum), new Coin(4).add(sum).cents]).toEqual([true, 6])
  })

  test('static members and top-level variables of the user never change', async () => {
    const graph = { a: [() => [new Tally(2).n, ++tallies]], b: [() => [new Tally(3).n, ++tallies]] }
    await run(graph, ['a', 'b'])
    expect([Tally.total, tallies]).toEqual([0, 0])
  })

  test('an error that a task throws is an instance of its class', async () => {
    const fail = () => {
      throw new MyError('bad', 7)
    }
    const error = await run({ x: [fail] }, ['x']).catch((e: unknown) => e)
    const { cause } = error as { cause: MyError }
    expect(cause).toBeInstanceOf(MyError)
    expect([cause.name, cause.code, cause.describe()]).toEqual(['MyError', 7, 'MyError 7'])
  })
})

test.each([true, false])(
  'operations of a bag recognize their classes, fused or not: %s',
  async (fused) => {
    const points = fromSequence([1, 2, 3, 4], { npartitions: 2 }).map((x) => new Point(x))
    const apart = fused ? points : points.repartition({ npartitions: 1 })
    const found = await apart
      .filter((p) => p instanceof Point)
      .map((p) => p.double())
      .compute()
    expect(found).toStrictEqual([2, 4, 6, 8].map((x) => new Point(x)))
  },
)

test.each([
  ['on this thread', getSync],
  ['on threads', getThreads],
] as const)('results of bags are instances of the classes of the user: %s', async (_, get) => {
  const made = fromSequence([1]).map((n) => [new Counted(n), new Purse(n), new Coin(n)] as const)
  const [[counted, purse, coin]] = (await made.compute({ get })) as [[Counted, Purse, Coin]]
  expect([counted instanceof Counted, counted.constructor === Counted]).toEqual([true, true])
  expect([purse instanceof Purse, purse.coins]).toEqual([true, 1])
  const given = fromSequence([new Counted(1)]).map(
    (item) => [item, item instanceof Counted] as const,
  )
  const [[item, isCounted]] = (await given.compute({ get })) as [[Counted, boolean]]
  expect([item instanceof Counted, isCounted]).toEqual([true, true])
  const added = fromSequence([new Coin(2)]).map((one) => one.add(new Coin(3)))
  const [sum] = (await added.compute({ get })) as [Coin]
  expect([sum instanceof Coin, Coin.isCoin(sum), sum.cents, coin.cents]).toEqual([true, true, 5, 1])
})
