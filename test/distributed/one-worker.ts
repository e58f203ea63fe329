/** A scheduler, a worker of one thread and a client in the test's own process, and what they log. */
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'
import { Client } from '../../distributed/client/client.js'
import { Scheduler } from '../../distributed/scheduler/scheduler.js'
import { Worker } from '../../distributed/worker/worker.js'

export interface OneWorker {
  readonly scheduler: Scheduler
  readonly worker: Worker
  readonly client: Client
}

/** Starts a cluster before the tests of a file, passes it to `onStart`, and closes it after them. */
export function useOneWorker(onStart: (cluster: OneWorker) => void): void {
  let scheduler: Scheduler | undefined
  let worker: Worker | undefined
  let client: Client | undefined
  beforeAll(async () => {
    scheduler = await Scheduler.start()
    worker = await Worker.start({ scheduler: scheduler.addressToWorkers, nthreads: 1 })
    client = await Client.connect(scheduler.addressToClients)
    await worker.ready
    onStart({ scheduler, worker, client })
  })
  afterAll(async () => {
    await client?.close()
    await worker?.close()
    await scheduler?.close()
  })
}

/** Returns the lines that a test writes to stderr, which are not printed. Each test begins without any. */
export function useStderrLines(): readonly string[] {
  const lines: string[] = []
  beforeEach(() => {
    lines.length = 0
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
      lines.push(String(line))
      return true
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
  return lines
}
