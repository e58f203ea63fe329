/** The hello message with which a worker begins a session. */
import { hostname } from 'node:os'
import type { WorkerHello } from '../protocol/index.js'
import { ownVersions } from '../protocol/version.js'
import type { CheckedWorkerOptions } from './worker-options.js'

/** Returns a worker's hello message; `address` is where other workers reach it. */
export function workerHello(
  { name, nthreads, data, resources, memory }: CheckedWorkerOptions,
  address: string,
  nonce: string,
  afterError: boolean,
): WorkerHello {
  return {
    op: 'hello',
    role: 'worker',
    versions: ownVersions(),
    nonce,
    pid: process.pid,
    hostname: hostname(),
    nthreads,
    address,
    name,
    includeKeys: data !== undefined,
    resources,
    rss: process.memoryUsage.rss(),
    memoryLimit: Number.isFinite(memory.limit) ? memory.limit : 0,
    afterError,
  }
}
