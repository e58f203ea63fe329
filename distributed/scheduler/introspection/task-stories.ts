/** The stories of tasks: their transitions, and why they are in their states. */
import { explain } from '../../../core/scheduling/diagnostics/explain.js'
import {
  FINISHED,
  SENT,
  SENT_IN_CHAIN,
  type StoryEntry,
} from '../../../core/scheduling/tables/story.js'
import {
  countOf,
  describeEntry,
  stateAfter,
} from '../../../core/scheduling/tables/story-sentences.js'
import { MEMORY, PROCESSING, stateNames } from '../../../core/scheduling/tables/task-states.js'
import type { InspectedTask } from '../../protocol/index.js'
import type { StoryEvent, TaskStory } from '../../protocol/info.js'
import type { EngineParts } from '../engine/engine-parts.js'
import type { TaskLookup } from './task-lookup.js'

/** The maximum number of dependents that are listed. */
const mostDependents = 20

/** What the events of a task's story need to know of its computation. */
interface Submitted {
  readonly client: string
  readonly count: number
  readonly submittedAt: number
}

export class TaskStories {
  private readonly parts: EngineParts
  private readonly lookup: TaskLookup

  constructor(parts: EngineParts, lookup: TaskLookup) {
    this.parts = parts
    this.lookup = lookup
  }

  /** Returns the story of a task. If several private tasks have the key, it is that of the last one submitted. */
  storyOf(task: InspectedTask): TaskStory {
    const slot = this.lookup.finder()(task).at(-1)
    return slot === undefined ? this.storyOfForgotten(task.key) : this.storyOfKnown(slot, task.key)
  }

  private storyOfKnown(slot: number, key: string): TaskStory {
    const { lookup } = this
    const { state } = this.parts
    const { names } = lookup
    const { tasks } = state
    const computation = lookup.computationOf(slot)!
    const stateOfTask = tasks.state[slot]!
    const dependents: string[] = []
    state.eachDependent(slot, (dependent) => {
      if (dependents.length < mostDependents) dependents.push(names.task(dependent))
    })
    return {
      key: lookup.keyOf(slot) ?? key,
      state: stateNames[stateOfTask]!,
      why: explain(state, slot, names),
      run: computation.name,
      workers: this.workersOf(slot),
      nbytes: stateOfTask === MEMORY ? tasks.nbytes[slot]! : undefined,
      inputs: [...new Set(state.inputsOf(slot))].map((input) => ({
        key: names.task(input),
        state: stateNames[tasks.state[input]!]!,
      })),
      dependents: [...new Set(dependents)],
      events: this.eventsOf(state.story.of(slot, computation.storyStart), computation),
    }
  }

  /** Returns the names of the workers that a task is assigned to, or that hold its result. */
  workersOf(slot: number): string[] {
    const { state } = this.parts
    const assigned = state.tasks.state[slot] === PROCESSING ? [state.tasks.worker[slot]!] : []
    return [...assigned, ...state.holdersOf(slot)].map((id) => this.lookup.names.worker(id))
  }

  private storyOfForgotten(key: string): TaskStory {
    const nothing = { workers: [], nbytes: undefined, inputs: [], dependents: [] }
    const { forgottenComputations, state, environment } = this.parts
    const task = forgottenComputations.find(key, state.story)
    if (task === undefined) {
      const why = 'is not known: it was never submitted, or was forgotten long ago'
      return { key, state: 'unknown', why, run: undefined, ...nothing, events: [] }
    }
    const ago = Math.round(environment.now() - task.forgottenAt)
    const end: StoryEvent = {
      at: roundMs(task.forgottenAt - task.submittedAt),
      state: 'forgotten',
      what: 'forgotten: no client and no other task needs it any more',
    }
    return {
      key,
      state: 'forgotten',
      why: `is forgotten: ${ago} ms ago, the last client or task that needed it released it`,
      run: task.run,
      ...nothing,
      events: [...this.eventsOf(task.entries, task), end],
    }
  }

  private eventsOf(
    entries: readonly StoryEntry[],
    { client, count, submittedAt }: Submitted,
  ): StoryEvent[] {
    let attempt = 0
    const first: StoryEvent = {
      at: 0,
      state: 'released',
      what: `submitted by client ${client}, in a computation of ${countOf(count, 'task')}`,
    }
    const events = entries.map((entry) => {
      if (entry.code === SENT || entry.code === SENT_IN_CHAIN) attempt++
      return { at: roundMs(entry.time - submittedAt), ...this.eventOf(entry, attempt) }
    })
    return [first, ...events]
  }

  /** Describes a transition; `attempt` counts how often the task was assigned, 0 if that is not known. */
  eventOf(entry: StoryEntry, attempt: number): Omit<StoryEvent, 'at'> {
    const { code, worker, a, b } = entry
    const { names } = this.lookup
    return {
      state: stateAfter(code),
      what: describeEntry(entry, names, attempt),
      ...(worker < 0 ? {} : { worker: names.worker(worker) }),
      ...(code === FINISHED ? { nbytes: a, ms: roundMs(b) } : {}),
    }
  }
}

/** Rounds milliseconds to two decimals. */
export function roundMs(ms: number): number {
  return Math.round(ms * 100) / 100
}
