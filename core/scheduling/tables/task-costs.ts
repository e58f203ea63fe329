/**
 * What tasks cost of a worker's budget, in milliseconds: learned by recipe, of how long its tasks took
 * and how large their results were. A task of a recipe that was not seen yet costs the whole budget.
 */
import type { SchedulerSettings } from '../interface/settings.js'
import type { TaskTable } from './task-table.js'

/** How much the last task counts against those before it. */
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

  /** Notes how many milliseconds a task of a recipe took, and how large its result is. */
  learn(recipe: number, duration: number, nbytes: number): void {
    const { budget, bytesInHand } = this.settings
    const cost = Math.max(duration, (nbytes / bytesInHand) * budget)
    const known = this.costs[recipe]
    this.costs[recipe] = known === undefined ? cost : known + (cost - known) * weight
  }

  /** Forgets what was learned of a recipe, whose number will stand for another one. */
  unlearn(recipe: number): void {
    this.costs[recipe] = undefined
  }

  /** What a task should cost, if tasks of its recipe were seen. */
  known(slot: number): number | undefined {
    return this.costs[this.tasks.recipe[slot]!]
  }

  /** What a task should cost; of a recipe not seen yet, the whole budget. */
  expected(slot: number): number {
    return this.known(slot) ?? this.settings.budget
  }

  /** What the inputs of a task cost that a worker does not hold. */
  fetching(slot: number, worker: number): number {
    const { tasks } = this
    const { budget, bytesInHand, bandwidth } = this.settings
    if (bandwidth === Number.POSITIVE_INFINITY) return 0
    const { inputs, inputStart } = tasks.group[slot]!
    const at = tasks.position[slot]!
    const end = inputStart[at + 1]!
    let bytes = 0
    for (let i = inputStart[at]!; i < end; i++) {
      const input = inputs[i]!
      if (tasks.worker[input] !== worker) bytes += tasks.nbytes[input]!
    }
    return (bytes / bytesInHand) * budget
  }
}
