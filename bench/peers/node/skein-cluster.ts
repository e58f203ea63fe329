/** Skein on a LocalCluster of two worker processes, which starts with the first row that needs it. */
import { readFileSync } from 'node:fs'
import { type Client, LocalCluster } from 'skein'
import { allRows } from './skein-rows.js'
import { type Rows, roundTrips, type Size, work } from './work.js'

const options = { nworkers: 2, nthreads: 1 }
const addOne = (x: number): number => x + 1
const makeArray = (bytes: number): Float64Array => new Float64Array(bytes / 8).fill(1)
const sumOf = (array: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < array.length; i++) sum += array[i]!
  return sum
}

let started: { cluster: LocalCluster; client: Client } | undefined

async function start(): Promise<Client> {
  if (started === undefined) {
    const cluster = await LocalCluster.start(options)
    started = { cluster, client: await cluster.client() }
  }
  return started.client
}

const residentBytes = (pid: number): number =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

/** The largest worker, when V8 has had the time to give back what it took to start. */
async function residentLater() {
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  return work({
    run: () => Math.max(...started!.cluster.workers.map(({ pid }) => residentBytes(pid))),
    figure: (_, bytes) => bytes,
    value: () => 1,
  })
}

const transfers: Rows = {
  fetch: async ({ bytes }) => {
    const client = await start()
    return work({
      run: async () => {
        const future = client.submitWith({ pure: false }, makeArray, bytes)
        await client.wait([future])
        const begin = performance.now()
        const { length } = await future.result()
        const seconds = (performance.now() - begin) / 1000
        future.release()
        return { seconds, length }
      },
      figure: (_, { seconds }) => seconds,
      value: ({ length }) => length,
    })
  },

  scatter: async ({ bytes }) => {
    const client = await start()
    const array = makeArray(bytes)
    return work({
      run: async () => {
        array[0]!++
        const future = client.scatter(array)
        await client.wait([future])
        return future
      },
      value: (future) => {
        future.release()
        return array.length
      },
    })
  },

  'scatter-and-use': async ({ bytes }) => {
    const client = await start()
    const array = makeArray(bytes)
    return work({
      run: async () => {
        array[0]!++
        return client.submit(sumOf, client.scatter(array)).result()
      },
      // The first element is another one in each round.
      value: (sum) => sum - array[0]! + 1,
    })
  },
}

const rows: Rows = {
  ...allRows(async () => (await start()).get as never),
  ...transfers,

  'first-cluster': () => {
    let cluster: LocalCluster
    return work({
      run: async () => {
        cluster = await LocalCluster.start(options)
        const client = await cluster.client()
        return client.submit(addOne, 1).result()
      },
      value: (result) => result,
    })
  },

  'idle-worker': async () => {
    await start()
    return residentLater()
  },

  'used-worker': async () => {
    const client = await start()
    await client.submit(addOne, 1).result()
    return residentLater()
  },
}

const calls = roundTrips(async (x) => (await start()).submit(addOne, x).result())

export const open = async () => ({
  rows: {
    ...rows,
    'round-trip': async (size: Size) => calls['round-trip']!(size),
    'round-trip-p99': async (size: Size) => calls['round-trip-p99']!(size),
  },
  close: async () => {
    await started?.client.close()
    await started?.cluster.close()
  },
})
