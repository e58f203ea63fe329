/**
 * Converts the annotations of tasks to the settings of the state machine. Tasks with equal restrictions share
 * one object, since the state machine has a queue for each.
 */
import type {
  TaskRestriction,
  TaskSettings,
} from '../../../core/scheduling/interface/submission.js'
import type { TaskAnnotations } from '../../protocol/index.js'

/** The number of restrictions that are remembered; beyond it, equal ones need not be one object. */
const mostRestrictions = 1000

export class TaskSettingsFactory {
  private readonly restrictions = new Map<string, TaskRestriction>()

  /** Returns the settings of a recipe's tasks; undefined for defaults. */
  settingsOf(annotations: TaskAnnotations | null | undefined): TaskSettings | undefined {
    if (annotations === null || annotations === undefined) return undefined
    const { priority = 0, retries = 0 } = annotations
    const restriction = this.restrictionOf(annotations)
    const settings = { priority: numberOr(priority, 0), retries: Math.max(0, numberOr(retries, 0)) }
    const more = annotations.acquire === true ? { ...settings, acquires: true } : settings
    return restriction === undefined ? more : { ...more, restriction }
  }

  private restrictionOf({
    workers,
    allowOtherWorkers,
    resources,
  }: TaskAnnotations): TaskRestriction | undefined {
    const amounts = resources === undefined ? [] : Object.entries(resources).sort()
    if (workers === undefined && amounts.length === 0) return undefined
    const id = JSON.stringify([workers, allowOtherWorkers === true, amounts])
    let found = this.restrictions.get(id)
    if (found === undefined) {
      found = {
        ...(workers === undefined ? {} : { workers: workers.map(String) }),
        ...(workers !== undefined && allowOtherWorkers === true ? { allowsOthers: true } : {}),
        ...(amounts.length === 0
          ? {}
          : { resources: Object.fromEntries(amounts.map(([name, n]) => [name, numberOr(n, 1)])) }),
      }
      this.restrictions.set(id, found)
      const [oldest] = this.restrictions.keys()
      if (this.restrictions.size > mostRestrictions) this.restrictions.delete(oldest!)
    }
    return found
  }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
}
