/** Turns the annotations of clients into task settings; equal restrictions share one object. */
import type {
  TaskRestriction,
  TaskSettings,
} from '../../../core/scheduling/interface/submission.js'
import type { TaskAnnotations } from '../../protocol/index.js'

/** How many restrictions are known; equal ones beyond that need not be one object. */
const mostRestrictions = 1000

export class TaskSettingsFactory {
  private readonly restrictions = new Map<string, TaskRestriction>()

  /** The settings of a recipe's tasks; undefined if they ask for nothing. */
  settingsOf(demand: TaskAnnotations | null | undefined): TaskSettings | undefined {
    if (demand === null || demand === undefined) return undefined
    const { priority = 0, retries = 0 } = demand
    const restriction = this.restrictionOf(demand)
    const settings = { priority: numberOr(priority, 0), retries: Math.max(0, numberOr(retries, 0)) }
    const more = demand.acquire === true ? { ...settings, acquires: true } : settings
    return restriction === undefined ? more : { ...more, restriction }
  }

  private restrictionOf({ workers, resources }: TaskAnnotations): TaskRestriction | undefined {
    const asked = resources === undefined ? [] : Object.entries(resources).sort()
    if (workers === undefined && asked.length === 0) return undefined
    const text = JSON.stringify([workers, asked])
    let restriction = this.restrictions.get(text)
    if (restriction === undefined) {
      restriction = {
        ...(workers === undefined ? {} : { workers: workers.map(String) }),
        ...(asked.length === 0
          ? {}
          : { resources: Object.fromEntries(asked.map(([name, n]) => [name, numberOr(n, 1)])) }),
      }
      this.restrictions.set(text, restriction)
      const [oldest] = this.restrictions.keys()
      if (this.restrictions.size > mostRestrictions) this.restrictions.delete(oldest!)
    }
    return restriction
  }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
}
