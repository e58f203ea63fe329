/** Which workers hold which results, and which tasks are assigned to them. */
import { MEMORY, PROCESSING } from '../../../core/scheduling/tables/task-states.js'
import type { InspectedTask } from '../../protocol/index.js'
import type { KeysByWorker, WhoHas } from '../../protocol/info.js'
import type { EngineParts } from '../engine/engine-parts.js'
import type { TaskLookup } from './task-lookup.js'

/** Returns, for each key, the names of the workers that hold its result; for all results in memory without `tasks`. */
export function findHolders(
  { state }: EngineParts,
  lookup: TaskLookup,
  tasks?: readonly InspectedTask[],
): WhoHas {
  const found: Record<string, string[]> = Object.create(null)
  const add = (key: string, slot: number): void => {
    const holders = state.holdersOf(slot).map((worker) => lookup.names.worker(worker))
    found[key] = [...new Set([...(found[key] ?? []), ...holders])]
  }
  if (tasks === undefined) {
    lookup.eachSlot((slot, stateOfTask) => {
      const key = stateOfTask === MEMORY ? lookup.keyOf(slot) : undefined
      if (key !== undefined) add(key, slot)
    })
  } else {
    const find = lookup.finder()
    for (const task of tasks) {
      found[task.key] ??= []
      for (const slot of find(task)) add(task.key, slot)
    }
  }
  return { ...found }
}

/** Returns, for each worker, the keys of the results that it holds. */
export function findHeldKeys(
  parts: EngineParts,
  lookup: TaskLookup,
  workers?: readonly string[],
): KeysByWorker {
  const { state } = parts
  return keysByWorker(parts, lookup, workers, (slot, stateOfTask) =>
    stateOfTask === MEMORY ? state.holdersOf(slot) : [],
  )
}

/** Returns, for each worker, the keys of the unfinished tasks that are assigned to it. */
export function findAssignedKeys(
  parts: EngineParts,
  lookup: TaskLookup,
  workers?: readonly string[],
): KeysByWorker {
  const { worker } = parts.state.tasks
  return keysByWorker(parts, lookup, workers, (slot, stateOfTask) =>
    stateOfTask === PROCESSING ? [worker[slot]!] : [],
  )
}

/** `names`: names, addresses or host names of the workers in question; undefined for all. */
function keysByWorker(
  { workers }: EngineParts,
  lookup: TaskLookup,
  names: readonly string[] | undefined,
  workersOf: (slot: number, stateOfTask: number) => readonly number[],
): KeysByWorker {
  const found = new Map<number, string[]>()
  for (const { worker, hello } of workers.all()) {
    const isNamed = [hello.name, hello.address, hello.hostname].some((name) =>
      names?.includes(name),
    )
    if (names === undefined || isNamed) found.set(worker, [])
  }
  lookup.eachSlot((slot, stateOfTask) => {
    for (const worker of workersOf(slot, stateOfTask)) {
      const key = found.has(worker) ? lookup.keyOf(slot) : undefined
      if (key !== undefined) found.get(worker)!.push(key)
    }
  })
  return Object.fromEntries([...found].map(([worker, keys]) => [lookup.names.worker(worker), keys]))
}
