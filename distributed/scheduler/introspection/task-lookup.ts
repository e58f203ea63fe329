/** Finds tasks by key and by future, and the names of tasks and workers, for answers about the scheduler's state. */
import type { StoryNames } from '../../../core/scheduling/tables/story-sentences.js'
import { FORGOTTEN } from '../../../core/scheduling/tables/task-states.js'
import type { TaskGroup } from '../../../core/scheduling/tables/task-table.js'
import type { InspectedTask } from '../../protocol/index.js'
import { findKey } from '../../protocol/layer-keys.js'
import type { Computation } from '../computations/computation.js'
import type { EngineParts } from '../engine/engine-parts.js'

type SlotsOfGroup = Pick<TaskGroup, 'slotOf'>

export class TaskLookup {
  readonly names: StoryNames = {
    task: (slot) => this.keyOf(slot) ?? `task ${slot}`,
    worker: (worker) => this.nameOfWorker(worker),
  }
  private readonly parts: EngineParts
  /** The names of the connected workers, as of the last `refreshWorkerNames`. */
  private workerNames: ReadonlyMap<number, string> = new Map()

  constructor(parts: EngineParts) {
    this.parts = parts
  }

  /** Returns the key of a task, or undefined if no task has the slot. */
  keyOf(slot: number): string | undefined {
    const position = this.parts.state.tasks.position[slot]
    return position === undefined ? undefined : this.computationOf(slot)?.key(position)
  }

  computationOf(slot: number): Computation | undefined {
    return this.parts.state.tasks.group[slot]?.origin as Computation | undefined
  }

  private nameOfWorker(worker: number): string {
    const known = this.workerNames.get(worker)
    return known ?? this.parts.lostWorkers.nameOf(worker) ?? `worker ${worker}`
  }

  /** Updates the workers' names, before a question is answered. Workers of equal names get their addresses added. */
  refreshWorkerNames(): void {
    const uses = new Map<string, number>()
    const all = [...this.parts.workers.all()]
    for (const { hello } of all) uses.set(hello.name, (uses.get(hello.name) ?? 0) + 1)
    this.workerNames = new Map(
      all.map(({ worker, hello: { name, address } }) => {
        return [worker, uses.get(name) === 1 ? name : `${name} at ${address}`]
      }),
    )
  }

  /**
   * Returns a function that finds the slots of a task: of the target for a future, of all tasks with the key
   * otherwise. The index of computations is built once for all calls.
   */
  finder(): (task: InspectedTask) => number[] {
    const { state, runNames } = this.parts
    let groups: Map<Computation, SlotsOfGroup> | undefined
    return ({ key, run, target }) => {
      const number = run === null ? undefined : runNames.get(run)
      const held = number === undefined || target < 0 ? -1 : state.heldTarget(number, target)
      if (held >= 0) return [held]
      groups ??= this.findGroups()
      const slots = new Set<number>()
      for (const [{ keys }, { slotOf }] of groups)
        for (const position of findKey(keys, key)) slots.add(slotOf[position]!)
      return [...slots].sort((a, b) => state.tasks.rank[a]! - state.tasks.rank[b]!)
    }
  }

  private findGroups(): Map<Computation, SlotsOfGroup> {
    const { state, computations } = this.parts
    const found = new Map<Computation, SlotsOfGroup>()
    this.eachSlot((slot) => {
      const group = state.tasks.group[slot]!
      if (group.origin !== undefined) found.set(group.origin as Computation, group)
    })
    for (const computation of computations.values())
      if (!found.has(computation))
        found.set(computation, { slotOf: state.slotsOf(computation.run) })
    return found
  }

  /** Visits all tasks with their states. */
  eachSlot(visit: (slot: number, stateOfTask: number) => void): void {
    const { tasks } = this.parts.state
    for (let slot = 0; slot < tasks.high; slot++) {
      const stateOfTask = tasks.state[slot]!
      if (stateOfTask !== FORGOTTEN) visit(slot, stateOfTask)
    }
  }
}
