/** The hello message with which a worker begins a session. */
import { hostname } from 'node:os'
import type { WorkerHello } from '../protocol/index.js'
import { ownVersions } from '../protocol/version.js'
import { keyClaim } from '../security/key-claim.js'
import type { CheckedWorkerOptions } from './worker-options.js'

/** What a hello says about a worker besides its options. */
interface WorkerFacts {
  readonly nonce: string
  readonly secret: string
  /** Where other workers reach it. */
  readonly address: string
  readonly afterError: boolean
  /** The key of its socket for other workers; empty without keys. */
  readonly peerKey: string
}

/** Returns a worker's hello message. */
export function workerHello(
  { name, nthreads, data, resources, memory, keys, hostAliases }: CheckedWorkerOptions,
  { nonce, secret, address, afterError, peerKey }: WorkerFacts,
): WorkerHello {
  return {
    op: 'hello',
    role: 'worker',
    versions: ownVersions(),
    nonce,
    pid: process.pid,
    hostname: hostname(),
    secret,
    nthreads,
    address,
    name,
    includeKeys: data !== undefined,
    resources,
    rss: process.memoryUsage.rss(),
    memoryLimit: Number.isFinite(memory.limit) ? memory.limit : 0,
    afterError,
    peerKey,
    hostAliases,
    ...keyClaim(keys, nonce),
  }
}
