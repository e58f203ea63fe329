/**
 * The known runs, and which of them want which results.
 *
 * Most runs want their targets together: they are done when all are in memory, and fail with the
 * first task that fails. A run that *keeps* its targets has each reported by itself, done or failed,
 * and holds each until it is released by itself.
 */
import { invariant } from '../../base/errors.js'
import type { TaskGroup } from './task-table.js'

/** A submitted computation: its tasks, and the targets that it holds. */
export class Run {
  readonly id: number
  readonly group: TaskGroup
  /** Slots, by position; a slot may be at several positions. */
  readonly targets: Int32Array
  readonly keeps: boolean
  /** For each position 1 until the target is released. */
  readonly held: Uint8Array
  /** How many positions are held. */
  holding: number
  /** How many targets are not in memory; not counted for a run that keeps its targets. */
  remaining = 0
  done = false
  /** The positions, ordered by their slots; undefined until they are needed. */
  private bySlot: Int32Array | undefined

  constructor(id: number, group: TaskGroup, targets: Int32Array, keeps: boolean) {
    this.id = id
    this.group = group
    this.targets = targets
    this.keeps = keeps
    this.held = new Uint8Array(targets.length).fill(1)
    this.holding = targets.length
  }

  /** Visits the positions at which a slot is held. */
  eachPosition(slot: number, visit: (position: number) => void): void {
    const { targets, held } = this
    const bySlot = (this.bySlot ??= positionsBySlot(targets))
    let low = 0
    let high = bySlot.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (targets[bySlot[middle]!]! < slot) low = middle + 1
      else high = middle
    }
    for (; low < bySlot.length && targets[bySlot[low]!] === slot; low++)
      if (held[bySlot[low]!] === 1) visit(bySlot[low]!)
  }
}

/** A list has fewer positions. */
const mostPositions = 2 ** 25

/** Returns the positions of a list of slots, ordered by slot and then by position. */
function positionsBySlot(slots: Int32Array): Int32Array {
  invariant(slots.length <= mostPositions, `a run has ${slots.length} targets`)
  // Numbers are sorted much faster than by a function that compares them.
  const sorted = new Float64Array(slots.length)
  for (let at = 0; at < slots.length; at++) sorted[at] = slots[at]! * mostPositions + at
  sorted.sort()
  const positions = new Int32Array(slots.length)
  for (let at = 0; at < slots.length; at++) positions[at] = sorted[at]! % mostPositions
  return positions
}

export class Runs {
  private readonly byId = new Map<number, Run>()
  /** By slot, the runs that want its result, once for each of their targets that is the slot. */
  private readonly wanting: (Run | Run[] | undefined)[] = []

  get isEmpty(): boolean {
    return this.byId.size === 0 && this.wanting.every((known) => known === undefined)
  }

  get(id: number): Run | undefined {
    return this.byId.get(id)
  }

  all(): Iterable<Run> {
    return this.byId.values()
  }

  add(id: number, group: TaskGroup, targets: Int32Array, keeps: boolean): Run {
    const run = new Run(id, group, targets, keeps)
    this.byId.set(id, run)
    for (const slot of targets) {
      const known = this.wanting[slot]
      if (known === undefined) {
        // Assigning far beyond the end would make the list a dictionary.
        while (this.wanting.length < slot) this.wanting.push(undefined)
        this.wanting[slot] = run
      } else if (Array.isArray(known)) known.push(run)
      else this.wanting[slot] = [known, run]
    }
    return run
  }

  /** Returns the slot at a position of a run's targets; -1 if there is none or it was released. */
  heldTarget(id: number, position: number): number {
    const run = this.byId.get(id)
    return run !== undefined && run.held[position] === 1 ? run.targets[position]! : -1
  }

  /** Removes a run that holds no targets any more. */
  delete(run: Run): void {
    this.byId.delete(run.id)
  }

  /** Releases one target; returns its slot, or -1 if the run does not hold that position. */
  release(run: Run, position: number): number {
    if (run.held[position] !== 1) return -1
    run.held[position] = 0
    run.holding--
    const slot = run.targets[position]!
    const known = this.wanting[slot]!
    if (!Array.isArray(known)) this.wanting[slot] = undefined
    else {
      known.splice(known.indexOf(run), 1)
      if (known.length === 1) this.wanting[slot] = known[0]!
    }
    return slot
  }

  isWanted(slot: number): boolean {
    return this.wanting[slot] !== undefined
  }

  /** Returns the runs that want a slot's result, once for each of their targets that is the slot. */
  wantingOf(slot: number): readonly Run[] {
    const known = this.wanting[slot]
    if (known === undefined) return none
    return Array.isArray(known) ? known : [known]
  }
}

const none: readonly Run[] = []
