/** Exit reports: messages of the parent processes of workers, outside of any session, that say how a worker's process ended. */
import { FaultLog } from '../../base/fault-log.js'
import type { ProcessExit } from '../../base/process-exit.js'
import type { ExitReport } from '../../protocol/index.js'
import type { LostWorkers } from './lost-workers.js'
import type { Workers } from './workers.js'

export class ExitReports {
  private readonly workers: Workers
  private readonly lostWorkers: LostWorkers
  private readonly forged = new FaultLog(
    'scheduler',
    (count) =>
      `ignored ${count === 1 ? 'an exit report' : `${count} exit reports`} without the secret of a worker of this scheduler: sent by a worker of a former scheduler, or forged; others are logged at most once a minute`,
  )

  constructor({ workers, lostWorkers }: { workers: Workers; lostWorkers: LostWorkers }) {
    this.workers = workers
    this.lostWorkers = lostWorkers
  }

  /** Returns how a process ended if the report has the secret of a worker, connected or lost. */
  accept({ secret, code, signal }: ExitReport): ProcessExit | undefined {
    if (!this.workers.hasSecret(secret) && !this.lostWorkers.hasSecret(secret)) {
      this.forged.add()
      return undefined
    }
    const exit = {
      code: typeof code === 'number' ? code : null,
      signal: typeof signal === 'string' ? (signal as NodeJS.Signals) : null,
    }
    this.lostWorkers.reportExitBySecret(secret, exit)
    return exit
  }
}
