/**
 * Why a task is where it is now, in words: what it waits for, and why that does not come. Costs a walk
 * over what the task waits for: for who asks, never for the scheduling itself.
 */
import type { TaskPlace } from '../interface/events.js'
import type { SchedulerState } from '../state.js'
import { BLAMED, FAILED, FAILED_WITH, many, type StoryNames } from '../tables/story.js'
import { ALONE } from '../tables/suspect-tasks.js'
import { ANYWHERE, PLACED, ROOT } from '../tables/task-heap.js'
import {
  ERRED,
  FORGOTTEN,
  MEMORY,
  PROCESSING,
  QUEUED,
  RELEASED,
  stateNames,
  WAITING,
} from '../tables/task-table.js'
import type { WorkerView } from '../tables/worker-table.js'

/** What of a task is looked at when it waits for others. */
const mostVisited = 10_000
/** How many names stand in a list. */
const mostNamed = 3

/** Why a task is where it is now: `waits for 1 of 2 inputs: 'x' (queued); 'x' is ready, but ...`. */
export function explain(state: SchedulerState, slot: number, names: StoryNames): string {
  switch (state.tasks.state[slot]) {
    case WAITING:
      return explainWaiting(state, slot, names)
    case QUEUED:
      return explainQueued(state, slot, names)
    case PROCESSING:
      return explainProcessing(state, slot, names)
    case MEMORY:
      return explainMemory(state, slot, names)
    case ERRED:
      return explainErred(state, slot, names)
    case RELEASED:
      return explainReleased(state, slot)
    default:
      return 'is forgotten: everybody who wanted it, or what reads it, has let go'
  }
}

/** Why no worker that is there can ever run a ready task; undefined if one can. */
export function whyUnrunnable(state: SchedulerState, slot: number): string | undefined {
  const workers = state.lookAtWorkers()
  if (workers.length === 0) return 'there are no workers'
  const place = state.tasks.place.get(slot)
  if (place === undefined || workers.some(({ capacity }) => capacity.mayEver(place)))
    return undefined
  return whyNowhere(place, workers)
}

function explainWaiting(state: SchedulerState, slot: number, names: StoryNames): string {
  const { tasks } = state
  const inputs = [...new Set(state.inputsOf(slot))]
  const missing = inputs.filter((input) => tasks.state[input] !== MEMORY)
  const listed = missing.slice(0, mostNamed).map((input) => {
    return `'${names.task(input)}' (${stateNames[tasks.state[input]!]})`
  })
  const more = missing.length - listed.length
  const list = `${listed.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en-US')} more` : ''}`
  const waits = `waits for ${missing.length} of ${many(inputs.length, 'input')}: ${list}`
  const blocker = blockerOf(state, slot)
  if (blocker < 0) return waits
  return `${waits}; '${names.task(blocker)}' ${explain(state, blocker, names)}`
}

/** Of what a waiting task waits for in the end, the one that is furthest from being done; -1 for none. */
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
  const workers = state.lookAtWorkers()
  const place = tasks.place.get(slot)
  const fit =
    place === undefined ? workers : workers.filter(({ capacity }) => capacity.mayEver(place))
  const which = place === undefined ? 'all workers' : 'all workers that it may run at'
  const home = tasks.home[slot]!
  if (home === ALONE) {
    const deaths = many(tasks.deaths[slot]!, 'worker')
    return `is ready, but ${deaths} died with it in hand: it is to run alone, and waits for a worker that has nothing else in hand`
  }
  if (fit.every(({ isPaused }) => isPaused))
    return `is ready, but ${which} are paused, since they are short of memory`
  if (home === PLACED && place !== undefined) {
    const { resources = {} } = place
    const isFree = fit.some(({ capacity }) => capacity.mayNow(place))
    if (!isFree) {
      const amounts = amountsOf(resources)
      return `is ready, but waits for ${amounts}, which other tasks have at the moment`
    }
    return `is ready, and waits for its turn at the workers that it may run at: ${list(
      fit.map(({ id }) => names.worker(id)),
    )}`
  }
  const busy = `${many(state.queuedTasks, 'task')} ${state.queuedTasks === 1 ? 'is' : 'are'} queued`
  if (home === ROOT) {
    const rich = fit.every(({ isPaused, inHand, nthreads }) => isPaused || inHand >= nthreads)
    const why = rich ? ', and no worker has a thread to spare' : ''
    return `is ready, and starts when nothing else is, since it reads nothing: ${busy}${why}`
  }
  if (home === ANYWHERE) return `is ready, and waits for a worker with room: ${busy}`
  const worker = workers.find(({ id }) => id === home)
  if (worker === undefined) return `is ready, and waits for a worker: ${busy}`
  const turn = `waits for its turn at ${names.worker(home)}, which holds most bytes of its inputs`
  const paused = worker.isPaused ? ', and is paused, since it is short of memory' : ''
  return `is ready, and ${turn}${paused}: ${worker.queued} in its queue, ${worker.inHand} in its hands`
}

function explainProcessing(state: SchedulerState, slot: number, names: StoryNames): string {
  const { tasks } = state
  const id = tasks.worker[slot]!
  if (state.hasSeceded(slot))
    return `is in the hands of ${names.worker(id)}, and waits for tasks that it started itself`
  const view = state.lookAtWorkers().find((worker) => worker.id === id)
  const others = (view?.inHand ?? 1) - 1
  const along = others > 0 ? `, which has ${many(others, 'other task')} in hand` : ''
  const behind = state.inputsOf(slot).filter((input) => tasks.state[input] === PROCESSING)
  const first = behind[0]
  const turn = first === undefined ? '' : `; it runs there after '${names.task(first)}'`
  return `is in the hands of ${names.worker(id)}${along}${turn}`
}

function explainMemory(state: SchedulerState, slot: number, names: StoryNames): string {
  const holders = state.holdersOf(slot).map((worker) => names.worker(worker))
  const wanted = state.runsWanting(slot).length
  const needed = state.tasks.neededBy[slot]! - wanted
  const why = [
    ...(wanted > 0 ? [many(wanted, 'computation')] : []),
    ...(needed > 0 ? [`${many(needed, 'task')} to be done`] : []),
  ]
  return `is done; ${list(holders)} ${holders.length === 1 ? 'holds' : 'hold'} its result of ${many(state.tasks.nbytes[slot]!, 'byte')}, which ${why.join(' and ')} ${wanted + needed === 1 ? 'wants' : 'want'}`
}

function explainReleased(state: SchedulerState, slot: number): string {
  const last = state.story.of(slot).at(-1)?.code
  if (last === FAILED || last === FAILED_WITH || last === BLAMED)
    return 'has failed, and is needed by nobody now'
  return 'is needed by nobody: it never was, or all that needed it are done'
}

function explainErred(state: SchedulerState, slot: number, names: StoryNames): string {
  const failure = state.failureOf(slot)
  if (failure === undefined) return 'has failed'
  const how =
    failure.kind === 'erred'
      ? 'it threw an error, or returned what cannot travel'
      : `${many(failure.workers.length, 'worker')} died while they ran it`
  const isOwn = failure.origin === state.originOf(slot) && failure.task === positionOf(state, slot)
  if (isOwn) return `has failed: ${how}`
  const root = rootOfFailure(state, slot)
  return `has failed, since ${root < 0 ? 'a task that it needs' : `'${names.task(root)}'`} did: ${how}`
}

/** The task that a failed one failed with; -1 if it is not there any more. */
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

/** Why none of the workers may ever run what asks for a place. */
function whyNowhere(place: TaskPlace, workers: readonly WorkerView[]): string {
  const { workers: named, resources = {} } = place
  const there = workers.filter(
    ({ capacity }) => named === undefined || named.some((name) => capacity.names.has(name)),
  )
  if (there.length === 0) {
    const wanted = list(
      (named ?? []).map((name) => `'${name}'`),
      'or',
    )
    const known = list(workers.map(({ capacity }) => `'${[...capacity.names][0] ?? '?'}'`))
    return `it is to run at ${wanted}, and no such worker is there; there are ${known}`
  }
  const lacking = Object.entries(resources).find(([name, amount]) =>
    there.every(({ capacity }) => !((capacity.total[name] ?? 0) >= amount)),
  )
  const who = named === undefined ? 'no worker has' : 'no worker that it may run at has'
  if (lacking === undefined)
    return `it asks for ${amountsOf(resources)}, and ${who} all of that together`
  const [name, amount] = lacking
  const most = Math.max(...there.map(({ capacity }) => capacity.total[name] ?? 0))
  const has = most === 0 ? `any ${name}` : `so much: the most is ${most}`
  return `it asks for ${amount} ${name}, and ${who} ${has}`
}

function amountsOf(resources: Readonly<Record<string, number>>): string {
  return list(Object.entries(resources).map(([name, amount]) => `${amount} ${name}`))
}

/** `a, b and c`; of a long list the first ones. */
function list(names: readonly string[], last = 'and'): string {
  const shown = names.slice(0, mostNamed)
  const more = names.length - shown.length
  if (more > 0) shown.push(`${more.toLocaleString('en-US')} more`)
  return shown.length < 2
    ? shown.join()
    : `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}`
}
