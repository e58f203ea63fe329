/**
 * The entry point of an executor thread: runs tasks one after another and reports them in batches.
 *
 * A report is sent when nothing is left to run, or a few milliseconds after its first result. The thread
 * then processes incoming messages, so that tasks can be cancelled.
 *
 * A task that has started other tasks and waits for them secedes: the thread runs the next tasks, and the
 * seceded task continues when its results arrive. A thread may have any number of seceded tasks.
 */
import { MessageChannel, type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { collectDropped, collectUsed, limitGarbage } from '../../base/collect-garbage.js'
import { describeThrown } from '../../base/errors.js'
import { decode, type Encoded, isNamedToken, prepare } from '../../codec/index.js'
import { setRootOfShippedFiles } from '../../functions/modules/shipped-files.js'
import { readRecipe } from '../../graph/encode-recipe.js'
import type { Recipe } from '../../graph/recipe.js'
import {
  compileRecipe,
  isThenable,
  type RecipeRunner,
  StepFailure,
  shareCurrentStep,
} from '../compile-recipe.js'
import { limitTaskMemory, returnMemory } from '../task-memory.js'
import {
  type CancelMessage,
  type ExecutorData,
  type ExecutorEvent,
  type FromExecutor,
  type RunMessage,
  type StrayError,
  shared,
  type ToExecutor,
} from './executor-protocol.js'
import { failingStep } from './failing-step.js'
import { RecentTasks, type TaskAttempt } from './recent-tasks.js'
import { ReportBuilder } from './report-builder.js'
import { RunningTask } from './running-task.js'
import { TaskBatch } from './task-batch.js'
import { isSmallBatch, unpackFewTasks } from './task-messages.js'
import { secededTask, setTaskRuntime } from './task-runtime.js'
import { printDirectly, printThrough } from './thread-output.js'

/** Milliseconds for which results are collected before they are reported: half of a thread's budget, since it gets no more before. */
const reportAfter = 4

/** Milliseconds that a cancelled task has to end by itself. */
const cancelGrace = 300

interface Runner {
  readonly run: RecipeRunner
  /** Whether the recipe calls only functions of this package and of the language. */
  readonly isPlain: boolean
}

const port = parentPort!
const { memory, printsDirectly, cluster, shippedFiles, memoryLimit, nthreads } =
  workerData as ExecutorData
limitGarbage(memoryLimit, nthreads)
limitTaskMemory(memoryLimit / 8 / nthreads)
setRootOfShippedFiles(shippedFiles)
const recipeBytes = new Map<number, Encoded>()
const runners = new Map<number, Runner>()
/** Queued tasks that were cancelled, as `task/attempt`. */
const cancelled = new Set<string>()
const queue: TaskBatch[] = []
const report = new ReportBuilder()
/** Tasks that have seceded and have not ended. */
const seceded = new Set<RunningTask>()
const recent = new RecentTasks()
let current: RunningTask | undefined
let isRunning = false
/** The number of batches that were received. */
let batches = 0

if (printsDirectly) printDirectly()
else {
  printThrough(memory.subarray(shared.unprinted, shared.unprinted + 1), (descriptor, chunk) => {
    sendEvent({ kind: 'output', descriptor, chunk })
  })
}
shareCurrentStep(memory.subarray(shared.step, shared.step + 1))
setTaskRuntime({
  cluster,
  secede: () => {
    if (current === undefined || current.hasSeceded) return current
    current.hasSeceded = true
    seceded.add(current)
    current.release?.()
    // The pool does not see a seceded task as running, so it cannot end the thread for it.
    if (current.isCancelled) setTimeout(reportIfStuck, cancelGrace).unref()
    return current
  },
  connect: () => {
    const { port1, port2 } = new MessageChannel()
    sendEvent({ kind: 'connect', port: port2 }, [port2])
    return port1
  },
})

// Messages -----------------------------------------------------------------------------------------

port.on('message', (message: ToExecutor) => {
  if (isSmallBatch(message)) enqueue(unpackFewTasks(message))
  else {
    switch (message.kind) {
      case 'run':
        report.receiveBundles(message)
        for (const [id, bytes] of message.recipes) recipeBytes.set(id, bytes)
        enqueue(message)
        return
      case 'cancel':
        cancel(message)
        return
      case 'forget-recipes':
        for (const id of message.recipes) {
          recipeBytes.delete(id)
          runners.delete(id)
        }
        return
      case 'forget-bundles':
        // The pool must not get results that refer to them after this.
        sendReport()
        report.forgetBundles(message.tokens)
        sendEvent({ kind: 'bundles-forgotten', id: message.id })
        if (!isRunning) collectDropped()
        return
      case 'lend':
        returnMemory(message.memory)
        return
      default:
        message satisfies never
    }
  }
})

function sendEvent(event: ExecutorEvent, transfer: readonly MessagePort[] = []): void {
  port.postMessage(event satisfies FromExecutor, transfer)
}

function sendReport(): void {
  const message = report.take()
  if (message !== undefined) port.postMessage(message satisfies FromExecutor)
}

/** Lets incoming messages, and rejected promises that nobody awaits, be processed. */
async function receiveMessages(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  recent.startTurn()
}

function enqueue(message: RunMessage): void {
  batches++
  queue.push(new TaskBatch(message))
  if (!isRunning) void runQueue()
}

function cancel({ tasks, attempts, id }: CancelMessage): void {
  for (let i = 0; i < tasks.length; i++) {
    const [task, attempt] = [tasks[i]!, attempts[i]!]
    if (queue.some((batch) => batch.isQueued(task, attempt))) cancelled.add(`${task}/${attempt}`)
    else cancelRunning(task, attempt)
  }
  sendEvent({ kind: 'cancel-received', id })
}

/**
 * Cancels a task that has started. A seceded task can be stopped only with its thread. One that secedes
 * later is checked when it does.
 */
function cancelRunning(task: number, attempt: number): void {
  for (const own of current === undefined ? seceded : [...seceded, current]) {
    if (own.task !== task || own.attempt !== attempt || own.isCancelled) continue
    own.cancel()
    if (own.hasSeceded) setTimeout(reportIfStuck, cancelGrace).unref()
  }
}

/** Requests the end of this thread if only cancelled tasks are left in it. */
function reportIfStuck(): void {
  if (isRunning || queue.length > 0 || seceded.size === 0) return
  for (const { isCancelled } of seceded) if (!isCancelled) return
  sendEvent({ kind: 'stuck' })
}

// Stray errors -------------------------------------------------------------------------------------

// Without a listener a rejected promise would end the thread, and with it tasks that are not to blame.
process.on('unhandledRejection', (reason) => {
  if (process.listenerCount('unhandledRejection') === 1) reportStray('rejection', reason)
})

process.on('uncaughtExceptionMonitor', (error) => reportStray('exception', error))

function reportStray(origin: StrayError['origin'], error: unknown): void {
  const running = [...seceded, ...(current === undefined ? [] : [current])]
  const own = running.map(({ task, attempt }): TaskAttempt => [task, attempt])
  const ofTurn = recent.ofTurn()
  const known = new Set(own.map(([task, attempt]) => `${task}/${attempt}`))
  for (const entry of ofTurn) if (!known.has(`${entry[0]}/${entry[1]}`)) own.push(entry)
  const isRunning = own.length > 0
  const tasks = isRunning ? own : recent.all()
  sendEvent({ kind: 'stray-error', origin, ...describeStray(error), isRunning, tasks })
}

function describeStray(error: unknown): Pick<StrayError, 'description' | 'stack'> {
  let stack = ''
  try {
    if (error instanceof Error) stack = String(error.stack)
  } catch {
    // An error may have any form.
  }
  return { description: describeThrown(error), stack }
}

// Running tasks ------------------------------------------------------------------------------------

/** Runs queued tasks until none are left. */
async function runQueue(): Promise<void> {
  isRunning = true
  let started = performance.now()
  let reported = started
  for (let batch = queue[0]; batch !== undefined; batch = queue[0]) {
    const index = nextTask(batch)
    if (index < 0) {
      queue.shift()
      continue
    }
    const { message } = batch
    const own = startTask(message, index)
    const { task, attempt } = own
    try {
      if (message.needs.length > 0) await (batch.prepared ??= prepare(message.needs))
      const recipe = message.recipeOf[index]!
      const runner = runners.get(recipe) ?? (await makeRunner(recipe))
      if (own.isCancelled) {
        clearRunning()
        continue
      }
      const read = batch.memoryRead(index)
      let isPlain = runner.isPlain && !batch.hasFunctions
      let value = runner.run(batch.loadInputs(index), batch.loadParams(index))
      if (own.hasSeceded) secededTask.enterWith(undefined)
      if (isThenable(value)) {
        isPlain = false
        // Finished tasks must not wait for an asynchronous one.
        sendReport()
        await own.settledOrSeceded(value)
        if (own.hasSeceded) {
          void finishSeceded(own, value, performance.now() - started)
          clearRunning()
          // Results may have arrived for seceded tasks.
          await receiveMessages()
          started = reported = performance.now()
          continue
        }
        value = await value
      }
      batch.setResult(index, report.addResult(task, attempt, value, { isPlain, read }))
    } catch (error) {
      report.addFailure(task, attempt, error)
    }
    if (own.hasSeceded) {
      seceded.delete(own)
      secededTask.enterWith(undefined)
    }
    clearRunning()
    const now = performance.now()
    report.addDuration(now - started)
    started = now
    if (now - reported > reportAfter) {
      sendReport()
      collectUsed()
      await receiveMessages()
      started = reported = performance.now()
    }
  }
  sendReport()
  collectUsed()
  isRunning = false
  reportIfStuck()
  setImmediate(settle)
}

/** Records that the thread is idle, and that rejected promises of its last tasks have been reported. */
function settle(): void {
  if (isRunning) return
  recent.startTurn()
  Atomics.store(memory, shared.settled, batches)
  collectDropped()
}

/**
 * Returns the index of the next task of a batch to run, -1 if none is left. Skips cancelled tasks, and tasks
 * whose inputs should have been computed in the batch but were not: the caller knows that and sends them again.
 */
function nextTask(batch: TaskBatch): number {
  const { tasks, attempts } = batch.message
  while (batch.next < tasks.length) {
    const index = batch.next++
    if (cancelled.size > 0 && cancelled.delete(`${tasks[index]}/${attempts[index]}`)) continue
    if (batch.fillInputs(index)) return index
  }
  return -1
}

function startTask(message: RunMessage, index: number): RunningTask {
  const task = message.tasks[index]!
  const attempt = message.attempts[index]!
  Atomics.store(memory, shared.attempt, attempt)
  Atomics.store(memory, shared.task, task)
  recent.add(task, attempt)
  current = new RunningTask(task, attempt)
  const timeout = message.timeouts?.get(index)
  if (timeout !== undefined) sendEvent({ kind: 'started', task, attempt, timeout })
  return current
}

function clearRunning(): void {
  current = undefined
  Atomics.store(memory, shared.task, -1)
}

/** Waits for a task that has seceded, while other tasks run, and reports it unless it was cancelled. */
async function finishSeceded(
  own: RunningTask,
  value: PromiseLike<unknown>,
  duration: number,
): Promise<void> {
  const { task, attempt } = own
  sendEvent({ kind: 'seceded', task, attempt })
  let addOutcome: () => void
  try {
    const result = await value
    addOutcome = () => report.addResult(task, attempt, result)
  } catch (error) {
    addOutcome = () => report.addFailure(task, attempt, error)
  }
  seceded.delete(own)
  if (!own.isCancelled) {
    try {
      addOutcome()
    } catch (error) {
      report.addFailure(task, attempt, error)
    }
    report.addDuration(duration)
    sendReport()
  }
  reportIfStuck()
}

async function makeRunner(id: number): Promise<Runner> {
  const bytes = recipeBytes.get(id)
  if (bytes === undefined) throw new Error(`the recipe ${id} did not arrive`)
  let recipe: Recipe
  try {
    await prepare(bytes.bundles)
    recipe = readRecipe(decode(bytes))
  } catch (error) {
    throw new StepFailure(await failingStep(bytes), error)
  }
  const runner = { run: compileRecipe(recipe), isPlain: bytes.bundles.every(isNamedToken) }
  runners.set(id, runner)
  return runner
}
