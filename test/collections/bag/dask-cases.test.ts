/** Chains of operations whose results real Dask computed; see `make-bag-fixtures.py`. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { compute } from '../../../collections/base/compute-together.js'
import type { Get } from '../../../core/graph/get.js'
import { getSync } from '../../../core/run/get-sync.js'
import { getThreads } from '../../../core/run/threads/get-threads.js'
import { LocalCluster } from '../../../distributed/index.js'

interface Case {
  readonly items: string
  readonly npartitions: number
  readonly steps: readonly (readonly [string, ...unknown[]])[]
  readonly out: unknown
  readonly unordered?: boolean
}

const file = new URL('../../fixtures/bag/dask-cases.json', import.meta.url)
const { data, cases } = JSON.parse(readFileSync(file, 'utf8')) as {
  data: Record<string, number[]>
  cases: Case[]
}

interface Row {
  id: number
  group: number
  name: string
}

// Functions without captured variables are captured fast.
const functions: Record<string, (...args: never[]) => unknown> = {
  inc: (x: number) => x + 1,
  double: (x: number) => x * 2,
  isEven: (x: number) => x % 2 === 0,
  mod3: (x: number) => ((x % 3) + 3) % 3,
  never: () => false,
  add: (a: number, b: number) => a + b,
  mul: (a: number, b: number) => (((a * b) % 1009) + 1009) % 1009,
  greater: (a: number, b: number) => Math.max(a, b),
  repeat: (x: number) => new Array(((x % 3) + 3) % 3).fill(x),
  pair: (x: number) => [x, x * x],
  record: (x: number): Row => ({
    id: x,
    group: ((x % 4) + 4) % 4,
    name: `n${Math.floor(((x % 7) + 7) % 7)}`,
  }),
  countAdd: (total: number) => total + 1,
  amountAdd: (total: number, row: Row) => total + row.id,
  idOf: (row: Row) => row.id,
  listSum: (items: Iterable<number>) => [[...items].reduce((a, b) => a + b, 0)],
  listLength: (items: Iterable<number>) => [[...items].length],
  sumOf: (items: Iterable<number>) => [...items].reduce((a, b) => a + b, 0),
  lengthOf: (items: Iterable<number>) => [...items].length,
}

type Chain = Record<string, (...args: unknown[]) => Chain>
const of = db as unknown as Chain

function run(bag: Chain, [operation, ...args]: readonly [string, ...unknown[]]): Chain {
  const f = args.map((arg) => (typeof arg === 'string' ? (functions[arg] ?? arg) : arg))
  switch (operation) {
    case 'mapWith':
      return bag.map!(...f)
    case 'mapItem':
      return bag.map!(f[0], bag.sum!())
    case 'mapBag':
      return of.map!(f[0], bag, bag.map!(f[1]))
    case 'unzip':
      return (bag.unzip!(2) as unknown as Chain[])[args[0] as number]!
    case 'reduction':
      return bag.reduction!(f[0], f[1], { splitEvery: f[2] })
    case 'fold':
      return f.length === 1 ? bag.fold!(f[0]) : bag.fold!(f[0], { initial: f[2], combine: f[1] })
    case 'var':
    case 'std':
      return bag[operation]!({ ddof: f[0] })
    case 'join':
      return bag.join!((args[0] as number[]).map(functions.record as never), f[1], f[2])
    case 'product':
      return bag.product!(bag.map!(f[0]))
    case 'concat':
      return of.concat!([bag, bag.map!(f[0])])
    case 'zip':
      return of.zip!(bag, bag.map!(f[0]))
    case 'take':
      return bag.take!(f[0], { npartitions: -1, compute: false })
    case 'repartition':
      return bag.repartition!({ npartitions: f[0] })
    default:
      return bag[operation]!(...f)
  }
}

/** Returns the lazy result of a case. */
function chainOf({ items, npartitions, steps }: Case): db.Bag<unknown> {
  let value = db.fromSequence(data[items]!, { npartitions }) as unknown as Chain
  for (const step of steps) value = run(value, step)
  return value as unknown as db.Bag<unknown>
}

/** A string that decides the order of values whose order does not count. */
const orderOf = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(orderOf).join()}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const fields = Object.entries(value).map(([name, field]) => `${name}:${orderOf(field)}`)
  return `{${fields.sort().join()}}`
}

function sorted(value: unknown, isGrouped: boolean): unknown {
  const list = (value as unknown[]).map((item) => {
    if (!isGrouped) return item
    const [key, group] = item as [unknown, unknown[]]
    return [key, group.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))]
  })
  return list.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
}

function expectSame(got: unknown, { out, unordered, steps }: Case): void {
  if (typeof out === 'number') expect(got).toBeCloseTo(out, 9)
  else if (unordered !== true) expect(got).toEqual(out)
  else {
    const isGrouped = steps.some(([name]) => name === 'groupby')
    expect(sorted(got, isGrouped)).toEqual(sorted(out, isGrouped))
  }
}

const title = ({ items, npartitions, steps }: Case): string => {
  return `${items} in ${npartitions}: ${steps.map((step) => step.join(' ')).join(', ')}`
}

/** Computes cases and compares all, so that one message lists those that fail. */
async function failures(get: Get, which: readonly Case[]): Promise<string[]> {
  const failed: string[] = []
  const results = await compute(...which.map(chainOf), { get })
  for (const [i, one] of which.entries()) {
    try {
      expectSame(results[i], one)
    } catch (error) {
      failed.push(`${title(one)}: ${String(error).slice(0, 300)}`)
    }
  }
  return failed
}

describe('Dask computes the same', () => {
  test('there are at least 500 cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(500)
  })

  test('in this thread', async () => {
    expect(await failures(getSync, cases)).toEqual([])
  })

  test('on threads', async () => {
    expect(await failures(getThreads, cases)).toEqual([])
  }, 60_000)
})

describe('on a cluster', () => {
  let cluster: Awaited<ReturnType<typeof LocalCluster.start>>
  beforeAll(async () => {
    cluster = await LocalCluster.start({ nworkers: 2 })
  }, 60_000)
  afterAll(() => cluster.close())

  test('a tenth of the cases', async () => {
    const get = (await cluster.client()).get
    const tenth = cases.filter((_, i) => i % 10 === 0)
    expect(await failures(get as Get, tenth)).toEqual([])
  }, 60_000)
})
