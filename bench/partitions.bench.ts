/**
 * The cost of a partition: a chain over arrays of one element, summed in a tree, on threads and on a
 * cluster of two workers. It should not depend on the number of partitions. A million takes long: set
 * `SKEIN_BENCH_PARTITIONS=1000000` to measure it too.
 */
import { da, LocalCluster } from 'skein'
import { type Benchmark, bestOf, type Row } from './measure.js'

const rounds = 5
const most = Number(process.env.SKEIN_BENCH_PARTITIONS ?? 100_000)
const sizes = [10_000, 100_000, 1_000_000].filter((n) => n <= most)

type Get = Parameters<ReturnType<typeof da.ones>['compute']>[0]

let factor = 2

/** Builds and computes the sum; every round has another factor, so that no scheduler knows its tasks. */
async function sum(n: number, options: Get): Promise<void> {
  factor++
  const total = await da.ones([n], { chunks: 1 }).add(1).mul(factor).sum().compute(options)
  if (total !== n * 2 * factor) throw new Error(`Expected ${n * 2 * factor}, got ${total}`)
}

/** The bytes that this process holds, with those of buffers outside of the heap. */
function bytesHeld(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function rowsOf(who: string, goal: number, options: Get): Promise<Row[]> {
  const rows: Row[] = []
  for (const n of sizes) {
    let peak = 0
    const start = bytesHeld()
    const timer = setInterval(() => {
      peak = Math.max(peak, bytesHeld() - start)
    }, 5)
    const { time } = await bestOf(n > 100_000 ? 2 : rounds, { time: () => sum(n, options) })
    clearInterval(timer)
    const cost = (time * 1e6) / n
    rows.push({
      benchmark: `${n.toLocaleString('en-US')} partitions of one element, chain and sum`,
      who,
      figure: `${cost.toFixed(1)} us, ${Math.round(peak / n)} bytes per partition`,
      goal: `${goal} us`,
      met: cost <= goal,
    })
  }
  return rows
}

const threads: Benchmark = () => rowsOf('getThreads', 5, {})

const cluster: Benchmark = async () => {
  const local = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  const client = await local.client()
  const rows = await rowsOf('client.get, two worker processes', 8, { get: client.get })
  await client.close()
  await local.close()
  return rows
}

export const benchmarks = [threads, cluster]
