/** The client of a task: so tasks start tasks, and wait for them, on the cluster that they run on. */
import { operations } from '../../core/base/operations.js'
import { getTaskRuntime, secededTask } from '../../core/run/threads/task-runtime.js'
import { Client } from './client.js'
import { PortLink } from './port-connection.js'

/** The client of this thread. */
let own: Client | undefined

/**
 * A client of the cluster on which the task runs that calls it. It is there at once, shared by the
 * tasks of a thread, and lives as long as that. While an async task that has called this awaits
 * something, its thread runs other tasks, so that tasks may wait for tasks to any depth.
 *
 * @throws Error outside of a task, and in a task that runs on no cluster.
 * @example
 * async function fib(n: number): Promise<number> {
 *   if (n < 2) return n
 *   const [a, b] = getClient().map(fib, [n - 1, n - 2])
 *   return (await a.result()) + (await b.result())
 * }
 */
export function getClient(): Client {
  const host = getTaskRuntime()
  if (host === undefined)
    throw new Error(
      'getClient: this is not within a task; connect by Client.connect(address), or LocalCluster.start()',
    )
  const { cluster } = host
  if (cluster === undefined)
    throw new Error(
      'getClient: this task runs on the threads of its own process, and not on a cluster; compute with { get: client.get }',
    )
  own ??= Client.over(
    cluster,
    (name, events) => new PortLink(host.connect(), name, events),
    () => secededTask.getStore(),
  )
  const scope = secededTask.getStore() ?? host.secede()
  if (scope !== undefined) secededTask.enterWith(scope)
  return own
}
operations('distributed/client/get-client', { getClient })
