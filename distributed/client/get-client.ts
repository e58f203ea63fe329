/** The client of a task, with which tasks start tasks on the cluster that they run on. */
import { checkArguments } from '../../core/base/argument-checks.js'
import { operations } from '../../core/base/operations.js'
import { getTaskRuntime, secededTask } from '../../core/run/threads/task-runtime.js'
import { Client } from './client.js'
import { PortConnection } from './port-connection.js'

/** The client of this thread. */
let threadClient: Client | undefined

/**
 * Returns a client of the cluster that runs the calling task. It needs no waiting, is shared by the
 * tasks of a thread, and lives as long as the thread. While an async task that has called `getClient`
 * awaits something, its thread runs other tasks, so tasks may wait for tasks to any depth.
 *
 * @throws Error outside of a task, and in a task that does not run on a cluster.
 * @example
 * async function fib(n: number): Promise<number> {
 *   if (n < 2) return n
 *   const [a, b] = getClient().map(fib, [n - 1, n - 2])
 *   return (await a.result()) + (await b.result())
 * }
 */
export function getClient(): Client {
  checkArguments('getClient', arguments, 0, 'getClient()')
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
  threadClient ??= Client.over(
    cluster,
    (secret, events) => new PortConnection(host.connect(), secret, events),
    () => secededTask.getStore(),
  )
  const scope = secededTask.getStore() ?? host.secede()
  if (scope !== undefined) secededTask.enterWith(scope)
  return threadClient
}
operations('distributed/client/get-client', { getClient })
