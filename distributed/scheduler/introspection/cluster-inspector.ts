/**
 * Answers questions about the scheduler's state: where results are, what workers do, the story of a task, and a
 * dump of everything. Answers are plain data, without values or code. Only questions cost time: nothing is
 * recorded for them.
 */
import { findUnrunnable } from '../../../core/scheduling/diagnostics/stuck-runs.js'
import type { Inspect, InspectedTask } from '../../protocol/index.js'
import type {
  ClusterDump,
  KeysByWorker,
  SchedulerInfo,
  TaskStory,
  WhoHas,
  WhyWaiting,
} from '../../protocol/info.js'
import type { EngineParts } from '../engine/engine-parts.js'
import { ClusterDumps } from './cluster-dumps.js'
import { TaskLookup } from './task-lookup.js'
import { TaskStories } from './task-stories.js'
import { findAssignedKeys, findHeldKeys, findHolders } from './worker-contents.js'

/** Facts about the scheduler that the engine does not have. */
interface SchedulerFacts {
  info(): SchedulerInfo
  /** The options that the scheduler was started with. */
  readonly options: Readonly<Record<string, unknown>>
}

export class ClusterInspector {
  private readonly parts: EngineParts
  private readonly facts: SchedulerFacts
  private readonly startedAt: number
  private readonly lookup: TaskLookup
  private readonly stories: TaskStories
  private readonly dumps: ClusterDumps

  constructor(parts: EngineParts, facts: SchedulerFacts) {
    this.parts = parts
    this.facts = facts
    this.startedAt = parts.environment.now()
    this.lookup = new TaskLookup(parts)
    this.stories = new TaskStories(parts, this.lookup)
    this.dumps = new ClusterDumps(parts, this.lookup, this.stories)
  }

  /** Answers a client's question. Throws RangeError for an unknown one. */
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
        what satisfies never
        throw new RangeError(`there is no question '${String(what)}'`)
    }
  }

  /** Returns, for each key, the names of the workers that hold its result; for all results in memory without `tasks`. */
  whoHas(tasks?: readonly InspectedTask[]): WhoHas {
    this.lookup.refreshWorkerNames()
    return findHolders(this.parts, this.lookup, tasks)
  }

  /** Returns, for each worker, the keys of the results that it holds. */
  hasWhat(workers?: readonly string[]): KeysByWorker {
    this.lookup.refreshWorkerNames()
    return findHeldKeys(this.parts, this.lookup, workers)
  }

  /** Returns, for each worker, the keys of the unfinished tasks that are assigned to it. */
  processing(workers?: readonly string[]): KeysByWorker {
    this.lookup.refreshWorkerNames()
    return findAssignedKeys(this.parts, this.lookup, workers)
  }

  /** Returns the history of a task, and why it is in its state. */
  story(task: InspectedTask): TaskStory {
    this.lookup.refreshWorkerNames()
    return this.stories.storyOf(task)
  }

  /** Returns everything that is known, with at most `limit` tasks. */
  dump(limit: number): ClusterDump {
    this.lookup.refreshWorkerNames()
    const { facts, startedAt } = this
    return this.dumps.dump(limit, { info: facts.info(), options: facts.options, startedAt })
  }

  /** Returns why a ready task of some runs cannot run now; undefined if all can. */
  whyWaiting(runs: Iterable<number>): WhyWaiting | undefined {
    const { state, workers } = this.parts
    const found = findUnrunnable(state, runs)
    if (found === undefined) return undefined
    const { addressToWorkers } = this.facts.info()
    const hint = workers.size === 0 ? `; workers connect to ${addressToWorkers}` : ''
    const why = `cannot run task '${this.keyOf(found.slot) ?? ''}' now: ${found.why}${hint}`
    return { why, joined: workers.joined }
  }

  /** Returns the key of a task, or undefined if no task has the slot. */
  keyOf(slot: number): string | undefined {
    return this.lookup.keyOf(slot)
  }
}
