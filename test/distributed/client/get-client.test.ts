/** Tasks that start tasks with getClient, and wait for them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getThreads } from '../../../core/run/threads/get-threads.js'
import type { Client } from '../../../distributed/client/client.js'
import { getClient } from '../../../distributed/client/get-client.js'
import { LocalCluster } from '../../../distributed/processes/local-cluster.js'
import { db } from '../../../index.js'
import { until } from '../support.js'

async function fib(n: number): Promise<number> {
  if (n < 2) return n
  const client = getClient()
  const [a, b] = [client.submit(fib, n - 1), client.submit(fib, n - 2)]
  return (await a.result()) + (await b.result())
}

async function descend(depth: number): Promise<number> {
  if (depth === 0) return 0
  return (
    1 +
    (await getClient()
      .submit(descend, depth - 1)
      .result())
  )
}

const square = (x: number) => x * x
const nap = (ms: number) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms))
const add = (a: number, b: number) => a + b

describe('on one worker with one thread', () => {
  let cluster: LocalCluster
  let client: Client

  beforeAll(async () => {
    cluster = await LocalCluster.start({ nworkers: 1, nthreads: 1 })
    client = await cluster.client()
  })

  afterAll(async () => {
    await cluster?.close()
  })

  test('a recursion with two branches', async () => {
    expect(await client.submit(fib, 12).result()).toBe(144)
  })

  test('a recursion of depth 1,000', async () => {
    expect(await client.submit(descend, 1000).result()).toBe(1000)
  })

  test('map, gather, get and compute within a task', async () => {
    const sumOfSquares = async (n: number) => {
      const inner = getClient()
      const squares = await inner.gather(
        inner.map(
          square,
          Array.from({ length: n }, (_, i) => i),
        ),
      )
      const total = await inner.get({ a: [add, squares[1]!, squares[2]!], b: [add, 'a', 100] }, 'b')
      const bag = await db.range(4, { npartitions: 2 }).sum().compute({ get: inner.get })
      return [squares, total, bag]
    }
    expect(await client.submit(sumOfSquares, 4).result()).toEqual([[0, 1, 4, 9], 105, 6])
  })

  test('map-reduce of a bag within map-reduce', async () => {
    const nested = db
      .fromSequence([1, 2, 3], { npartitions: 3 })
      .map(async (n) => {
        const inner = getClient()
        const parts = inner.map(
          square,
          Array.from({ length: n }, (_, i) => i + 1),
        )
        return (await inner.gather(parts)).reduce(add, 0)
      })
      .sum()
    expect(await nested.compute({ get: client.get })).toBe(1 + 5 + 14)
  })

  test('futures are arguments, failures are caught, and thrown errors fail the outer task', async () => {
    const outer = async () => {
      const inner = getClient()
      const two = inner.submit(add, 1, 1)
      const bad = inner.submit((x: number): number => {
        throw new RangeError(`no ${x}`)
      }, two)
      try {
        await bad.result()
      } catch (error) {
        return [(error as Error & { cause: Error }).cause.message, await two.result()]
      }
      return undefined
    }
    expect(await client.submit(outer).result()).toEqual(['no 2', 2])
    const rethrow = async () =>
      await getClient()
        .submit((): number => {
          throw new RangeError('deep')
        })
        .result()
    await expect(client.submit(rethrow).result()).rejects.toThrow('deep')
  })

  test('a future cannot be a result, and closing the client does nothing', async () => {
    const give = () => getClient().submit(add, 1, 2)
    await expect(client.submit(give).result()).rejects.toThrow('it is a future')
    const closing = async () => {
      await getClient().close()
      return await getClient().submit(add, 1, 2).result()
    }
    expect(await client.submit(closing).result()).toBe(3)
  })

  test('a task whose tasks end its thread repeatedly fails', async () => {
    const endsThread = async () =>
      await getClient()
        .submit(() => process.exit(3))
        .result()
    await expect(client.submit(endsThread).result()).rejects.toThrow('threads ended')
    expect(await client.submit(fib, 6).result()).toBe(8)
  })

  test('cancelling a task cancels the tasks that it has started, and no others', async () => {
    const slow = async (ms: number) => {
      await getClient()
        .submit((x: number) => x, ms)
        .result()
      return await getClient().submitWith({ pure: false }, nap, ms).result()
    }
    const compute = async () => await getClient().get({ x: [() => new Promise(() => {})] }, 'x')
    const [kept, ...others] = [
      client.submit(slow, 700),
      client.submit(slow, 60_000),
      client.submit(compute),
    ]
    await new Promise((resolve) => setTimeout(resolve, 300))
    client.cancel(others)
    expect(await kept!.result()).toBe(700)
    expect(await client.submit(fib, 4).result()).toBe(3)
  })

  test('cancelling a task that waits forever frees its thread', async () => {
    const endless = async () => {
      await getClient()
        .submit(() => new Promise<number>(() => {}))
        .result()
    }
    const future = client.submitWith({ pure: false }, endless)
    await until('it has started', async () => (await client.schedulerInfo()).clients > 1)
    // The task that it waits for runs too, on the only thread.
    await new Promise((resolve) => setTimeout(resolve, 300))
    future.cancel()
    expect(await client.submit(add, 20, 22).result()).toBe(42)
    expect(await client.submit(fib, 5).result()).toBe(5)
  })
})

test('a task that starts others can be cancelled at any time', async () => {
  await using cluster = await LocalCluster.start({ nworkers: 1, nthreads: 1 })
  const client = await cluster.client()
  const endless = async () => {
    await getClient()
      .submit(() => new Promise<number>(() => {}))
      .result()
  }
  for (const delay of [0, 1, 2, 4, 8, 16, 1, 2, 4, 8, 16, 32]) {
    const future = client.submitWith({ pure: false }, endless)
    await new Promise((resolve) => setTimeout(resolve, delay))
    future.cancel()
    expect(await client.submitWith({ pure: false }, add, 20, 22).result()).toBe(42)
  }
})

test('recursion works with several workers and threads', async () => {
  await using cluster = await LocalCluster.start({ nworkers: 2, nthreads: 2 })
  const client = await cluster.client()
  expect(await client.submit(fib, 10).result()).toBe(55)
  expect(await client.gather(client.map(fib, [1, 5, 9]))).toEqual([1, 5, 34])
})

test('getClient throws outside of a task and on the threads of a process', async () => {
  expect(() => getClient()).toThrow('not within a task')
  await expect(getThreads({ x: [() => getClient().address] }, 'x')).rejects.toThrow(
    'and not on a cluster',
  )
})

test('the dependents of a task that waits run when it is done', async () => {
  await using cluster = await LocalCluster.start({ nworkers: 1, nthreads: 1 })
  const client = await cluster.client()
  const inc = async (x: number) => x + 1
  const step = async (x: number) => await getClient().submit(inc, x).result()
  // The second time, the durations are known, so tasks are queued behind one another.
  for (const start of [0, 100]) {
    let future = client.submit(step, start)
    for (let i = 0; i < 30; i++) future = client.submit(step, future)
    expect(await future.result()).toBe(start + 31)
  }
})
