/**
 * The transitions of tasks between states. One table says for every pair of states whether a task may
 * go from the one to the other, and what else changes then. Only `Transitions` writes a task's state.
 *
 *     forgotten <-> released --> waiting <-> queued --> processing --> memory
 *
 * An active task (waiting, queued or processing) that is not needed any more, and a result that is
 * freed or lost, become released; so does a failed task that is retried or not needed any more. A
 * task that comes back from its worker waits again; any active task can fail (`erred`).
 */
import { invariant } from '../base/errors.js'
import type { RunFailure } from './interface/messages.js'
import type { ReadyQueues } from './tables/ready-queues.js'
import type { Story, StoryCode } from './tables/story.js'
import { describeEntry, type StoryNames } from './tables/story-sentences.js'
import { type SchedulerTaskState, type StateNumber, stateNames } from './tables/task-states.js'
import type { TaskTable } from './tables/task-table.js'
import type { WorkerTable } from './tables/worker-table.js'

/** The transition is illegal. */
const ILLEGAL = 0
/** Only the state changes. */
const NOTHING_ELSE = 1
const RECYCLE_SLOT = 2
const ENTER_QUEUE = 3
const LEAVE_QUEUE = 4
const ENTER_WORKER = 5
const LEAVE_QUEUE_FOR_WORKER = 6
const LEAVE_WORKER = 7
const FINISH_AT_WORKER = 8
const CLEAR_HOLDER = 9
const CLEAR_FAILURE = 10

type Effect =
  | typeof ILLEGAL
  | typeof NOTHING_ELSE
  | typeof RECYCLE_SLOT
  | typeof ENTER_QUEUE
  | typeof LEAVE_QUEUE
  | typeof ENTER_WORKER
  | typeof LEAVE_QUEUE_FOR_WORKER
  | typeof LEAVE_WORKER
  | typeof FINISH_AT_WORKER
  | typeof CLEAR_HOLDER
  | typeof CLEAR_FAILURE

/** For each state, the effect of a transition to it from one state. */
type EffectsFrom = Readonly<Record<SchedulerTaskState, Effect>>

const effects: Readonly<Record<SchedulerTaskState, EffectsFrom>> = {
  released: {
    released: ILLEGAL,
    waiting: NOTHING_ELSE,
    queued: ILLEGAL,
    processing: ILLEGAL,
    memory: ILLEGAL,
    erred: ILLEGAL,
    forgotten: RECYCLE_SLOT,
  },
  waiting: {
    released: NOTHING_ELSE,
    waiting: ILLEGAL,
    queued: ENTER_QUEUE,
    processing: ENTER_WORKER,
    memory: ILLEGAL,
    erred: NOTHING_ELSE,
    forgotten: ILLEGAL,
  },
  queued: {
    released: LEAVE_QUEUE,
    waiting: LEAVE_QUEUE,
    queued: ILLEGAL,
    processing: LEAVE_QUEUE_FOR_WORKER,
    memory: ILLEGAL,
    erred: LEAVE_QUEUE,
    forgotten: ILLEGAL,
  },
  processing: {
    released: LEAVE_WORKER,
    waiting: LEAVE_WORKER,
    queued: ILLEGAL,
    processing: ILLEGAL,
    memory: FINISH_AT_WORKER,
    erred: LEAVE_WORKER,
    forgotten: ILLEGAL,
  },
  memory: {
    released: CLEAR_HOLDER,
    waiting: ILLEGAL,
    queued: ILLEGAL,
    processing: ILLEGAL,
    memory: ILLEGAL,
    erred: ILLEGAL,
    forgotten: ILLEGAL,
  },
  erred: {
    released: CLEAR_FAILURE,
    waiting: ILLEGAL,
    queued: ILLEGAL,
    processing: ILLEGAL,
    memory: ILLEGAL,
    erred: ILLEGAL,
    forgotten: ILLEGAL,
  },
  forgotten: {
    released: NOTHING_ELSE,
    waiting: ILLEGAL,
    queued: ILLEGAL,
    processing: ILLEGAL,
    memory: ILLEGAL,
    erred: ILLEGAL,
    forgotten: ILLEGAL,
  },
}

const stateCount = stateNames.length
/** The same as a flat list, the effect for a pair at `from * stateCount + to`: one look-up a transition. */
const effectList = Uint8Array.from(
  stateNames.flatMap((from) => stateNames.map((to) => effects[from][to])),
)

/** The tables that change with transitions. */
interface TransitionTables {
  readonly tasks: TaskTable
  readonly story: Story
  readonly workers: WorkerTable
  readonly queues: ReadyQueues
  /** For each failed task that is still needed, why it failed. */
  readonly failures: Map<number, RunFailure>
}

export class Transitions {
  private readonly tasks: TaskTable
  private readonly story: Story
  private readonly workers: WorkerTable
  private readonly queues: ReadyQueues
  private readonly failures: Map<number, RunFailure>

  constructor({ tasks, story, workers, queues, failures }: TransitionTables) {
    this.tasks = tasks
    this.story = story
    this.workers = workers
    this.queues = queues
    this.failures = failures
  }

  /**
   * Moves a task to another state. An illegal transition throws an error with the task's story.
   * Columns that belong to the new state (`queue`, `worker`, `cost`) must be set before.
   */
  apply(slot: number, to: StateNumber): void {
    const { state } = this.tasks
    const effect = effectList[state[slot]! * stateCount + to] as Effect
    if (effect !== NOTHING_ELSE) this.makeEffect(effect, slot, to)
    state[slot] = to
  }

  /** Moves a task to another state, and notes the reason in its story. */
  applyFor(slot: number, to: StateNumber, reason: StoryCode, worker = -1, a = 0, b = 0): void {
    this.apply(slot, to)
    this.story.note(slot, reason, worker, a, b)
  }

  private makeEffect(effect: Effect, slot: number, to: StateNumber): void {
    const { tasks, queues, workers } = this
    switch (effect) {
      case NOTHING_ELSE:
        break
      case RECYCLE_SLOT:
        tasks.recycle(slot)
        break
      case ENTER_QUEUE:
        queues.countIn(slot)
        break
      case LEAVE_QUEUE:
        queues.countOut(slot)
        break
      case ENTER_WORKER:
        workers.addAssigned(slot)
        break
      case LEAVE_QUEUE_FOR_WORKER:
        queues.countOut(slot)
        workers.addAssigned(slot)
        break
      case LEAVE_WORKER:
        workers.removeAssigned(slot)
        tasks.worker[slot] = -1
        break
      case FINISH_AT_WORKER:
        // The worker stays in its column, as the first that holds the result.
        workers.removeAssigned(slot)
        if (tasks.failures[slot]! > 0) tasks.clearFailures(slot)
        break
      case CLEAR_HOLDER:
        tasks.worker[slot] = -1
        break
      case CLEAR_FAILURE:
        this.failures.delete(slot)
        break
      case ILLEGAL:
        this.refuse(slot, to)
        break
      default:
        effect satisfies never
    }
  }

  private refuse(slot: number, to: StateNumber): never {
    const entries = this.story.of(slot).map((entry) => describeEntry(entry, plainNames))
    const story = entries.length === 0 ? 'no story is kept' : entries.join('; ')
    const from = stateNames[this.tasks.state[slot]!]
    const what = `task ${slot} cannot go from '${from}' to '${stateNames[to]}'`
    invariant(false, `${what}; its story: ${story}`)
  }
}

/** The names in the story of an error: the state knows tasks and workers by number only. */
const plainNames: StoryNames = {
  task: (slot) => `task ${slot}`,
  worker: (worker) => `worker ${worker}`,
}
