/**
 * A nanny: a small process that restarts a worker's process when it ends unexpectedly, killed by the
 * system for its memory, say, or by a task. It reports to the scheduler how the process ended, for the
 * errors of the tasks that ran there.
 *
 * A process that ends soon after its start is restarted after a pause, which doubles each time. The
 * nanny gives up when several in a row end before a scheduler has accepted them.
 */
import type { ChildProcess } from 'node:child_process'
import type { PeerKeys } from '../base/curve-keys.js'
import { logEvent } from '../base/log.js'
import { describeExit, type ProcessExit } from '../base/process-exit.js'
import type { ExitReport } from '../protocol/index.js'
import {
  endProcess,
  exitTimeout,
  type FromWorkerProcess,
  onProcessEnd,
  startWorkerProcess,
} from './worker-process.js'

/** Milliseconds before a restart, the first time and at most. */
const [shortestPause, longestPause] = [200, 10_000]
/** Milliseconds of running after which the pause is reset. */
const resetPauseAfter = 30_000
/** The number of processes in a row that may end before a scheduler has accepted them. */
const maxFailedStarts = 5

type Accepted = Extract<FromWorkerProcess, { kind: 'started' }>

export class Nanny implements AsyncDisposable {
  /** Fulfilled with the exit code for this process when no worker is started any more. */
  readonly ended: Promise<number>
  private readonly args: readonly string[]
  private readonly keys: Omit<PeerKeys, 'serverKey'> | undefined
  private child: ChildProcess | undefined
  private startedAt = 0
  private wasEverAccepted = false
  /** What the worker's process said when a scheduler had accepted it. */
  private accepted: Accepted | undefined
  private isRefused = false
  private isFinished = false
  private failedStarts = 0
  private pause = shortestPause
  private timer: NodeJS.Timeout | undefined
  private isClosing = false
  private resolveEnded!: (code: number) => void

  /** `args` are the worker's command-line arguments, `keys` its keys. */
  constructor(args: readonly string[], keys?: Omit<PeerKeys, 'serverKey'>) {
    this.args = args
    this.keys = keys
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve
    })
    this.start()
  }

  /** Ends the worker and does not restart it. */
  close(): Promise<void> {
    return this.end('SIGHUP')
  }

  /** Lets the worker retire, however long that takes, and does not restart it. */
  retire(): Promise<void> {
    return this.end('SIGTERM', Number.POSITIVE_INFINITY)
  }

  private async end(signal: 'SIGHUP' | 'SIGTERM', within = exitTimeout): Promise<void> {
    this.isClosing = true
    clearTimeout(this.timer)
    if (this.child !== undefined) await endProcess(this.child, signal, within)
    this.resolveEnded(0)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private start(): void {
    const child = startWorkerProcess(this.args)
    this.child = child
    this.startedAt = performance.now()
    this.accepted = undefined
    child.on('message', (message: FromWorkerProcess) => this.onMessage(message))
    child.on('error', (error) => logEvent('worker', 'its process failed', error))
    onProcessEnd(child, (exit) => this.onExit(child.pid, exit))
  }

  private onMessage(message: FromWorkerProcess): void {
    switch (message.kind) {
      case 'started':
        this.accepted = message
        this.wasEverAccepted = true
        return
      case 'finished':
        this.isFinished = true
        return
      case 'refused':
        this.isRefused = true
        return
      case 'name-taken':
        // A process that was accepted before may not have left yet.
        this.isRefused = !this.wasEverAccepted
        return
      default:
        message satisfies never
    }
  }

  private onExit(pid: number | undefined, exit: ProcessExit): void {
    this.child = undefined
    if (this.isClosing) return
    const ranFor = performance.now() - this.startedAt
    this.failedStarts = this.accepted !== undefined ? 0 : this.failedStarts + 1
    if (this.isFinished) {
      this.resolveEnded(exit.code ?? 0)
      return
    }
    if (this.isRefused || this.failedStarts >= maxFailedStarts) {
      if (!this.isRefused)
        logEvent(
          'worker',
          `${maxFailedStarts} processes in a row ended before a scheduler accepted them; no more are started`,
        )
      this.resolveEnded(exit.code ?? 1)
      return
    }
    if (ranFor > resetPauseAfter) this.pause = shortestPause
    const how =
      pid === undefined ? 'could not be started' : `(pid ${pid}) ended with ${describeExit(exit)}`
    logEvent('worker', `its process ${how}; another is started in ${this.pause} ms`)
    if (this.accepted !== undefined) void this.sendReport(this.accepted, exit)
    this.timer = setTimeout(() => this.start(), this.pause)
    this.pause = Math.min(2 * this.pause, longestPause)
  }

  /** Sends an exit report to the scheduler, if it can be reached. Loads sockets only now. */
  private async sendReport(
    { secret, scheduler, serverKey }: Accepted,
    exit: ProcessExit,
  ): Promise<void> {
    const [{ DealerSocket }, { toFrames }] = await Promise.all([
      import('../transport/zmq.js'),
      import('../transport/framing.js'),
    ])
    const events = { onMessage: () => {}, onError: () => {} }
    const name = `nanny-${crypto.randomUUID()}`
    const curve = this.keys && serverKey !== undefined ? { ...this.keys, serverKey } : undefined
    const socket = new DealerSocket(scheduler, name, events, { curve })
    const report: ExitReport = { op: 'exit-report', secret, ...exit }
    socket.send(toFrames({ session: '', number: 0, messages: [report] }))
    await socket.close()
  }
}
