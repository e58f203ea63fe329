/**
 * The computations that are known, and which of them want which results.
 *
 * Most computations want their targets together: they are done when all are in memory, and fail with
 * the first task that fails. One that *keeps* its targets has each told by itself, done or failed, and
 * holds each until it is released by itself.
 */
import type { TaskGroup } from './task-table.js'

/** A computation: its tasks, and the targets that it wants. */
export class Run {
  readonly id: number
  readonly group: TaskGroup
  /** Slots, by place; one may be at several places. */
  readonly targets: Int32Array
  readonly keeps: boolean
  /** For each place 1 as long as the target is wanted. */
  readonly held: Uint8Array
  /** How many places are held. */
  holding: number
  /** Targets that are not in memory; counted only if the run does not keep them. */
  remaining = 0
  done = false
  private firstPlaces: Map<number, number> | undefined

  constructor(id: number, group: TaskGroup, targets: Int32Array, keeps: boolean) {
    this.id = id
    this.group = group
    this.targets = targets
    this.keeps = keeps
    this.held = new Uint8Array(targets.length).fill(1)
    this.holding = targets.length
  }

  /** Visits the places at which a slot is held. */
  eachPlace(slot: number, visit: (place: number) => void): void {
    const { targets, held } = this
    if (this.firstPlaces === undefined) {
      this.firstPlaces = new Map()
      for (let place = targets.length - 1; place >= 0; place--)
        this.firstPlaces.set(targets[place]!, place)
    }
    const distinct = this.firstPlaces.size
    let place = this.firstPlaces.get(slot) ?? -1
    while (place >= 0) {
      if (held[place] === 1) visit(place)
      place = distinct === targets.length ? -1 : targets.indexOf(slot, place + 1)
    }
  }
}

export class Runs {
  private readonly byId = new Map<number, Run>()
  /** Runs that want a slot's result, each as often as it has the slot among its targets. */
  private readonly wanting = new Map<number, Run | Run[]>()

  get isEmpty(): boolean {
    return this.byId.size + this.wanting.size === 0
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
      const known = this.wanting.get(slot)
      if (known === undefined) this.wanting.set(slot, run)
      else if (Array.isArray(known)) known.push(run)
      else this.wanting.set(slot, [known, run])
    }
    return run
  }

  /** The slot at a place of a run's targets; -1 if there is none, or it was released. */
  heldTarget(id: number, place: number): number {
    const run = this.byId.get(id)
    return run !== undefined && run.held[place] === 1 ? run.targets[place]! : -1
  }

  /** Forgets a run that holds nothing any more. */
  delete(run: Run): void {
    this.byId.delete(run.id)
  }

  /** Lets go of one target; the slot, or -1 if the run does not hold that place. */
  letGo(run: Run, place: number): number {
    if (run.held[place] !== 1) return -1
    run.held[place] = 0
    run.holding--
    const slot = run.targets[place]!
    const known = this.wanting.get(slot)!
    if (!Array.isArray(known)) this.wanting.delete(slot)
    else {
      known.splice(known.indexOf(run), 1)
      if (known.length === 1) this.wanting.set(slot, known[0]!)
    }
    return slot
  }

  isWanted(slot: number): boolean {
    return this.wanting.has(slot)
  }

  /** The runs that want a slot's result, each as often as it has the slot among its targets. */
  wantingOf(slot: number): readonly Run[] {
    const known = this.wanting.get(slot)
    if (known === undefined) return none
    return Array.isArray(known) ? known : [known]
  }
}

const none: readonly Run[] = []
