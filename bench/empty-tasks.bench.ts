/** The overhead of a task: 100,000 empty tasks with keys of their own, and one that reads all results. */
import { getSync, getThreads, LocalCluster } from 'skein'
import { type Benchmark, bestOf, rate } from './measure.js'

type Graph = Record<string, unknown>

const tasks = 100_000
const rounds = 7

const empty = (i: number) => i
const count = (results: readonly number[]) => results.length

/** Makes a graph with fresh keys, so that no scheduler has results for them. */
function fanIn(name: string): Graph {
  const graph: Record<string, unknown> = {}
  const keys: string[] = []
  for (let i = 0; i < tasks; i++) {
    const key = `${name}-${i}`
    graph[key] = [empty, i]
    keys.push(key)
  }
  graph[`${name}-total`] = [count, keys]
  return graph
}

let graphs = 0

/** Returns the best time of a `get`, without the time of building the graph. */
async function timeOf(get: (graph: Graph, key: string) => unknown): Promise<number> {
  let name = ''
  let graph: Graph = {}
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    name = `g${graphs++}`
    graph = fanIn(name)
    const { time } = await bestOf(1, {
      time: async () => {
        const total = await get(graph, `${name}-total`)
        if (total !== tasks) throw new Error(`Expected ${tasks} results, got ${String(total)}`)
      },
    })
    best = Math.min(best, time)
  }
  return best
}

function row(who: string, goal: number, seconds: number) {
  return {
    benchmark: `${tasks.toLocaleString('en-US')} empty tasks, fan-in`,
    who,
    figure: rate(tasks, seconds),
    goal: `${goal.toLocaleString('en-US')}/s`,
    met: tasks / seconds >= goal,
  }
}

const sync: Benchmark = async () => [row('getSync', 1_000_000, await timeOf(getSync))]

const threads: Benchmark = async () => [row('getThreads', 300_000, await timeOf(getThreads))]

const cluster: Benchmark = async () => {
  const local = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  const client = await local.client()
  const seconds = await timeOf(client.get)
  await client.close()
  await local.close()
  return [row('client.get, two worker processes', 100_000, seconds)]
}

export const benchmarks = [sync, threads, cluster]
