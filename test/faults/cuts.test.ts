/** Workers that can reach the scheduler but not one another. */
import { expect, test } from 'vitest'
import { Cluster, freePort, isQuiet, Passage } from './support.js'

/** A graph whose second layer reads all of the first. */
function allToAll(width: number, size: number): Record<string, unknown> {
  const graph: Record<string, unknown> = {}
  const part = async (i: number, size: number) => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return new Float64Array(size).fill(i)
  }
  const sum = (parts: readonly Float64Array[]) =>
    parts.reduce((total, x) => total + x[0]! * x.length, 0)
  const keys: string[] = []
  for (let i = 0; i < width; i++) {
    graph[`part${i}`] = [part, i, size]
    keys.push(`part${i}`)
  }
  for (let i = 0; i < width; i++) graph[`sum${i}`] = [sum, keys]
  return graph
}

const expected = (width: number, size: number) => (size * width * (width - 1)) / 2

test('workers whose connections are refused get results through the scheduler at once', async () => {
  const cluster = await Cluster.start(0)
  for (let i = 0; i < 2; i++) {
    await cluster.addWorker('--contact-address', `tcp://127.0.0.1:${await freePort()}`)
  }
  const client = await cluster.client()
  await cluster.workersAre(client, 2)
  const keys = Array.from({ length: 12 }, (_, i) => `sum${i}`)
  const start = performance.now()
  expect(await client.get(allToAll(12, 5000), keys)).toEqual(keys.map(() => expected(12, 5000)))
  expect(performance.now() - start).toBeLessThan(25_000)
  expect((await client.schedulerInfo()).relayed).toBeGreaterThan(0)
  await isQuiet(client)
})

test('workers that do not answer one another get results through the scheduler after a timeout', async () => {
  const cluster = await Cluster.start(0)
  for (let i = 0; i < 3; i++) {
    const port = await freePort()
    const hole = await Passage.to(port, 0)
    await cluster.addWorker(
      ...['--port', `${port}`, '--contact-address', hole.address, '--peer-timeout', '700'],
    )
  }
  const client = await cluster.client()
  await cluster.workersAre(client, 3)
  const keys = Array.from({ length: 9 }, (_, i) => `sum${i}`)
  expect(await client.get(allToAll(9, 100), keys)).toEqual(keys.map(() => expected(9, 100)))
  // A worker that is known to be unreachable costs no more waiting.
  const start = performance.now()
  expect(await client.get(allToAll(9, 100_000), keys)).toEqual(keys.map(() => expected(9, 100_000)))
  expect(performance.now() - start).toBeLessThan(25_000)
  expect((await client.schedulerInfo()).relayed).toBeGreaterThan(0)
  await isQuiet(client)
})

test('a cut in one direction and broken connections do not change the results', async () => {
  const cluster = await Cluster.start(1)
  const port = await freePort()
  const passage = await Passage.to(port)
  await cluster.addWorker('--port', `${port}`, '--contact-address', passage.address)
  const client = await cluster.client()
  await cluster.workersAre(client, 2)
  const keys = Array.from({ length: 6 }, (_, i) => `sum${i}`)
  expect(await client.get(allToAll(6, 1000), keys)).toEqual(keys.map(() => expected(6, 1000)))
  expect((await client.schedulerInfo()).relayed).toBe(0)
  const computing = client.get(allToAll(6, 200_000), keys)
  passage.close()
  expect(await computing).toEqual(keys.map(() => expected(6, 200_000)))
  expect(await client.get(allToAll(6, 1000), keys)).toEqual(keys.map(() => expected(6, 1000)))
  await isQuiet(client)
})
