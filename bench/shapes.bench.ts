/**
 * The overhead of a task in graphs of several shapes, without optimization: trees, chains, and all to all.
 * Results are small, so the figures show the cost of messages and bookkeeping.
 */
import { getThreads, LocalCluster } from 'skein'
import { type Benchmark, bestOf, type Row, rate } from './measure.js'

type Graph = Record<string, unknown>

interface Shape {
  readonly graph: Graph
  readonly tasks: number
  readonly answer: number
}

const rounds = 5
const goal = 100_000

const one = () => 1
const inc = (x: number) => x + 1
const sum = (parts: readonly number[]) => parts.reduce((total, part) => total + part, 0)

/** Leaves that are summed in pairs. */
function tree(name: string): Shape {
  const graph: Graph = {}
  let level = Array.from({ length: 65_536 }, (_, i) => `${name}-leaf-${i}`)
  for (const key of level) graph[key] = [one]
  let tasks = level.length
  for (let depth = 0; level.length > 1; depth++) {
    const next: string[] = []
    for (let i = 0; i < level.length; i += 2) {
      const key = level.length === 2 ? 'total' : `${name}-${depth}-${i}`
      graph[key] = [sum, [level[i], level[i + 1]]]
      next.push(key)
    }
    tasks += next.length
    level = next
  }
  return { graph, tasks, answer: 65_536 }
}

/** Parallel chains, joined at the end. */
function chains(count: number, length: number): (name: string) => Shape {
  return (name) => {
    const graph: Graph = {}
    const ends: string[] = []
    for (let c = 0; c < count; c++) {
      for (let i = 0; i < length; i++)
        graph[`${name}-${c}-${i}`] = i === 0 ? [one] : [inc, `${name}-${c}-${i - 1}`]
      ends.push(`${name}-${c}-${length - 1}`)
    }
    graph.total = [sum, ends]
    return { graph, tasks: count * length + 1, answer: count * length }
  }
}

/** Each of 200 tasks sends a part to each of 200 others. */
function allToAll(name: string): Shape {
  const n = 200
  const graph: Graph = {}
  const ends: string[] = []
  for (let i = 0; i < n; i++) graph[`${name}-from-${i}`] = [one]
  for (let j = 0; j < n; j++) {
    const parts: string[] = []
    for (let i = 0; i < n; i++) {
      graph[`${name}-${i}-${j}`] = [inc, `${name}-from-${i}`]
      parts.push(`${name}-${i}-${j}`)
    }
    graph[`${name}-to-${j}`] = [sum, parts]
    ends.push(`${name}-to-${j}`)
  }
  graph.total = [sum, ends]
  return { graph, tasks: n + n * n + n + 1, answer: 2 * n * n }
}

const shapes: Record<string, (name: string) => Shape> = {
  'tree of 65,536 leaves, in pairs': tree,
  '100 chains of 1,000': chains(100, 1000),
  'one chain of 20,000': chains(1, 20_000),
  'all to all, 200 x 200': allToAll,
}

let graphs = 0

async function timesOf(who: string, get: (graph: Graph, key: string) => unknown): Promise<Row[]> {
  const rows: Row[] = []
  for (const [name, make] of Object.entries(shapes)) {
    let best = Number.POSITIVE_INFINITY
    let tasks = 0
    for (let round = 0; round < rounds; round++) {
      const shape = make(`g${graphs++}`)
      tasks = shape.tasks
      const { time } = await bestOf(1, {
        time: async () => {
          const total = await get(shape.graph, 'total')
          if (total !== shape.answer) throw new Error(`Expected ${shape.answer}, got ${total}`)
        },
      })
      best = Math.min(best, time)
    }
    const met = tasks / best >= goal
    rows.push({ benchmark: name, who, figure: rate(tasks, best), goal: '100,000/s', met })
  }
  return rows
}

const threads: Benchmark = () => timesOf('getThreads', getThreads as never)

const cluster: Benchmark = async () => {
  const local = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  const client = await local.client()
  const rows = await timesOf('client.get, two worker processes', client.get)
  await client.close()
  await local.close()
  return rows
}

export const benchmarks = [threads, cluster]
