/**
 * The scheduler's memory per unfinished task, without the string of its key: heap and buffers after a
 * garbage collection, with all tasks submitted and none finished.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { db } from 'skein'
import { engines, type FromEngine, layered } from './internals.js'
import type { Benchmark, Row } from './measure.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const count = 1_000_000
const goal = 300
const nothing = new Int32Array(0)
const bytes = { head: new Uint8Array(1), buffers: [], bundles: [] }

/** Returns the bytes in use after garbage collection. */
async function used(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Makes the message that submits a graph, given the inputs of each task. */
function submission(
  inputsOf: (task: number) => readonly number[],
  { isNamed = false, keeps = false }: { isNamed?: boolean; keeps?: boolean } = {},
) {
  const inputStart = new Int32Array(count + 1)
  const inputs: number[] = []
  const ends = new Int32Array(count)
  const keys: string[] = []
  for (let task = 0; task < count; task++) {
    for (const input of inputsOf(task)) inputs.push(input)
    inputStart[task + 1] = inputs.length
    keys.push(String(task).padStart(8, '0'))
    ends[task] = (task + 1) * 8
  }
  return {
    op: 'submit',
    run: 0,
    recipeTokens: ['recipe'],
    recipes: [bytes],
    bundles: [],
    recipeOf: new Int32Array(count),
    inputStart,
    inputs: Int32Array.from(inputs),
    ranks: Int32Array.from(keys.keys()),
    targets: keeps ? Int32Array.from(keys.keys()) : Int32Array.of(count - 1),
    params: Array.from(keys.keys()),
    paramEnd: Int32Array.from(ends.keys(), (task) => task + 1),
    keys: { joined: keys.join(''), ends },
    layers: [],
    contentNamed: isNamed ? new Uint8Array(count).fill(1) : new Uint8Array(0),
    reportProgress: false,
    externals: { runs: [], runOf: nothing, targets: nothing },
    annotations: [],
    holdTargets: keeps,
    deliver: nothing,
  }
}

/** The mean length of the keys of a collection, which the scheduler makes itself. */
let keyLength = 0

function blockwise(): object {
  const bag = db.range(3 * count, { npartitions: count }).map((x) => x + 1)
  const options = { run: 0, wantsProgress: false, sent: new Set() }
  const made = layered.makeLayeredSubmission(bag.optimize(), bag.keys, options)
  if (made === undefined) throw new Error('The collection was not submitted as layers')
  keyLength = bag.keys.reduce((sum, key) => sum + key.length, 0) / count
  return made.message
}

const none: readonly number[] = []
const all = Array.from({ length: count - 1 }, (_, task) => task)
const shapes: Record<string, () => object> = {
  'fan-in': () => submission((task) => (task < count - 1 ? none : all)),
  chain: () => submission((task) => (task === 0 ? none : [task - 1])),
  'tree, in pairs': () =>
    submission((task) => {
      const first = 2 * (task - count / 2)
      return first < 0 ? none : first + 1 < task ? [first, first + 1] : [first]
    }),
  'fan-in, named by content': () =>
    submission((task) => (task < count - 1 ? none : all), { isNamed: true }),
  'results kept, named by content': () => submission(() => none, { isNamed: true, keeps: true }),
  'a bag of as many partitions': blockwise,
}

const keptTexts: (string | undefined)[] = []

async function bytesOf(shape: () => object): Promise<number> {
  const engine = engines.make({ now: () => performance.now(), log: () => {} })
  let sentTasks = 0
  for (let i = 0; i < 8; i++) {
    const hello = {
      op: 'hello',
      nthreads: 1,
      address: `p${i}`,
      name: `w${i}`,
      resources: {},
      pid: i,
    }
    const post = (message: FromEngine): void => {
      if (message.op === 'compute') sentTasks += message.tasks.length
    }
    engine.startWorker(engine.addWorker({ ...hello, hostname: '', includeKeys: false }, post))
  }
  const client = engine.addClient({ session: 's', name: 'c' }, () => {})
  let submit: { keys?: { text?: string } } | undefined = shape()
  // The keys' string exists before and after; the rest of the message is garbage afterwards.
  keptTexts.push(submit.keys?.text)
  const before = (await used()) - sizeOf(submit)
  engine.submit(client, submit)
  submit = undefined
  const after = await used()
  if (sentTasks === 0) throw new Error('No task was sent to the workers')
  engine.cancelRun(client, 0)
  return (after - before) / count
}

/** Returns the bytes of a message's columns: typed arrays, and one pointer per parameter. */
function sizeOf(message: object): number {
  let size = 0
  for (const field of Object.values(message)) {
    if (ArrayBuffer.isView(field)) size += field.byteLength
    else if (Array.isArray(field)) size += 8 * field.length
    else if (typeof field === 'object' && field !== null) size += sizeOf(field)
  }
  return size
}

const memory: Benchmark = async () => {
  const rows: Row[] = []
  for (const [name, shape] of Object.entries(shapes)) {
    const each = (await bytesOf(shape)) - (shape === blockwise ? keyLength : 0)
    rows.push({
      benchmark: `${count.toLocaleString('en-US')} tasks in flight: ${name}`,
      who: 'engine',
      figure: `${each.toFixed(0)} bytes per task beyond its key`,
      goal: `${goal} bytes`,
      met: each <= goal,
    })
  }
  return rows
}

export const benchmarks = [memory]
