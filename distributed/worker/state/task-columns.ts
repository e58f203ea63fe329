/**
 * A worker's records of tasks and results, in flat columns indexed by the scheduler's slot, and the
 * phases that a task on a worker goes through.
 *
 * Only the worker's state writes to the columns. A phase changes through `setPhase` alone, which
 * refuses transitions that are not in the table.
 */
import { invariant } from '../../../core/base/errors.js'
import type { TaskAssignment } from './worker-events.js'

/** The phases of a task on a worker; the column holds their positions in this list. */
export const phaseNames = ['unassigned', 'waiting', 'ready', 'running'] as const

type PhaseName = (typeof phaseNames)[number]

type Phase = 0 | 1 | 2 | 3

/** The scheduler has not sent the task, or it is over. */
export const PHASE_UNASSIGNED = 0
/** Assigned; some inputs are not here yet. */
export const PHASE_WAITING = 1
/** Assigned; all inputs are here. */
export const PHASE_READY = 2
/** Handed to a thread. */
export const PHASE_RUNNING = 3

/** For each phase the phases that may follow, and when they do. */
const transitions: Readonly<Record<PhaseName, Readonly<Partial<Record<PhaseName, string>>>>> = {
  unassigned: {
    waiting: 'the scheduler sends the task',
  },
  waiting: {
    ready: 'the last input has come',
    running: 'it is handed to the thread that makes its last inputs',
    unassigned: 'it is cancelled, or returned because an input cannot be had',
  },
  ready: {
    running: 'a thread has room',
    unassigned: 'it is cancelled, returned, or has ended too many threads',
  },
  running: {
    ready: 'its thread has ended',
    waiting: 'its thread has ended before the task that makes its input was done',
    unassigned: 'it is done, has failed, or is cancelled or returned',
  },
}

const phaseCount = phaseNames.length

/** `transitions` by `from * phaseCount + to`: 1 where allowed. */
const isAllowed = Uint8Array.from({ length: phaseCount ** 2 }, (_, i) => {
  const [from, to] = [phaseNames[Math.floor(i / phaseCount)]!, phaseNames[i % phaseCount]!]
  return transitions[from][to] === undefined ? 0 : 1
})

/** How a slot's result is held: not at all. */
export const RESULT_ABSENT = 0
/** Computed here; kept until the scheduler frees it. */
export const RESULT_OWN = 1
/** Fetched; kept while assigned tasks read it. */
export const RESULT_TEMPORARY = 2
/** Fetched and reported to the scheduler; kept until the scheduler frees it. */
export const RESULT_REPLICA = 3

/** A column that is read here and written elsewhere. */
type ReadonlyColumn = Pick<Uint8Array, 'length' | 'every'> & { readonly [slot: number]: number }

/** The columns. */
export class TaskColumns<A extends TaskAssignment> {
  private phases = new Uint8Array(1024)
  /** The attempt of the assigned task. */
  attempt = new Int32Array(1024)
  /** The number of inputs that are not here; an input that is read twice counts twice. */
  missing = new Int32Array(1024)
  /** The thread of a running task. */
  thread = new Int32Array(1024)
  /** How the slot's result is held: `RESULT_ABSENT` and so on. */
  held = new Uint8Array(1024)
  /** The attempt that made the held result. */
  version = new Int32Array(1024)
  /** The bytes of the held result. */
  nbytes = new Float64Array(1024)
  /** How often assigned tasks read the slot's result. */
  uses = new Int32Array(1024)
  /**
   * For an assigned task, the assigned tasks that wait for its result; one that reads it twice is
   * listed twice.
   */
  readonly followers = new Map<number, number[]>()
  /** The message that an assigned task came with. */
  assignment: (A | undefined)[] = []
  /** The task's position in that message. */
  position = new Int32Array(1024)

  /** The phase of each task. */
  get phase(): ReadonlyColumn {
    return this.phases
  }

  /** Moves a task to another phase. Fails for a transition that is not in the table. */
  setPhase(task: number, to: Phase): void {
    const from = this.phases[task]!
    if (isAllowed[from * phaseCount + to] === 0) this.refuseTransition(task, from, to)
    this.phases[task] = to
  }

  private refuseTransition(task: number, from: number, to: number): never {
    const { attempt, missing, thread, uses, held } = this
    const facts = `attempt ${attempt[task]}, ${missing[task]} inputs missing, thread ${thread[task]}, result held as ${held[task]} and read ${uses[task]} times`
    invariant(
      false,
      `task ${task} cannot go from ${phaseNames[from]} to ${phaseNames[to]}: ${facts}`,
    )
  }

  /** Where the inputs of an assigned task begin in the columns of its message. */
  inputsFrom(task: number): number {
    const position = this.position[task]!
    return position === 0 ? 0 : this.assignment[task]!.inputEnd[position - 1]!
  }

  /** Where they end, exclusive. */
  inputsTo(task: number): number {
    return this.assignment[task]!.inputEnd[this.position[task]!]!
  }

  /** Makes room for a slot. */
  reach(slot: number): void {
    if (slot < this.phases.length) return
    let size = this.phases.length
    while (size <= slot) size *= 2
    this.phases = widen(this.phases, new Uint8Array(size))
    this.attempt = widen(this.attempt, new Int32Array(size))
    this.missing = widen(this.missing, new Int32Array(size))
    this.thread = widen(this.thread, new Int32Array(size))
    this.held = widen(this.held, new Uint8Array(size))
    this.version = widen(this.version, new Int32Array(size))
    this.nbytes = widen(this.nbytes, new Float64Array(size))
    this.uses = widen(this.uses, new Int32Array(size))
    this.position = widen(this.position, new Int32Array(size))
  }
}

function widen<T extends { set(other: T): void }>(from: T, to: T): T {
  to.set(from)
  return to
}
