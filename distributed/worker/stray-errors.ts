/** Reports errors that no task threw to the scheduler, whose clients warn of them. */
import type { StrayError } from '../../core/run/threads/executor-protocol.js'
import { strayWarning } from '../../core/run/threads/stray-warning.js'
import { logEvent } from '../base/log.js'
import type { WorkerToScheduler } from '../protocol/index.js'

/** The maximum number of reports in a second; further errors are not reported. */
const mostReports = 20
/** The number of characters of an error's description, and of its stack, that are sent. */
const longestText = 10_000

export class StrayErrors {
  private readonly post: (message: WorkerToScheduler) => void
  private readonly isLogged: () => boolean
  private second = 0
  private reports = 0

  /** `isLogged` says whether errors are logged here too. */
  constructor(post: (message: WorkerToScheduler) => void, isLogged: () => boolean) {
    this.post = post
    this.isLogged = isLogged
  }

  report(error: StrayError): void {
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.second) this.reports = 0
    this.second = second
    if (++this.reports > mostReports) return
    const { origin, isRunning, tasks, description, stack } = error
    this.post({
      op: 'stray-error',
      ...{ origin, isRunning },
      description: description.slice(0, longestText),
      stack: stack.slice(0, longestText),
      tasks: Int32Array.from(tasks, ([task]) => task),
      attempts: Int32Array.from(tasks, ([, attempt]) => attempt),
    })
    if (this.isLogged()) logEvent('worker', strayWarning(error, 'a task'))
  }
}
