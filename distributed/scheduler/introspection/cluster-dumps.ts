/** Dumps of the scheduler's complete state, without values and code. */
import { whyUnrunnable } from '../../../core/scheduling/diagnostics/unrunnable.js'
import { stateNames } from '../../../core/scheduling/tables/task-states.js'
import type { ClusterDump, DumpedTask, SchedulerInfo, TaskStateName } from '../../protocol/info.js'
import { ownVersions } from '../../protocol/version.js'
import type { Computation } from '../computations/computation.js'
import type { EngineParts } from '../engine/engine-parts.js'
import type { TaskLookup } from './task-lookup.js'
import { roundMs, type TaskStories } from './task-stories.js'

/** The maximum number of transitions in a dump. */
const mostEvents = 2000
/** The maximum number of lost workers in a dump. */
const mostLostWorkers = 100

/** What a dump contains apart from the engine's state. */
interface DumpFacts {
  readonly info: SchedulerInfo
  readonly options: Readonly<Record<string, unknown>>
  /** When the scheduler started, by its clock. */
  readonly startedAt: number
}

export class ClusterDumps {
  private readonly parts: EngineParts
  private readonly lookup: TaskLookup
  private readonly stories: TaskStories

  constructor(parts: EngineParts, lookup: TaskLookup, stories: TaskStories) {
    this.parts = parts
    this.lookup = lookup
    this.stories = stories
  }

  /** Makes a dump with at most `limit` tasks. */
  dump(limit: number, { info, options, startedAt }: DumpFacts): ClusterDump {
    const { parts, lookup } = this
    const now = parts.environment.now()
    const { workers, clients: _clients, runs: _runs, collections, ...scheduler } = info
    const tasks: DumpedTask[] = []
    let leftOut = 0
    lookup.eachSlot((slot) => {
      if (tasks.length < limit) tasks.push(this.dumpTask(slot))
      else leftOut++
    })
    return {
      versions: ownVersions(),
      options,
      uptime: roundMs(now - startedAt),
      scheduler,
      workers,
      gone: parts.lostWorkers.last(mostLostWorkers),
      clients: [...parts.clients.all()].map(({ name, session, runs }) => ({
        name,
        isConnected: session !== '',
        runs: [...runs.keys()].map((run) => `${name}/${run}`),
      })),
      runs: [...parts.computations.values()].map((computation) => this.dumpRun(computation, now)),
      collections,
      queues: { queued: parts.state.queuedTasks, placed: this.dumpRestrictedQueues() },
      states: this.countStates(),
      tasks,
      tasksLeftOut: leftOut,
      events: parts.state.story.last(mostEvents).map((entry) => ({
        key: lookup.keyOf(entry.slot) ?? null,
        ago: roundMs(now - entry.time),
        ...this.stories.eventOf(entry, 0),
      })),
    }
  }

  private dumpRun(computation: Computation, now: number): ClusterDump['runs'][number] {
    return {
      run: computation.name,
      client: computation.client,
      age: roundMs(now - computation.submittedAt),
      tasks: computation.count,
      states: this.countStates(this.parts.state.slotsOf(computation.run)),
      targets: computation.targetCount,
      unsent: computation.unsent,
      keeps: computation.holdsTargets,
      isDone: computation.isDone,
    }
  }

  private dumpTask(slot: number): DumpedTask {
    const { lookup } = this
    const { state } = this.parts
    const { tasks } = state
    return {
      key: lookup.names.task(slot),
      state: stateNames[tasks.state[slot]!]!,
      run: lookup.computationOf(slot)?.name ?? null,
      workers: this.stories.workersOf(slot),
      inputs: Array.from(state.inputsOf(slot), (input) => lookup.names.task(input)),
      neededBy: tasks.neededBy[slot]!,
      waitingOn: tasks.waitingOn[slot]!,
      priority: tasks.priority[slot]!,
      retries: tasks.retries[slot]!,
      deaths: tasks.failures[slot]!,
      nbytes: tasks.nbytes[slot]!,
    }
  }

  private dumpRestrictedQueues(): ClusterDump['queues']['placed'] {
    const { state } = this.parts
    const queues: ClusterDump['queues']['placed'][number][] = []
    state.eachRestricted((slot, restrictions) => {
      queues.push({
        key: this.lookup.names.task(slot),
        ...restrictions,
        stuck: whyUnrunnable(state, slot) ?? null,
      })
    })
    return queues
  }

  /** Counts the tasks in each state: those of some slots, or all. */
  private countStates(slots?: Int32Array): Partial<Record<TaskStateName, number>> {
    const counts: Partial<Record<TaskStateName, number>> = {}
    const count = (stateOfTask: number): void => {
      const name = stateNames[stateOfTask]!
      counts[name] = (counts[name] ?? 0) + 1
    }
    if (slots === undefined) this.lookup.eachSlot((_, stateOfTask) => count(stateOfTask))
    else for (const slot of slots) count(this.parts.state.tasks.state[slot]!)
    return counts
  }
}
