/**
 * The groups of tasks that were submitted together: their slots, their edges in both directions, and
 * the tasks that groups share. A task whose key is made from its content belongs to the first group
 * that brought it; other groups refer to it and keep that group alive.
 */
import { columnOf, noNumbers } from '../base/short-columns.js'
import type { TaskSubmission } from './interface/submission.js'
import { SharedTasks } from './tables/shared-tasks.js'
import { FORGOTTEN, RELEASED } from './tables/task-states.js'
import type { TaskGroup, TaskTable } from './tables/task-table.js'
import type { Transitions } from './transitions.js'

const none: readonly number[] = []
/** Starts and ends of the dependents of a single task that has none. */
const noDependents = columnOf([0, 0])

export class TaskGroups {
  private readonly tasks: TaskTable
  private readonly transitions: Transitions
  private readonly onForgotten: (group: TaskGroup) => void
  /** Slots of tasks whose keys are made from content. */
  private readonly shared = new SharedTasks()
  /** For each task its dependents of other groups, with how often each reads it. */
  private readonly foreignDependents = new Map<number, Map<number, number>>()
  private nextRank = 0

  /** `onForgotten` is called for each group with an origin whose last task is forgotten. */
  constructor(tasks: TaskTable, transitions: Transitions, onForgotten: (group: TaskGroup) => void) {
    this.tasks = tasks
    this.transitions = transitions
    this.onForgotten = onForgotten
  }

  /** Whether there are no shared tasks and no edges between groups. */
  get isEmpty(): boolean {
    return this.shared.isEmpty && this.foreignDependents.size === 0
  }

  /** Visits the dependents of a task, with how often each reads it. */
  eachDependent(slot: number, visit: (dependent: number, times: number) => void): void {
    const { dependents, dependentStart } = this.tasks.group[slot]!
    const at = this.tasks.position[slot]!
    const end = dependentStart[at + 1]!
    for (let d = dependentStart[at]!; d < end; d++) visit(dependents[d]!, 1)
    this.eachForeignDependent(slot, visit)
  }

  /** Visits a task's dependents of other groups, with how often each reads it. */
  eachForeignDependent(slot: number, visit: (dependent: number, times: number) => void): void {
    if (this.foreignDependents.size === 0) return
    const found = this.foreignDependents.get(slot)
    if (found !== undefined) for (const [dependent, times] of found) visit(dependent, times)
  }

  /** Adds a submission's tasks, except those whose shared keys are known already. */
  add(submission: TaskSubmission): TaskGroup {
    const { tasks } = this
    const { count, recipeOf, ranks } = submission
    const slotOf = new Int32Array(count)
    const own = new Int32Array(count)
    let owned = 0
    const { externals = none, sharedKeys } = submission
    const sharing = new Set<TaskGroup>()
    for (let i = 0; i < externals.length; i++) sharing.add(tasks.group[externals[i]!]!)
    for (let task = 0; task < count; task++) {
      const name = sharedKeys?.nameOf(task)
      const number = name === undefined ? -1 : sharedKeys!.numberOf(task)
      const known = name === undefined ? undefined : this.shared.get(name, number)
      const from = known === undefined ? undefined : tasks.group[known]
      if (from !== undefined) {
        slotOf[task] = known!
        sharing.add(from)
        continue
      }
      const slot = tasks.allocate()
      this.transitions.apply(slot, RELEASED)
      slotOf[task] = slot
      own[owned++] = slot
      tasks.recipe[slot] = recipeOf[task]!
      tasks.position[slot] = task
      tasks.rank[slot] = this.nextRank + ranks[task]!
      const settings = submission.settingsOf?.(task)
      tasks.priority[slot] = settings?.priority ?? 0
      tasks.retries[slot] = Math.min(settings?.retries ?? 0, 255)
      if (settings?.restriction !== undefined) tasks.restriction.set(slot, settings.restriction)
      // Of two tasks with one key in a submission, the first is shared.
      if (name !== undefined && known === undefined) this.shared.add(name, number, slot)
    }
    this.nextRank += count
    const slots = owned === count ? slotOf : own.slice(0, owned)
    const isOwn = owned === count ? undefined : new Set(slots)
    const group: TaskGroup = {
      slots,
      slotOf,
      ...this.linkTasks(submission, slotOf, isOwn),
      sharing: [...sharing],
      origin: submission.origin,
      sharedKeys,
      users: 1,
    }
    for (const slot of slots) tasks.group[slot] = group
    for (const other of sharing) other.users++
    return group
  }

  /** Returns the edges as slots, in both directions; those to older groups are added to the maps. */
  private linkTasks(
    { count, inputStart, inputs, externals = none }: TaskSubmission,
    slotOf: Int32Array,
    isOwn: ReadonlySet<number> | undefined,
  ): Pick<TaskGroup, 'inputStart' | 'inputs' | 'dependentStart' | 'dependents'> {
    const slots = inputs.length === 0 ? noNumbers : new Int32Array(inputs.length)
    const dependentStart = count === 1 ? noDependents : new Int32Array(count + 1)
    for (let task = 0; task < count; task++) {
      const dependent = slotOf[task]!
      const isOwnTask = isOwn === undefined || isOwn.has(dependent)
      for (let i = inputStart[task]!; i < inputStart[task + 1]!; i++) {
        const input = inputs[i]!
        const slot = input < 0 ? externals[~input]! : slotOf[input]!
        slots[i] = slot
        if (!isOwnTask) continue
        if (input >= 0 && (isOwn === undefined || isOwn.has(slot))) dependentStart[input + 1]!++
        else this.addForeignDependent(slot, dependent)
      }
    }
    if (count === 1) {
      // A single task can only read tasks of other groups.
      const start = columnOf(inputStart)
      return {
        inputStart: start,
        inputs: slots,
        dependentStart: noDependents,
        dependents: noNumbers,
      }
    }
    for (let task = 0; task < count; task++) dependentStart[task + 1]! += dependentStart[task]!
    const dependents = new Int32Array(dependentStart[count]!)
    const next = dependentStart.slice(0, count)
    for (let task = 0; task < count; task++) {
      const dependent = slotOf[task]!
      if (isOwn !== undefined && !isOwn.has(dependent)) continue
      for (let i = inputStart[task]!; i < inputStart[task + 1]!; i++) {
        const input = inputs[i]!
        if (input < 0) continue
        if (isOwn === undefined || isOwn.has(slotOf[input]!)) dependents[next[input]!++] = dependent
      }
    }
    return { inputStart: new Int32Array(inputStart), inputs: slots, dependentStart, dependents }
  }

  private addForeignDependent(slot: number, dependent: number): void {
    const found = this.foreignDependents.get(slot)
    if (found === undefined) this.foreignDependents.set(slot, new Map([[dependent, 1]]))
    else found.set(dependent, (found.get(dependent) ?? 0) + 1)
  }

  /** Counts one user of a group less; one without users is forgotten, and leaves those it shares. */
  leave(group: TaskGroup): void {
    if (--group.users > 0) return
    this.forgetTasks(group)
    if (group.origin !== undefined) this.onForgotten(group)
    for (const other of group.sharing) this.leave(other)
  }

  private forgetTasks(group: TaskGroup): void {
    const { tasks } = this
    for (const slot of group.slots) {
      const position = tasks.position[slot]!
      const name = group.sharedKeys?.nameOf(position)
      if (name !== undefined) this.shared.remove(name, group.sharedKeys!.numberOf(position), slot)
      this.foreignDependents.delete(slot)
      if (group.sharing.length > 0) this.leaveInputs(slot)
      this.transitions.apply(slot, FORGOTTEN)
    }
  }

  /** Removes a task from the dependents of tasks of other groups. */
  private leaveInputs(slot: number): void {
    for (const input of this.tasks.inputsOf(slot)) {
      const found = this.foreignDependents.get(input)
      if (found?.delete(slot) && found.size === 0) this.foreignDependents.delete(input)
    }
  }
}
