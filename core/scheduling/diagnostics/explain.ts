/**
 * Explains in a sentence why a task is in its state: what it waits for, and why that does not come.
 * The cost is a walk over the tasks that it waits for, paid by those who ask and not by scheduling.
 */
import type { SchedulerState } from '../state.js'
import { SHARED_QUEUE } from '../tables/ready-queues.js'
import { RESTRICTED_QUEUE } from '../tables/restricted-queues.js'
import { ROOT_QUEUE } from '../tables/root-queue.js'
import { FAILED, FAILED_LOST_WORKERS, FAILED_WITH_INPUT } from '../tables/story.js'
import { countOf, type StoryNames } from '../tables/story-sentences.js'
import { SUSPECT_QUEUE } from '../tables/suspect-tasks.js'
import {
  FORGOTTEN,
  MEMORY,
  PROCESSING,
  QUEUED,
  type SchedulerTaskState,
  stateNames,
  WAITING,
} from '../tables/task-states.js'
import type { WorkerView } from '../tables/worker-table.js'
import { amountsOf, listOf, mostListed } from './lists.js'
import { whyUnrunnable } from './unrunnable.js'

/** How many tasks are visited to find what a waiting task waits for in the end. */
const mostVisited = 10_000

type Explanation = (state: SchedulerState, slot: number, names: StoryNames) => string

const explanations: Readonly<Record<SchedulerTaskState, Explanation>> = {
  released: explainReleased,
  waiting: explainWaiting,
  queued: explainQueued,
  processing: explainProcessing,
  memory: explainMemory,
  erred: explainErred,
  forgotten: () => 'is forgotten: everybody who wanted it, or what reads it, has released it',
}

/** Explains a task's state: `waits for 1 of 2 inputs: 'x' (queued); 'x' is ready, but ...`. */
export function explain(state: SchedulerState, slot: number, names: StoryNames): string {
  return explanations[stateNames[state.tasks.state[slot]!]!](state, slot, names)
}

function explainWaiting(state: SchedulerState, slot: number, names: StoryNames): string {
  const { tasks } = state
  const inputs = [...new Set(state.inputsOf(slot))]
  const missing = inputs.filter((input) => tasks.state[input] !== MEMORY)
  const listed = missing.slice(0, mostListed).map((input) => {
    return `'${names.task(input)}' (${stateNames[tasks.state[input]!]})`
  })
  const more = missing.length - listed.length
  const list = `${listed.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en-US')} more` : ''}`
  const waits = `waits for ${missing.length} of ${countOf(inputs.length, 'input')}: ${list}`
  const blocker = blockerOf(state, slot)
  if (blocker < 0) return waits
  return `${waits}; '${names.task(blocker)}' ${explain(state, blocker, names)}`
}

/** Returns the task that holds up a waiting one in the end, the one furthest from done; -1 for none. */
function blockerOf(state: SchedulerState, slot: number): number {
  const { tasks } = state
  const seen = new Set([slot])
  let queued = -1
  let processing = -1
  for (const waiting of seen) {
    for (const input of state.inputsOf(waiting)) {
      const at = tasks.state[input]
      if (at === PROCESSING) processing = processing < 0 ? input : processing
      if (at === QUEUED) {
        if (whyUnrunnable(state, input) !== undefined) return input
        queued = queued < 0 ? input : queued
      }
      if (at === WAITING && seen.size < mostVisited) seen.add(input)
    }
  }
  return processing < 0 ? queued : processing
}

function explainQueued(state: SchedulerState, slot: number, names: StoryNames): string {
  const { tasks } = state
  const never = whyUnrunnable(state, slot)
  if (never !== undefined) return `is ready, but ${never}`
  const queue = tasks.queue[slot]!
  if (queue === SUSPECT_QUEUE) {
    const failures = tasks.failures[slot]!
    const lost = `${countOf(failures, 'worker')} ${failures === 1 ? 'was' : 'were'} lost`
    return `is ready, but ${lost} while running it: it must run alone, and waits for a worker without other tasks`
  }
  const workers = state.workerViews()
  const restriction = tasks.restriction.get(slot)
  const able = workers.filter(
    ({ capacity }) => restriction === undefined || capacity.canEverRun(restriction),
  )
  const which = restriction === undefined ? 'all workers' : 'all workers that it may run at'
  if (able.every(({ isPaused }) => isPaused))
    return `is ready, but ${which} are paused, since they are short of memory`
  if (queue === RESTRICTED_QUEUE) return explainRestricted(state, slot, able, names)
  const { queuedTasks } = state
  const busy = `${countOf(queuedTasks, 'task')} ${queuedTasks === 1 ? 'is' : 'are'} queued`
  if (queue === ROOT_QUEUE) {
    const areBusy = able.every(
      ({ isPaused, assigned, nthreads }) => isPaused || assigned >= nthreads,
    )
    const why = areBusy ? ', and no worker has a thread to spare' : ''
    return `is ready, and starts when nothing else is, since it reads nothing: ${busy}${why}`
  }
  if (queue === SHARED_QUEUE) return `is ready, and waits for a worker with room: ${busy}`
  const worker = workers.find(({ id }) => id === queue)
  if (worker === undefined) return `is ready, and waits for a worker: ${busy}`
  const turn = `waits for its turn at ${names.worker(queue)}, which holds most bytes of its inputs`
  const paused = worker.isPaused ? ', and is paused, since it is short of memory' : ''
  return `is ready, and ${turn}${paused}: ${worker.queued} in its queue, ${worker.assigned} assigned to it`
}

function explainRestricted(
  { tasks }: SchedulerState,
  slot: number,
  able: readonly WorkerView[],
  names: StoryNames,
): string {
  const restriction = tasks.restriction.get(slot)!
  if (!able.some(({ capacity }) => capacity.canRunNow(restriction))) {
    const amounts = amountsOf(restriction.resources ?? {})
    return `is ready, but waits for ${amounts}, which other tasks have at the moment`
  }
  const workers = listOf(able.map(({ id }) => names.worker(id)))
  return `is ready, and waits for its turn at the workers that it may run at: ${workers}`
}

function explainProcessing(state: SchedulerState, slot: number, names: StoryNames): string {
  const { tasks } = state
  const id = tasks.worker[slot]!
  if (state.hasSeceded(slot))
    return `is assigned to ${names.worker(id)}, and waits for tasks that it started itself`
  const view = state.workerViews().find((worker) => worker.id === id)
  const others = (view?.assigned ?? 1) - 1
  const along = others > 0 ? `, which has ${countOf(others, 'other task')}` : ''
  const first = state.inputsOf(slot).find((input) => tasks.state[input] === PROCESSING)
  const turn = first === undefined ? '' : `; it runs there after '${names.task(first)}'`
  return `is assigned to ${names.worker(id)}${along}${turn}`
}

function explainMemory(state: SchedulerState, slot: number, names: StoryNames): string {
  const holders = state.holdersOf(slot).map((worker) => names.worker(worker))
  const wanted = state.runsWanting(slot).length
  const needed = state.tasks.neededBy[slot]! - wanted
  const why = [
    ...(wanted > 0 ? [countOf(wanted, 'computation')] : []),
    ...(needed > 0 ? [`${countOf(needed, 'task')} to be done`] : []),
  ]
  return `is done; ${listOf(holders)} ${holders.length === 1 ? 'holds' : 'hold'} its result of ${countOf(state.tasks.nbytes[slot]!, 'byte')}, which ${why.join(' and ')} ${wanted + needed === 1 ? 'wants' : 'want'}`
}

function explainReleased(state: SchedulerState, slot: number): string {
  const last = state.story.of(slot).at(-1)?.code
  if (last === FAILED || last === FAILED_WITH_INPUT || last === FAILED_LOST_WORKERS)
    return 'has failed, and is needed by nobody now'
  return 'is needed by nobody: it never was, or all that needed it are done'
}

function explainErred(state: SchedulerState, slot: number, names: StoryNames): string {
  const failure = state.failureOf(slot)
  if (failure === undefined) return 'has failed'
  const how =
    failure.kind === 'erred'
      ? 'it threw an error, or returned a value that cannot be sent'
      : `${countOf(failure.workers.length, 'worker')} ${failure.workers.length === 1 ? 'was' : 'were'} lost while running it`
  const isOwn = failure.origin === state.originOf(slot) && failure.task === positionOf(state, slot)
  if (isOwn) return `has failed: ${how}`
  const root = rootOfFailure(state, slot)
  return `has failed, since ${root < 0 ? 'a task that it needs' : `'${names.task(root)}'`} did: ${how}`
}

/** Returns the task whose failure made another fail; -1 if it is not known any more. */
function rootOfFailure(state: SchedulerState, slot: number): number {
  const failure = state.failureOf(slot)
  const seen = new Set([slot])
  for (const at of seen) {
    const isRoot = failure?.origin === state.originOf(at) && failure?.task === positionOf(state, at)
    if (isRoot) return at
    for (const input of state.inputsOf(at))
      if (state.tasks.state[input] !== FORGOTTEN && seen.size < mostVisited) seen.add(input)
  }
  return -1
}

function positionOf(state: SchedulerState, slot: number): number {
  return state.tasks.position[slot]!
}
