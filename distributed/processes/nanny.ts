/**
 * A small process beside a worker's, which starts the worker again when it ends without being told to:
 * killed by the system for its memory, say, or by a task. It tells the scheduler how the worker ended,
 * which is then in the errors of the tasks that it ran.
 *
 * A worker that ends soon after it was started is started again after a pause, which doubles each time.
 * One that was never let in by a scheduler is given up after some attempts.
 */
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { logEvent } from '../base/log.js'
import { describeExit, type ProcessExit } from '../base/process-exit.js'
import type { ExitReport } from '../protocol/index.js'
import { endProcess, type FromWorkerProcess, startWorkerProcess } from './worker-process.js'

/** Milliseconds before a worker is started again, the first time and at most. */
const [shortestPause, longestPause] = [200, 10_000]
/** Milliseconds after which a worker's end has nothing to do with its start. */
const livesWell = 30_000
/** How many workers may end in a row that no scheduler has let in. */
const mostFutileStarts = 5

export class Nanny implements AsyncDisposable {
  /** Fulfilled with the code to exit with when there will be no worker any more. */
  readonly ended: Promise<number>
  private readonly scheduler: string
  private readonly args: readonly string[]
  private child: ChildProcess | undefined
  private startedAt = 0
  private wasLetIn = false
  private isRefused = false
  private futileStarts = 0
  private pause = shortestPause
  private timer: NodeJS.Timeout | undefined
  private isClosing = false
  private end!: (code: number) => void

  /** `scheduler` is its address to workers, `args` what the worker's command line says. */
  constructor(scheduler: string, args: readonly string[]) {
    this.scheduler = scheduler
    this.args = args
    this.ended = new Promise((resolve) => {
      this.end = resolve
    })
    this.start()
  }

  /** Ends the worker, and starts no other. */
  async close(): Promise<void> {
    this.isClosing = true
    clearTimeout(this.timer)
    if (this.child !== undefined) await endProcess(this.child)
    this.end(0)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private start(): void {
    const child = startWorkerProcess(this.args)
    this.child = child
    this.startedAt = performance.now()
    this.wasLetIn = false
    child.on('message', (message: FromWorkerProcess) => {
      if (message === 'started') this.wasLetIn = true
      else if (message === 'refused') this.isRefused = true
    })
    child.on('error', (error) => logEvent('worker', 'its process failed', error))
    child.on('exit', (code, signal) => this.onExit(child.pid!, { code, signal }))
  }

  private onExit(pid: number, exit: ProcessExit): void {
    this.child = undefined
    if (this.isClosing) return
    const lived = performance.now() - this.startedAt
    this.futileStarts = this.wasLetIn ? 0 : this.futileStarts + 1
    if (this.isRefused || this.futileStarts >= mostFutileStarts) {
      if (!this.isRefused)
        logEvent(
          'worker',
          `${mostFutileStarts} processes in a row have ended before they were let in`,
        )
      this.end(exit.code ?? 1)
      return
    }
    this.pause = lived > livesWell ? shortestPause : this.pause
    logEvent(
      'worker',
      `its process (pid ${pid}) ended with ${describeExit(exit)}; another is started in ${this.pause} ms`,
    )
    if (this.wasLetIn) void this.tell({ op: 'exit-report', pid, hostname: hostname(), ...exit })
    this.timer = setTimeout(() => this.start(), this.pause)
    this.pause = Math.min(2 * this.pause, longestPause)
  }

  /** Tells the scheduler, if it can be reached. */
  private async tell(obituary: ExitReport): Promise<void> {
    const [{ DealerSocket }, { toFrames }] = await Promise.all([
      import('../transport/zmq.js'),
      import('../transport/framing.js'),
    ])
    const socket = new DealerSocket(this.scheduler, `nanny-${randomUUID()}`, {
      onMessage: () => {},
      onError: () => {},
    })
    socket.send(toFrames({ session: '', number: 0, messages: [obituary] }))
    await socket.close()
  }
}
