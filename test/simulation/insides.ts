/** What the simulation looks at inside of schedulers, workers and clients, to check it. */

import type { GetOptions } from '../../core/graph/get.js'
import type { GraphLike } from '../../core/graph/make-plan.js'
import type { Client } from '../../distributed/client/client.js'
import type { Future } from '../../distributed/client/futures/future.js'
import type { Compute } from '../../distributed/protocol/index.js'
import type { Engine } from '../../distributed/scheduler/engine/engine.js'
import type { Scheduler } from '../../distributed/scheduler/scheduler.js'
import type { WorkerState } from '../../distributed/worker/state/worker-state.js'
import type { Worker } from '../../distributed/worker/worker.js'

export function engineOf(scheduler: Scheduler): Engine {
  return Reflect.get(scheduler, 'engine') as Engine
}

export function stateOf(worker: Worker): WorkerState<Compute> {
  return Reflect.get(worker, 'state') as WorkerState<Compute>
}

/** How many runs a client keeps to submit them again, and holds results of. */
export function keptBy(client: Client): { submitted: number; held: number } {
  const submitted = Reflect.get(client, 'submitted') as { size: number }
  const held = Reflect.get(Reflect.get(client, 'held') as object, 'runs') as { size: number }
  return { submitted: submitted.size, held: held.size }
}

/** Changes with every session that a client has with a scheduler. */
export function sessionOf(client: Client): unknown {
  return Reflect.get(client, 'sentBundles')
}

/** Keeps the results of a graph, as `client.persist` does for a collection. */
export function keep(
  client: Client,
  graph: GraphLike,
  keys: readonly string[],
  options: GetOptions,
): Future<unknown>[] {
  const method = Reflect.get(client, 'keep') as (...args: unknown[]) => Future<unknown>[]
  return method.call(client, graph, keys, options, 'persist')
}
