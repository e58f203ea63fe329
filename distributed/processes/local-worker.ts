/**
 * The program of a worker process of a `LocalCluster`: it starts while the cluster does, which then sends the worker's options. It has
 * no command line, whose parser would take a part of the time.
 */
import '../../core/base/supported-runtime.js'

import type { WorkerOptions } from '../worker/worker-options.js'
import { serve, startWorker } from './serve.js'

const received = new Promise<WorkerOptions>((resolve) => process.once('message', resolve))

await serve(
  async () => {
    // Most of what a worker needs is loaded before its options arrive.
    await import('../worker/worker.js')
    return startWorker(await received, true)
  },
  { parent: Number(process.argv[2]) },
)
