/**
 * The entry point of an executor thread: runs tasks one after another and reports them in batches.
 *
 * A result is turned into bytes here, before it is reported. A batch goes out when there is nothing
 * left to do, or a few milliseconds after the first result in it; then the thread listens for a
 * moment, so that tasks can be taken back.
 *
 * A task that has started others and waits for them secedes: the next ones are run, and it goes on
 * when what it waits for has come. So a thread may have any number of tasks that wait.
 */
import { MessageChannel, type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { Encoded } from '../../codec/index.js'
import { bundles, decode, prepare } from '../../codec/index.js'
import type { Recipe } from '../../graph/recipe.js'
import { isEncoded, load, type StoredValue, store } from '../../graph/stored-value.js'
import { compileRecipe, isThenable, type RecipeRunner, StepFailure } from '../compile-recipe.js'
import { printDirectly } from './direct-output.js'
import type {
  BundleItem,
  ExecutorData,
  ExecutorEvent,
  ExecutorFailure,
  RunMessage,
  ToExecutor,
} from './executor-protocol.js'
import { failingStep } from './failing-step.js'
import { serializeError } from './serialize-error.js'
import { isSmallBatch, packReport, unpackFewTasks } from './task-messages.js'
import { type SecededTask, secededTask, setTaskRuntime } from './task-runtime.js'

interface Batch {
  readonly message: RunMessage
  next: number
  prepared?: Promise<void>
  /** Results of tasks that others of the batch still read, by place, with how many do. */
  readonly made: Map<number, { value: StoredValue; isThere: boolean; readers: number }>
}

/** Milliseconds of results that are gathered before they are reported. */
const reportAfter = 2

/** Milliseconds that a task which nobody wants has to end by itself. */
const cancelGrace = 300

const port = parentPort!
const none: unknown[] = []
/** How results are put to rest, and how errors name them. */
const asResult = { shared: true, path: ['result'] }
const { running, printsDirectly, cluster } = workerData as ExecutorData
const recipeBytes = new Map<number, Encoded>()
const runners = new Map<number, RecipeRunner>()
const cancelled = new Set<string>()
const sentBundles = new Set<string>()
/** Batches under way; `prepared` once what their values need is being loaded, whichever task asks first. */
const queue: Batch[] = []

/** A task that is being run. */
class Current implements SecededTask {
  readonly task: number
  readonly attempt: number
  hasSeceded = false
  /** Nobody wants it any more. */
  isAbandoned = false
  /** Goes on with other tasks. */
  release: (() => void) | undefined
  /** Who is to be told when nobody wants it any more. */
  private listeners: Set<() => void> | undefined

  constructor(task: number, attempt: number) {
    this.task = task
    this.attempt = attempt
  }

  onCancelled(listener: () => void): () => void {
    if (this.isAbandoned) queueMicrotask(listener)
    this.listeners ??= new Set()
    this.listeners.add(listener)
    return () => this.listeners!.delete(listener)
  }

  abandon(): void {
    this.isAbandoned = true
    for (const listener of [...(this.listeners ?? [])]) listener()
  }
}

/** Tasks that have seceded and are not done. */
const seceded = new Set<Current>()
let current: Current | undefined
let isRunning = false
if (printsDirectly) printDirectly()

setTaskRuntime({
  cluster,
  secede: () => {
    if (current === undefined || current.hasSeceded) return current
    current.hasSeceded = true
    seceded.add(current)
    current.release?.()
    // Whoever cancelled it has seen that it is not running any more.
    if (current.isAbandoned) setTimeout(endIfStuck, cancelGrace).unref()
    return current
  },
  connect: () => {
    const { port1, port2 } = new MessageChannel()
    note({ kind: 'connect', port: port2 }, [port2])
    return port1
  },
})

let tasks: number[] = []
let attempts: number[] = []
let durations: number[] = []
let values: StoredValue[] = []
let failures: ExecutorFailure[] = []
let newBundles: BundleItem[] = []

port.on('message', (message: ToExecutor) => {
  if (isSmallBatch(message)) take(unpackFewTasks(message))
  else if (message.kind === 'run') {
    for (const [token, bytes] of message.bundles) {
      bundles.add(token, bytes)
      sentBundles.add(token)
    }
    for (const [id, bytes] of message.recipes) recipeBytes.set(id, bytes)
    take(message)
  } else if (message.kind === 'cancel') {
    for (let i = 0; i < message.tasks.length; i++) {
      if (isQueued(message.tasks[i]!, message.attempts[i]!)) {
        cancelled.add(`${message.tasks[i]}/${message.attempts[i]}`)
      } else abandon(message.tasks[i]!, message.attempts[i]!)
    }
    note({ kind: 'heard', number: message.number })
  } else {
    for (const id of message.recipes) {
      recipeBytes.delete(id)
      runners.delete(id)
    }
  }
})

function take(message: RunMessage): void {
  queue.push({ message, next: 0, made: readInside(message.from) })
  if (!isRunning) void work()
}

function isQueued(task: number, attempt: number): boolean {
  return queue.some(({ message, next }) => {
    const at = message.tasks.indexOf(task, next)
    return at >= 0 && message.attempts[at] === attempt
  })
}

/** Runs what is queued until nothing is left. */
async function work(): Promise<void> {
  isRunning = true
  let started = performance.now()
  let reported = started
  while (queue.length > 0) {
    const batch = queue[0]!
    const { message } = batch
    if (batch.next >= message.tasks.length) {
      queue.shift()
      continue
    }
    const at = batch.next++
    const task = message.tasks[at]!
    const attempt = message.attempts[at]!
    if (cancelled.size > 0 && cancelled.delete(`${task}/${attempt}`)) continue
    // What it reads was to be made right before it and was not: it is taken back, as is known there.
    if (message.from.length > 0 && !fillInputs(batch, at)) continue
    Atomics.store(running, 1, attempt)
    Atomics.store(running, 0, task)
    const own = (current = new Current(task, attempt))
    const timeout = message.timeouts?.get(at)
    if (timeout !== undefined) note({ kind: 'started', task, attempt, timeout })
    try {
      if (message.needs.length > 0) await (batch.prepared ??= prepare(message.needs))
      const runner = runners.get(message.recipeOf[at]!) ?? (await makeRunner(message.recipeOf[at]!))
      if (own.isAbandoned) {
        endRunning()
        continue
      }
      let value = runner(
        loadRange(message.inputs, message.inputEnd, at),
        loadRange(message.params, message.paramEnd, at),
      )
      if (own.hasSeceded) secededTask.enterWith(undefined)
      if (isThenable(value)) {
        // What is done already must not wait for it.
        report()
        await settledOrSeceded(own, value)
        if (own.hasSeceded) {
          void finishLater(own, value, performance.now() - started)
          endRunning()
          // Those that wait are to hear what has come for them.
          await listen()
          started = reported = performance.now()
          continue
        }
        value = await value
      }
      succeed(task, attempt, value)
      const read = batch.made.size > 0 ? batch.made.get(at) : undefined
      if (read !== undefined) {
        read.value = values.at(-1)
        read.isThere = true
      }
    } catch (error) {
      fail(task, attempt, error)
    }
    if (own.hasSeceded) {
      seceded.delete(own)
      secededTask.enterWith(undefined)
    }
    endRunning()
    const now = performance.now()
    durations.push(now - started)
    started = now
    if (now - reported > reportAfter) {
      report()
      await listen()
      started = reported = performance.now()
    }
  }
  report()
  isRunning = false
  endIfStuck()
}

function endRunning(): void {
  current = undefined
  Atomics.store(running, 0, -1)
}

// Tasks that wait for others -----------------------------------------------------------------------

/** Fulfilled when the task's promise is settled, whichever way, or when the task has seceded. */
function settledOrSeceded(own: Current, value: PromiseLike<unknown>): Promise<void> {
  return new Promise((resolve) => {
    own.release = resolve
    value.then(
      () => resolve(),
      () => resolve(),
    )
    if (own.hasSeceded) resolve()
  })
}

/** Waits for a task that has seceded while others are run. */
async function finishLater(
  own: Current,
  value: PromiseLike<unknown>,
  duration: number,
): Promise<void> {
  const { task, attempt } = own
  note({ kind: 'seceded', task, attempt })
  let outcome: () => void
  try {
    const result = await value
    outcome = () => succeed(task, attempt, result)
  } catch (error) {
    outcome = () => fail(task, attempt, error)
  }
  seceded.delete(own)
  if (!own.isAbandoned) {
    try {
      outcome()
    } catch (error) {
      fail(task, attempt, error)
    }
    durations.push(duration)
    report()
  }
  endIfStuck()
}

/**
 * Nobody wants a task any more that has begun. One that waits for others cannot be stopped but with its
 * thread; one that does not wait yet is told when it does.
 */
function abandon(task: number, attempt: number): void {
  for (const own of current === undefined ? seceded : [...seceded, current]) {
    if (own.task !== task || own.attempt !== attempt || own.isAbandoned) continue
    own.abandon()
    if (own.hasSeceded) setTimeout(endIfStuck, cancelGrace).unref()
  }
}

/** Asks for the end of this thread when nothing is left in it but tasks that nobody wants. */
function endIfStuck(): void {
  if (isRunning || queue.length > 0 || seceded.size === 0) return
  for (const { isAbandoned } of seceded) if (!isAbandoned) return
  note({ kind: 'stuck' })
}

function note(message: ExecutorEvent, transfer: readonly MessagePort[] = []): void {
  port.postMessage(message, transfer)
}

/** What tasks of a batch read of others of it. */
function readInside(from: Int32Array): Batch['made'] {
  const made: Batch['made'] = new Map()
  for (const at of from) {
    if (at < 0) continue
    const known = made.get(at)
    if (known === undefined) made.set(at, { value: undefined, isThere: false, readers: 1 })
    else known.readers++
  }
  return made
}

/** Puts the results of tasks before it among the inputs of a task; false if one is not there. */
function fillInputs({ message, made }: Batch, at: number): boolean {
  const { from, inputEnd } = message
  const inputs = message.inputs as StoredValue[]
  let areThere = true
  for (let i = at === 0 ? 0 : inputEnd[at - 1]!; i < inputEnd[at]!; i++) {
    if (from[i] === -1) continue
    const read = made.get(from[i]!)
    if (read === undefined) {
      areThere = false
      continue
    }
    inputs[i] = read.value
    areThere &&= read.isThere
    if (--read.readers === 0) made.delete(from[i]!)
  }
  return areThere
}

/** The live values of the inputs or parameters of one task of a batch. */
function loadRange(all: readonly StoredValue[], end: Int32Array, at: number): unknown[] {
  const start = at === 0 ? 0 : end[at - 1]!
  const count = end[at]! - start
  if (count === 0) return none
  const values = new Array<unknown>(count)
  for (let i = 0; i < count; i++) values[i] = load(all[start + i])
  return values
}

async function makeRunner(id: number): Promise<RecipeRunner> {
  const bytes = recipeBytes.get(id)
  if (bytes === undefined) throw new Error(`the recipe ${id} did not arrive`)
  let recipe: Recipe
  try {
    await prepare(bytes.bundles)
    recipe = decode(bytes) as Recipe
  } catch (error) {
    throw new StepFailure(await failingStep(bytes), error)
  }
  const runner = compileRecipe(recipe)
  runners.set(id, runner)
  return runner
}

function succeed(task: number, attempt: number, value: unknown): void {
  const stored = store(value, asResult)
  if (isEncoded(stored) && stored.bundles.length > 0) sendBundles(stored.bundles)
  tasks.push(task)
  attempts.push(attempt)
  values.push(stored)
}

/** What failed takes a place in the lists too, so that durations stay in step. */
function fail(task: number, attempt: number, thrown: unknown): void {
  const failure = thrown instanceof StepFailure ? thrown : new StepFailure(0, thrown)
  const error = serializeError(failure.cause)
  if (isEncoded(error)) sendBundles(error.bundles)
  failures.push({ task, attempt, step: failure.step, error })
  tasks.push(-1)
  attempts.push(-1)
  values.push(undefined)
}

function sendBundles(tokens: readonly string[]): void {
  for (const token of bundles.closure(tokens)) {
    if (sentBundles.has(token)) continue
    sentBundles.add(token)
    newBundles.push([token, bundles.get(token)!])
  }
}

function report(): void {
  if (tasks.length === 0) return
  port.postMessage(
    packReport({ tasks, attempts, durations, values, failures, bundles: newBundles }),
  )
  tasks = []
  attempts = []
  durations = []
  values = []
  failures = []
  newBundles = []
}

/** Lets messages come in. */
function listen(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
