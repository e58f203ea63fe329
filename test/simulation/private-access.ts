/** Access to private parts of schedulers, workers and clients, for checks. */

import type { GetOptions } from '../../core/graph/get.js'
import type { GraphLike } from '../../core/graph/graph.js'
import type { Client } from '../../distributed/client/client.js'
import type { ClientSession } from '../../distributed/client/client-session.js'
import type { Future } from '../../distributed/client/futures/future.js'
import type { GraphRuns } from '../../distributed/client/graph-runs.js'
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

/** The number of runs that a client keeps to submit them again, and of runs whose results it holds. */
export function runCountsOf(client: Client): { submitted: number; held: number } {
  const { channel, held } = clientSessionOf(client)
  const submitted = Reflect.get(channel, 'submitted') as { size: number }
  const runs = Reflect.get(held, 'runs') as { size: number }
  return { submitted: submitted.size, held: runs.size }
}

/** The number of sessions that a client has had with a scheduler. */
export function sessionsOf(client: Client): number {
  return Reflect.get(clientSessionOf(client), 'sessions') as number
}

function clientSessionOf(client: Client): ClientSession {
  return Reflect.get(client, 'session') as ClientSession
}

/** Keeps the results of a graph, as `client.persist` does for a collection. */
export function keep(
  client: Client,
  graph: GraphLike,
  keys: readonly string[],
  options: GetOptions,
): Future<unknown>[] {
  const graphs = Reflect.get(client, 'graphs') as GraphRuns
  return graphs.keep(graph, keys, options, 'persist')
}
