/**
 * What the scheduler tells of itself when somebody asks: where results are, what workers do, what
 * became of a task and why, and everything at once. It only reads, costs what is asked for at the
 * moment it is asked, and gives plain data, without values or code.
 */
import { explain } from '../../../core/scheduling/diagnostics/explain.js'
import { whyUnrunnable } from '../../../core/scheduling/diagnostics/unrunnable.js'
import {
  FINISHED,
  SENT,
  SENT_IN_CHAIN,
  type StoryEntry,
} from '../../../core/scheduling/tables/story.js'
import {
  countOf,
  describeEntry,
  type StoryNames,
  stateAfter,
} from '../../../core/scheduling/tables/story-sentences.js'
import {
  FORGOTTEN,
  MEMORY,
  PROCESSING,
  stateNames,
} from '../../../core/scheduling/tables/task-states.js'
import type { TaskGroup } from '../../../core/scheduling/tables/task-table.js'
import type { Inspect, InspectedTask } from '../../protocol/index.js'
import type {
  ClusterDump,
  DumpedTask,
  KeysByWorker,
  SchedulerInfo,
  StoryEvent,
  TaskStateName,
  TaskStory,
  WhoHas,
} from '../../protocol/info.js'
import { findKey } from '../../protocol/layer-keys.js'
import { ownVersions } from '../../protocol/version.js'
import type { Computation } from '../computations/computation.js'
import type { Engine } from '../engine/engine.js'

/** How many dependents of a task are named. */
const mostDependents = 20
/** How many transitions of tasks are in a dump. */
const mostEvents = 2000
/** How many workers that are gone are in a dump. */
const mostGone = 100

/** What of the scheduler the engine does not know. */
export interface IntrospectionHost {
  now(): number
  info(): SchedulerInfo
  /** With what it was started. */
  readonly options: Readonly<Record<string, unknown>>
}

export class ClusterInspector {
  private readonly engine: Engine
  private readonly host: IntrospectionHost
  private readonly begun: number
  /** Of the workers that are there, as of the question that is answered. */
  private workerNames: ReadonlyMap<number, string> = new Map()
  private readonly names: StoryNames = {
    task: (slot) => this.keyOf(slot) ?? `task ${slot}`,
    worker: (worker) => this.nameOfWorker(worker),
  }

  constructor(engine: Engine, host: IntrospectionHost) {
    this.engine = engine
    this.host = host
    this.begun = host.now()
  }

  /** The answer to a client's question; throws for one that makes no sense. */
  answer({ what, tasks, workers, limit }: Inspect): unknown {
    switch (what) {
      case 'who-has':
        return this.whoHas(tasks ?? undefined)
      case 'has-what':
        return this.hasWhat(workers ?? undefined)
      case 'processing':
        return this.processing(workers ?? undefined)
      case 'story':
        return (tasks ?? []).map((task) => this.story(task))
      case 'dump':
        return this.dump(limit)
      default:
        throw new RangeError(`there is no question '${String(what)}'`)
    }
  }

  /** For each key the names of the workers that hold it; of all that are held if none are named. */
  whoHas(tasks?: readonly InspectedTask[]): WhoHas {
    this.callRoll()
    const { state } = this.engine
    const found: Record<string, string[]> = Object.create(null)
    const add = (key: string, slot: number): void => {
      const holders = state.holdersOf(slot).map((worker) => this.names.worker(worker))
      found[key] = [...new Set([...(found[key] ?? []), ...holders])]
    }
    if (tasks === undefined) {
      this.eachSlot((slot, at) => {
        const key = at === MEMORY ? this.keyOf(slot) : undefined
        if (key !== undefined) add(key, slot)
      })
    } else {
      const find = this.finder()
      for (const task of tasks) {
        found[task.key] ??= []
        for (const slot of find(task)) add(task.key, slot)
      }
    }
    return { ...found }
  }

  /** For each worker the keys of the results that it holds. */
  hasWhat(workers?: readonly string[]): KeysByWorker {
    const { state } = this.engine
    return this.keysByWorker(workers, (slot, at) => (at === MEMORY ? state.holdersOf(slot) : []))
  }

  /** For each worker the keys of the tasks that were sent to it and are not done. */
  processing(workers?: readonly string[]): KeysByWorker {
    const { worker } = this.engine.state.tasks
    return this.keysByWorker(workers, (slot, at) => (at === PROCESSING ? [worker[slot]!] : []))
  }

  private keysByWorker(
    asked: readonly string[] | undefined,
    workersOf: (slot: number, at: number) => readonly number[],
  ): KeysByWorker {
    this.callRoll()
    const found = new Map<number, string[]>()
    for (const { worker, hello } of this.engine.workers.all()) {
      const isAsked = [hello.name, hello.address, hello.hostname].some((name) =>
        asked?.includes(name),
      )
      if (asked === undefined || isAsked) found.set(worker, [])
    }
    this.eachSlot((slot, at) => {
      for (const worker of workersOf(slot, at)) {
        const key = found.has(worker) ? this.keyOf(slot) : undefined
        if (key !== undefined) found.get(worker)!.push(key)
      }
    })
    return Object.fromEntries([...found].map(([worker, keys]) => [this.names.worker(worker), keys]))
  }

  // One task -----------------------------------------------------------------------------------------

  /** What became of a task, and why it is where it is. */
  story(task: InspectedTask): TaskStory {
    this.callRoll()
    const found = this.finder()(task)
    // Of several tasks of one key, which only private ones have, the last that came.
    const slot = found.at(-1)
    if (slot === undefined) return this.storyOfForgotten(task.key)
    const { state } = this.engine
    const { tasks } = state
    const computation = this.computationOf(slot)!
    const key = this.keyOf(slot) ?? task.key
    const { client, count, submittedAt, storyStart } = computation
    const at = tasks.state[slot]!
    const dependents: string[] = []
    state.eachDependent(slot, (dependent) => {
      if (dependents.length < mostDependents) dependents.push(this.names.task(dependent))
    })
    const processing = at === PROCESSING ? [tasks.worker[slot]!] : []
    return {
      key,
      state: stateNames[at]!,
      why: explain(state, slot, this.names),
      run: computation.name,
      workers: [...processing, ...state.holdersOf(slot)].map((id) => this.names.worker(id)),
      nbytes: at === MEMORY ? tasks.nbytes[slot]! : undefined,
      inputs: [...new Set(state.inputsOf(slot))].map((input) => ({
        key: this.names.task(input),
        state: stateNames[tasks.state[input]!]!,
      })),
      dependents: [...new Set(dependents)],
      events: this.eventsOf(state.story.of(slot, storyStart), { client, count, submittedAt }),
    }
  }

  private storyOfForgotten(key: string): TaskStory {
    const nothing = { workers: [], nbytes: undefined, inputs: [], dependents: [] }
    const { forgottenComputations, state } = this.engine
    const task = forgottenComputations.find(key, state.story)
    if (task === undefined) {
      const why = 'is not known: it was never submitted, or it is forgotten for long'
      return { key, state: 'unknown', why, run: undefined, ...nothing, events: [] }
    }
    const ago = Math.round(this.host.now() - task.forgottenAt)
    const what = 'forgotten: everybody who wanted it, or what reads it, has let go'
    const end = {
      at: round(task.forgottenAt - task.submittedAt),
      state: 'forgotten' as const,
      what,
    }
    return {
      key,
      state: 'forgotten',
      why: `is forgotten: everybody who wanted it, or what reads it, has let go, ${ago} ms ago`,
      run: task.run,
      ...nothing,
      events: [...this.eventsOf(task.entries, task), end],
    }
  }

  private eventsOf(
    entries: readonly StoryEntry[],
    { client, count, submittedAt }: { client: string; count: number; submittedAt: number },
  ): StoryEvent[] {
    let attempt = 0
    const came: StoryEvent = {
      at: 0,
      state: 'released',
      what: `came from client ${client}, in a computation of ${countOf(count, 'task')}`,
    }
    const events = entries.map((entry) => {
      if (entry.code === SENT || entry.code === SENT_IN_CHAIN) attempt++
      return { at: round(entry.time - submittedAt), ...this.eventOf(entry, attempt) }
    })
    return [came, ...events]
  }

  private eventOf(entry: StoryEntry, attempt: number): Omit<StoryEvent, 'at'> {
    const { code, worker, a, b } = entry
    return {
      state: stateAfter(code),
      what: describeEntry(entry, this.names, attempt),
      ...(worker < 0 ? {} : { worker: this.names.worker(worker) }),
      ...(code === FINISHED ? { nbytes: a, ms: round(b) } : {}),
    }
  }

  // Everything ---------------------------------------------------------------------------------------

  /** Everything that is known, with at most so many tasks. */
  dump(limit: number): ClusterDump {
    this.callRoll()
    const { engine, host } = this
    const now = host.now()
    const { workers, clients: _clients, runs: _runs, collections, ...scheduler } = host.info()
    const tasks: DumpedTask[] = []
    let left = 0
    this.eachSlot((slot) => {
      if (tasks.length < limit) tasks.push(this.dumpTask(slot))
      else left++
    })
    return {
      versions: ownVersions(),
      options: host.options,
      uptime: round(now - this.begun),
      scheduler,
      workers,
      gone: engine.lostWorkers.last(mostGone),
      clients: [...engine.clients.all()].map(({ name, session, runs }) => ({
        name,
        isConnected: session !== '',
        runs: [...runs.keys()].map((run) => `${name}/${run}`),
      })),
      runs: [...engine.computations.values()].map((computation) => ({
        run: computation.name,
        client: computation.client,
        age: round(now - computation.submittedAt),
        tasks: computation.count,
        states: this.countStates(engine.state.slotsOf(computation.run)),
        targets: computation.targetCount,
        unsent: computation.unsent,
        keeps: computation.holdsTargets,
        isDone: computation.isDone,
      })),
      collections,
      queues: { queued: engine.state.queuedTasks, placed: this.dumpPlaced() },
      states: this.countStates(),
      tasks,
      tasksLeftOut: left,
      events: engine.state.story.last(mostEvents).map((entry) => ({
        key: this.keyOf(entry.slot) ?? null,
        ago: round(now - entry.time),
        ...this.eventOf(entry, 0),
      })),
    }
  }

  private dumpTask(slot: number): DumpedTask {
    const { state } = this.engine
    const { tasks } = state
    const at = tasks.state[slot]!
    const processing = at === PROCESSING ? [tasks.worker[slot]!] : []
    return {
      key: this.names.task(slot),
      state: stateNames[at]!,
      run: this.computationOf(slot)?.name ?? null,
      workers: [...processing, ...state.holdersOf(slot)].map((id) => this.names.worker(id)),
      inputs: Array.from(state.inputsOf(slot), (input) => this.names.task(input)),
      neededBy: tasks.neededBy[slot]!,
      waitingOn: tasks.waitingOn[slot]!,
      priority: tasks.priority[slot]!,
      retries: tasks.retries[slot]!,
      deaths: tasks.failures[slot]!,
      nbytes: tasks.nbytes[slot]!,
    }
  }

  private dumpPlaced(): ClusterDump['queues']['placed'] {
    const { state } = this.engine
    const placed: ClusterDump['queues']['placed'][number][] = []
    state.eachRestricted((slot, restriction) => {
      placed.push({
        key: this.names.task(slot),
        ...restriction,
        stuck: whyUnrunnable(state, slot) ?? null,
      })
    })
    return placed
  }

  private countStates(slots?: Int32Array): Partial<Record<TaskStateName, number>> {
    const counts: Partial<Record<TaskStateName, number>> = {}
    const count = (at: number): void => {
      const name = stateNames[at]!
      counts[name] = (counts[name] ?? 0) + 1
    }
    if (slots === undefined) this.eachSlot((_, at) => count(at))
    else for (const slot of slots) count(this.engine.state.tasks.state[slot]!)
    return counts
  }

  // Names --------------------------------------------------------------------------------------------

  /** The key of a task; undefined if no task has the slot now. */
  keyOf(slot: number): string | undefined {
    const position = this.engine.state.tasks.position[slot]
    return position === undefined ? undefined : this.computationOf(slot)?.key(position)
  }

  private computationOf(slot: number): Computation | undefined {
    return this.engine.state.tasks.group[slot]?.origin as Computation | undefined
  }

  /** What a worker is called; where several have one name, with the address. */
  private nameOfWorker(worker: number): string {
    const known = this.workerNames.get(worker)
    return known ?? this.engine.lostWorkers.nameOf(worker) ?? `worker ${worker}`
  }

  /** Looks who is there, before a question is answered. */
  private callRoll(): void {
    const times = new Map<string, number>()
    const all = [...this.engine.workers.all()]
    for (const { hello } of all) times.set(hello.name, (times.get(hello.name) ?? 0) + 1)
    this.workerNames = new Map(
      all.map(({ worker, hello: { name, address } }) => {
        return [worker, times.get(name) === 1 ? name : `${name} at ${address}`]
      }),
    )
  }

  /** What finds the slots of a task that was asked for: of a future one, of a key all that have it. */
  private finder(): (task: InspectedTask) => number[] {
    const { state, runNames, computations } = this.engine
    let groups: Map<Computation, Pick<TaskGroup, 'slotOf'>> | undefined
    const find = (): Map<Computation, Pick<TaskGroup, 'slotOf'>> => {
      const found = new Map<Computation, Pick<TaskGroup, 'slotOf'>>()
      this.eachSlot((slot) => {
        const group = state.tasks.group[slot]!
        if (group.origin !== undefined) found.set(group.origin as Computation, group)
      })
      for (const computation of computations.values())
        if (!found.has(computation))
          found.set(computation, { slotOf: state.slotsOf(computation.run) })
      return found
    }
    return ({ key, run, target }) => {
      const number = run === null ? undefined : runNames.get(run)
      const held = number === undefined || target < 0 ? -1 : state.heldTarget(number, target)
      if (held >= 0) return [held]
      groups ??= find()
      const slots = new Set<number>()
      for (const [{ keys }, { slotOf }] of groups)
        for (const position of findKey(keys, key)) slots.add(slotOf[position]!)
      return [...slots].sort((a, b) => state.tasks.rank[a]! - state.tasks.rank[b]!)
    }
  }

  private eachSlot(visit: (slot: number, at: number) => void): void {
    const { tasks } = this.engine.state
    for (let slot = 0; slot < tasks.high; slot++) {
      const at = tasks.state[slot]!
      if (at !== FORGOTTEN) visit(slot, at)
    }
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
