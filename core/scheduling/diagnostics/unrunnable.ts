/** Explains why no worker can ever run a ready task. */
import type { TaskRestriction } from '../interface/submission.js'
import type { SchedulerState } from '../state.js'
import type { WorkerView } from '../tables/worker-table.js'
import { amountsOf, listOf } from './lists.js'

/** Returns why none of the present workers can ever run a ready task; undefined if one can. */
export function whyUnrunnable(state: SchedulerState, slot: number): string | undefined {
  const workers = state.workerViews()
  if (workers.length === 0) return 'there are no workers'
  const restriction = state.tasks.restriction.get(slot)
  if (restriction === undefined) return undefined
  if (workers.some(({ capacity }) => capacity.canEverRun(restriction))) return undefined
  return whyRefused(restriction, workers)
}

function whyRefused(restriction: TaskRestriction, workers: readonly WorkerView[]): string {
  const { workers: named, resources = {} } = restriction
  const allowed = workers.filter(
    ({ capacity }) => restriction.allowsOthers === true || capacity.isChosen(restriction),
  )
  if (allowed.length === 0) {
    const wanted = listOf(
      (named ?? []).map((name) => `'${name}'`),
      'or',
    )
    const known = listOf(workers.map(({ capacity }) => `'${capacity.names.own[0] ?? '?'}'`))
    return `it is to run at ${wanted}, and no such worker is there; there are ${known}`
  }
  const lacking = Object.entries(resources).find(([name, amount]) =>
    allowed.every(({ capacity }) => !((capacity.total[name] ?? 0) >= amount)),
  )
  const who = named === undefined ? 'no worker has' : 'no worker that it may run at has'
  if (lacking === undefined)
    return `it asks for ${amountsOf(resources)}, and ${who} all of that together`
  const [name, amount] = lacking
  const most = Math.max(...allowed.map(({ capacity }) => capacity.total[name] ?? 0))
  const has = most === 0 ? `any ${name}` : `so much: the most is ${most}`
  return `it asks for ${amount} ${name}, and ${who} ${has}`
}
