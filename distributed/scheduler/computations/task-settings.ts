/** What clients ask for tasks, as the state wants it: tasks that ask for the same place share one object. */
import type { TaskPlace, TaskSettings } from '../../../core/scheduling/interface/events.js'
import type { TaskAnnotations } from '../../protocol/index.js'

/** How many places are known; of others, equal ones need not be one object. */
const mostPlaces = 1000

export class TaskSettingsFactory {
  private readonly places = new Map<string, TaskPlace>()

  /** The settings of a recipe's tasks; undefined if they ask for nothing. */
  settingsOf(demand: TaskAnnotations | null | undefined): TaskSettings | undefined {
    if (demand === null || demand === undefined) return undefined
    const { priority = 0, retries = 0 } = demand
    const place = this.placeOf(demand)
    const settings = { urgency: numberOr(priority, 0), retries: Math.max(0, numberOr(retries, 0)) }
    const more = demand.acquire === true ? { ...settings, acquires: true } : settings
    return place === undefined ? more : { ...more, place }
  }

  private placeOf({ workers, resources }: TaskAnnotations): TaskPlace | undefined {
    const asked = resources === undefined ? [] : Object.entries(resources).sort()
    if (workers === undefined && asked.length === 0) return undefined
    const text = JSON.stringify([workers, asked])
    let place = this.places.get(text)
    if (place === undefined) {
      place = {
        ...(workers === undefined ? {} : { workers: workers.map(String) }),
        ...(asked.length === 0
          ? {}
          : { resources: Object.fromEntries(asked.map(([name, n]) => [name, numberOr(n, 1)])) }),
      }
      this.places.set(text, place)
      const [oldest] = this.places.keys()
      if (this.places.size > mostPlaces) this.places.delete(oldest!)
    }
    return place
  }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
}
