/** The cost of passing an array of 80 MB to a task, against copying it once. */
import { db, type Get, getThreads, LocalCluster } from 'skein'
import { type Benchmark, bestOf, duration, type Row } from './measure.js'

const length = 10_000_000
const rounds = 7

/** Copies into existing memory, so that no garbage collection disturbs the other contenders. */
function plainCopy(array: Float64Array): () => void {
  const target = new Float64Array(length)
  return () => target.set(array)
}

/** Makes a row that compares a time with that of one copy. */
function row(benchmark: string, who: string, seconds: number, copy: number, goal: number): Row {
  return {
    benchmark: `80 MB: ${benchmark}`,
    who,
    figure: duration(seconds),
    ratio: (seconds / copy).toFixed(2),
    goal: `${goal} of one copy`,
    met: seconds <= goal * copy,
  }
}

const toThread: Benchmark = async () => {
  const array = new Float64Array(length).fill(1)
  const bag = db.fromSequence([1], { npartitions: 1 }).map((x) => x + array[length - 1]!)
  const shared = new Float64Array(new SharedArrayBuffer(length * 8)).fill(1)
  await bag.compute({ get: getThreads })
  const times = await bestOf(rounds, {
    copy: plainCopy(array),
    captured: () => bag.compute({ get: getThreads }),
    given: () => getThreads({ given: shared, end: [(a: Float64Array) => a[5], 'given'] }, 'end'),
  })
  return [
    row('captured, read on a thread', 'getThreads', times.captured, times.copy, 0.25),
    row('in shared memory, passed to a task', 'getThreads', times.given, times.copy, 0.25),
  ]
}

/** Passes a result from task to task and back, which costs one copy into shared memory. */
async function results(who: string, get: Get, goal: number): Promise<Row> {
  const array = new Float64Array(length).fill(1)
  const graph = {
    made: [(size: number) => new Float64Array(new SharedArrayBuffer(size * 8)), length],
    same: [(made: Float64Array) => made, 'made'],
  }
  const empty = { made: [(size: number) => size, 1], same: [(made: number) => made, 'made'] }
  await get(graph, 'same')
  const times = await bestOf(rounds, {
    copy: plainCopy(array),
    overhead: () => get(empty, 'same'),
    result: () => get(graph, 'same'),
  })
  return row(
    'a result, through two tasks to the user',
    who,
    Math.max(0, times.result - times.overhead),
    times.copy,
    goal,
  )
}

const threads: Benchmark = async () => [await results('getThreads', getThreads, 1)]

const cluster: Benchmark = async () => {
  const local = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  const client = await local.client()
  // The result passes through two sockets.
  const rows = [await results('client.get, two worker processes', client.get, 30)]
  await client.close()
  await local.close()
  return rows
}

export const benchmarks = [toThread, threads, cluster]
