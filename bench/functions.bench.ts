/**
 * Functions that travel: capturing a closure, once per closure; reviving it, once per thread; and how
 * often one function is sent when many tasks call it.
 */
import { spawnSync } from 'node:child_process'
import { Worker as Thread } from 'node:worker_threads'
import { db, getThreads } from 'skein'
import { functions } from './internals.js'
import { type Benchmark, bestOf, type Row } from './measure.js'

const rounds = 15
const batch = 100

const config = { limit: 10, scale: { factor: 2 }, unused: new Map() }
const clamp = (x: number, limit: number) => Math.min(Math.max(x, 0), limit)

/** Makes a typical closure, which captures a number, a property of a module's object, and a function. */
function makeClosure(offset: number) {
  return (x: number) => clamp(x * config.scale.factor + offset, config.limit)
}

function micros(benchmark: string, seconds: number, goal: number): Row {
  const figure = `${(seconds * 1e6).toPrecision(3)} us`
  return { benchmark, who: 'core', figure, goal: `${goal} us`, met: seconds * 1e6 <= goal }
}

let made = 0

const capture: Benchmark = async () => {
  const known = makeClosure(-1)
  functions.capture(known)
  const times = await bestOf(rounds, {
    fresh: () => {
      for (let i = 0; i < batch; i++) functions.capture(makeClosure(made++))
    },
    known: () => {
      for (let i = 0; i < batch; i++) functions.capture(clamp)
    },
  })
  return [
    micros('capture of a typical closure', times.fresh / batch, 500),
    micros('capture of a known function', times.known / batch, 5),
  ]
}

const revive: Benchmark = async () => {
  const tokens = Array.from({ length: batch }, () => functions.capture(makeClosure(made++)).token)
  const { bundles } = functions
  const items = bundles.closure(tokens).map((token) => [token, bundles.get(token)!] as const)
  const times = await bestOf(rounds, {
    // A thread that has received the bytes and has revived nothing yet.
    revive: () => {
      const store = new functions.BundleStore()
      store.addAll(items)
      const thread = new functions.Functions(store)
      for (const token of tokens) {
        const fn = thread.lookup(token) as (x: number) => number
        if (fn(1e9) !== 10) throw new Error('it is another function')
      }
    },
  })
  return [micros('revival of a typical closure', times.revive / batch, 200)]
}

/** The first capture of a process starts the inspector and parses the user's files. */
const first: Benchmark = async () => {
  const program = `
    import { db } from 'skein'
    const offset = process.argv.length
    const bag = db.fromSequence([1], { npartitions: 1 })
    const start = performance.now()
    bag.map((x) => x + offset)
    console.log(performance.now() - start)`
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    })
    best = Math.min(best, Number(stdout))
  }
  const figure = `${best.toFixed(0)} ms`
  return [{ benchmark: 'first capture of a process', who: 'core', figure }]
}

/** How often a function that 10,000 tasks call is sent to a thread. */
const sentOnce: Benchmark = async () => {
  const npartitions = 10_000
  const offset = made++
  const sent = new Map<Thread, number>()
  const post = Thread.prototype.postMessage
  Thread.prototype.postMessage = function (this: Thread, message, ...rest) {
    const { bundles = [] } = message as { bundles?: readonly unknown[] }
    sent.set(this, (sent.get(this) ?? 0) + bundles.length)
    return (post as (...args: unknown[]) => void).call(this, message, ...rest)
  }
  try {
    const bag = db.fromSequence([...Array(npartitions).keys()], { npartitions })
    await bag.map((x) => x + offset).compute({ get: getThreads })
  } finally {
    Thread.prototype.postMessage = post
  }
  const most = Math.max(...sent.values())
  const benchmark = '10,000 partitions, one function'
  return [
    {
      benchmark,
      who: 'getThreads',
      figure: `${most} bundle per thread`,
      goal: '1',
      met: most === 1,
    },
  ]
}

export const benchmarks = [capture, revive, first, sentOnce]
