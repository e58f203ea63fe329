/**
 * How much of a worker's budget tasks use, in milliseconds: learned for each recipe from the
 * durations and result sizes of its tasks. A task of a recipe without any uses the whole budget.
 */
import type { SchedulerSettings } from '../interface/settings.js'
import type { TaskTable } from './task-table.js'

/** The weight of the last task against those before it. */
const weight = 0.2

export class TaskCosts {
  private readonly tasks: TaskTable
  private readonly settings: SchedulerSettings
  /** For each recipe the smoothed cost of its tasks; undefined before the first. */
  private readonly costs: (number | undefined)[] = []

  constructor(tasks: TaskTable, settings: SchedulerSettings) {
    this.tasks = tasks
    this.settings = settings
  }

  /** Learns from a finished task: its duration in milliseconds and the size of its result. */
  learn(recipe: number, duration: number, nbytes: number): void {
    const { budget, maxAssignedBytes } = this.settings
    const cost = Math.max(duration, (nbytes / maxAssignedBytes) * budget)
    const known = this.costs[recipe]
    this.costs[recipe] = known === undefined ? cost : known + (cost - known) * weight
  }

  /** Sets the expected cost of the tasks of a recipe, unless one has finished. */
  expect(recipe: number, cost: number): void {
    this.costs[recipe] ??= cost
  }

  /** Forgets a recipe whose number will be reused. */
  forget(recipe: number): void {
    this.costs[recipe] = undefined
  }

  /** Returns the expected cost of a task; undefined if no task of its recipe has finished. */
  known(slot: number): number | undefined {
    return this.costs[this.tasks.recipe[slot]!]
  }

  /** Returns the expected cost of a task: the whole budget if none of its recipe has finished. */
  expected(slot: number): number {
    return this.known(slot) ?? this.settings.budget
  }

  /** Returns the cost of fetching the inputs of a task that a worker does not hold. */
  fetching(slot: number, worker: number): number {
    const { tasks } = this
    const { budget, maxAssignedBytes, bandwidth } = this.settings
    if (bandwidth === Number.POSITIVE_INFINITY) return 0
    const { inputs, inputStart } = tasks.group[slot]!
    const at = tasks.position[slot]!
    const end = inputStart[at + 1]!
    let bytes = 0
    for (let i = inputStart[at]!; i < end; i++) {
      const input = inputs[i]!
      if (tasks.worker[input] !== worker) bytes += tasks.nbytes[input]!
    }
    return (bytes / maxAssignedBytes) * budget
  }
}
