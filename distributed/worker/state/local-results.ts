/** The results that a worker holds: its own, temporary copies and replicas. A pure part of its state. */
import type { MemoryState } from './memory-state.js'
import {
  RESULT_ABSENT,
  type RESULT_OWN,
  RESULT_REPLICA,
  RESULT_TEMPORARY,
  type TaskColumns,
} from './task-columns.js'
import type { TaskAssignment } from './worker-events.js'

/** How a result is held, as the column `held` has it. */
type HeldAs = typeof RESULT_OWN | typeof RESULT_TEMPORARY | typeof RESULT_REPLICA

export class LocalResults<A extends TaskAssignment> {
  private readonly columns: TaskColumns<A>
  private readonly memory: MemoryState
  private toDrop: number[] = []

  constructor(columns: TaskColumns<A>, memory: MemoryState) {
    this.columns = columns
    this.memory = memory
  }

  isHere(slot: number): boolean {
    return (this.columns.held[slot] ?? RESULT_ABSENT) !== RESULT_ABSENT
  }

  /** Whether the result of this attempt is here. */
  has(slot: number, attempt: number): boolean {
    return this.isHere(slot) && this.columns.version[slot] === attempt
  }

  /** Notes that a result is here, in place of any other of its task. */
  add(slot: number, heldAs: HeldAs, attempt: number, nbytes: number): void {
    const { columns } = this
    if (columns.held[slot] !== RESULT_ABSENT) this.memory.remove(slot, columns.nbytes[slot]!)
    columns.held[slot] = heldAs
    columns.version[slot] = attempt
    columns.nbytes[slot] = nbytes
    this.memory.add(slot, nbytes)
  }

  /** Turns a temporary copy into a replica. */
  keepAsReplica(slot: number): void {
    this.columns.held[slot] = RESULT_REPLICA
  }

  /** Frees results that the scheduler does not need here, up to these attempts. */
  free(tasks: Int32Array, attempts: Int32Array): void {
    const { version } = this.columns
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i]!
      if (this.isHere(task) && version[task]! <= attempts[i]!) this.release(task)
    }
  }

  /** Drops a result; one that assigned tasks still read is dropped after the last of them. */
  release(slot: number): void {
    if (this.columns.uses[slot]! > 0) this.columns.held[slot] = RESULT_TEMPORARY
    else this.drop(slot)
  }

  drop(slot: number): void {
    const { held, nbytes } = this.columns
    if (held[slot] !== RESULT_ABSENT) this.memory.remove(slot, nbytes[slot]!)
    held[slot] = RESULT_ABSENT
    nbytes[slot] = 0
    this.toDrop.push(slot)
  }

  /** Discards a fetched value that nothing waits for, unless another result of the task is here. */
  discardFetched(slot: number): void {
    if (!this.isHere(slot)) this.toDrop.push(slot)
  }

  /** Counts that an assigned task reads a result. */
  addReader(slot: number): void {
    const { uses, held } = this.columns
    uses[slot]!++
    if (held[slot] === RESULT_REPLICA) this.memory.markUsed(slot)
  }

  /** Counts that a task which reads a result is over: a temporary copy is dropped with its last reader. */
  removeReader(slot: number): void {
    const { uses, held } = this.columns
    if (--uses[slot]! > 0) return
    if (held[slot] === RESULT_TEMPORARY) this.drop(slot)
    else if (held[slot] === RESULT_REPLICA) this.memory.markIdle(slot)
  }

  /** Takes the slots whose values are to be dropped from the result store. */
  takeDropped(): number[] {
    if (this.toDrop.length === 0) return this.toDrop
    // The worker may have made the result itself, right after its copy was dropped.
    const tasks = this.toDrop.filter((task) => !this.isHere(task))
    this.toDrop = []
    return tasks
  }
}
