/**
 * The cost of a task in the scheduler's engine alone: simulated workers answer at once, without sockets,
 * threads or functions. It should not depend on the number of tasks or workers.
 */
import { engines, type FromEngine } from './internals.js'
import type { Benchmark, Row } from './measure.js'

const rounds = 12
/** Small computations are repeated within a round, so that V8 optimizes the code. */
const repeatsOf = (tasks: number): number => Math.ceil(100_000 / tasks)
const nothing = new Int32Array(0)
const bytes = { head: new Uint8Array(1), buffers: [], bundles: [] }

/** A simulated worker that finishes its tasks at once. */
interface Answering {
  readonly inbox: FromEngine[]
  link: unknown
}

/** Makes a graph of tasks without inputs, and one that reads them all. */
function fanIn(run: number, count: number) {
  const inputStart = new Int32Array(count + 2)
  inputStart[count + 1] = count
  const numbers = Int32Array.from({ length: count + 1 }, (_, i) => i)
  const text = Array.from(numbers, (i) => String(i).padStart(8, '0')).join('')
  return {
    op: 'submit',
    run,
    recipeTokens: ['leaf', 'all'],
    recipes: [bytes, bytes],
    bundles: [],
    recipeOf: new Int32Array(count + 1).fill(1, count),
    inputStart,
    inputs: numbers.subarray(0, count),
    ranks: numbers,
    targets: Int32Array.of(count),
    params: [],
    paramEnd: new Int32Array(count + 1),
    keys: { joined: text, ends: numbers.map((i) => (i + 1) * 8) },
    layers: [],
    contentNamed: new Uint8Array(0),
    reportProgress: false,
    externals: { runs: [], runOf: nothing, targets: nothing },
    annotations: [],
    holdTargets: false,
    deliver: nothing,
  }
}

/** Makes a graph of a hundred parallel chains, and one task that reads their ends. */
function chains(run: number, count: number) {
  const fan = fanIn(run, count)
  const width = 100
  const inputStart = new Int32Array(count + 2)
  const inputs: number[] = []
  for (let task = 0; task < count; task++) {
    inputStart[task] = inputs.length
    if (task >= width) inputs.push(task - width)
  }
  inputStart[count] = inputs.length
  for (let end = count - width; end < count; end++) inputs.push(end)
  inputStart[count + 1] = inputs.length
  return { ...fan, inputStart, inputs: Int32Array.from(inputs) }
}

type Shape = (run: number, count: number) => ReturnType<typeof fanIn>

/** Returns a function that runs one computation and returns the nanoseconds per task. */
function runnerOf(shape: Shape, tasks: number, nworkers: number): () => number {
  const engine = engines.make({ now: () => performance.now(), log: () => {} })
  const ready: Answering[] = []
  for (let i = 0; i < nworkers; i++) {
    const worker: Answering = { inbox: [], link: undefined }
    const hello = {
      op: 'hello',
      nthreads: 1,
      address: `p${i}`,
      name: `w${i}`,
      resources: {},
      pid: i,
    }
    worker.link = engine.addWorker({ ...hello, hostname: '', includeKeys: false }, (message) => {
      if (message.op !== 'compute') return
      if (worker.inbox.push(message) === 1) ready.push(worker)
    })
    engine.startWorker(worker.link)
  }
  let isDone = false
  const client = engine.addClient({ session: 's', name: 'c' }, (message) => {
    isDone ||= message.op === 'done'
  })
  let run = 0
  return () => {
    const submit = shape(++run, tasks)
    isDone = false
    const start = performance.now()
    engine.submit(client, submit)
    for (let next = 0; !isDone; next++) {
      const worker = ready[next]
      if (worker === undefined)
        throw new Error('The engine sends no tasks, and the computation is not done')
      for (const { tasks: done, attempts, deliver } of worker.inbox.splice(0)) {
        engine.fromWorker(worker.link, {
          op: 'finished',
          tasks: done,
          attempts,
          nbytes: new Float64Array(done.length).fill(8),
          durations: new Float32Array(done.length).fill(0.01),
          delivered: deliver,
          values: Array.from(deliver, () => 1),
          bundles: [],
        })
      }
    }
    const time = performance.now() - start
    ready.length = 0
    engine.cancelRun(client, run)
    return (time * 1e6) / (tasks + 1)
  }
}

function rowsOf(
  cases: readonly (readonly [tasks: number, workers: number])[],
  shape: Shape = fanIn,
): Row[] {
  const runners = cases.map(([tasks, workers]) => runnerOf(shape, tasks, workers))
  const costs = cases.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < rounds; round++) {
    for (const [i, run] of runners.entries()) {
      for (let repeat = 0; repeat < repeatsOf(cases[i]![0]); repeat++)
        costs[i] = Math.min(costs[i]!, run())
    }
  }
  const form = shape === fanIn ? '' : ' in 100 chains'
  const least = Math.min(...costs)
  return cases.map(([tasks, workers], i) => ({
    benchmark: `${tasks.toLocaleString('en-US')} tasks${form}, ${workers.toLocaleString('en-US')} workers that answer at once`,
    who: 'engine',
    figure: `${costs[i]!.toFixed(0)} ns per task`,
    ratio: (costs[i]! / least).toFixed(2),
    goal: '1.5 of the lowest',
    met: costs[i]! <= 1.5 * least,
  }))
}

const byTasks: Benchmark = async () =>
  rowsOf([
    [1000, 8],
    [10_000, 8],
    [100_000, 8],
    [1_000_000, 8],
  ])

const byWorkers: Benchmark = async () =>
  rowsOf([
    [100_000, 1],
    [100_000, 10],
    [100_000, 100],
    [100_000, 1000],
  ])

const chainsByWorkers: Benchmark = async () =>
  rowsOf(
    [
      [100_000, 1],
      [100_000, 10],
      [100_000, 100],
      [100_000, 1000],
    ],
    chains,
  )

export const benchmarks = [byTasks, byWorkers, chainsByWorkers]
