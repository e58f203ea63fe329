/** A worker process of a `LocalCluster`, as the cluster sees it. */
import type { ChildProcess } from 'node:child_process'
import { SkeinError } from '../../core/base/errors.js'
import { logEvent } from '../base/log.js'
import { describeExit, type ProcessExit } from '../base/process-exit.js'
import type { WorkerOptions } from '../worker/worker-options.js'
import {
  endProcess,
  type FromWorkerProcess,
  onProcessEnd,
  startLocalWorker,
} from './worker-process.js'

/** Milliseconds that a worker process may take to start. */
const startTimeout = 60_000

export class LocalWorkerProcess {
  /** The name in logs, errors and `client.workers()`. */
  readonly name: string
  /** Fulfilled when the scheduler has accepted the worker. */
  readonly started: Promise<void>
  /** Fulfilled when the process has ended, or could not be started. */
  readonly ended: Promise<ProcessExit>
  hasStarted = false
  /** Whether it was told to end, or has said that it ends on purpose: then it is not replaced. */
  isLeaving = false
  private readonly child: ChildProcess

  /** Starts the process, which waits for `run`; `memoryLimit` is in bytes, 0 for none. */
  constructor(name: string, memoryLimit: number) {
    const child = startLocalWorker(memoryLimit)
    this.name = name
    this.child = child
    child.unref()
    child.channel?.unref()
    child.on('error', (error) => logEvent('cluster', `${name} failed`, error))
    this.ended = new Promise((resolve) => onProcessEnd(child, resolve))
    this.started = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new SkeinError('WORKER_START', `${name} did not start within ${startTimeout} ms`))
      }, startTimeout)
      child.once('message', (message: FromWorkerProcess) => {
        clearTimeout(timer)
        // Otherwise it ends now.
        if (message.kind !== 'started') return
        this.hasStarted = true
        resolve()
      })
      child.on('message', (message: FromWorkerProcess) => {
        if (message.kind === 'finished') this.isLeaving = true
      })
      child.once('error', (cause) => {
        clearTimeout(timer)
        const message = `${name} could not be started: ${cause.message}`
        reject(new SkeinError('WORKER_START', message, { cause }))
      })
      void this.ended.then((exit) => {
        clearTimeout(timer)
        const how = describeExit(exit)
        reject(new SkeinError('WORKER_START', `${name} ended while it started (${how})`))
      })
    })
    // The error reaches those who await `started`; it must not count as unhandled.
    this.started.catch(() => {})
  }

  get pid(): number | undefined {
    return this.child.pid
  }

  /** Sends the worker its options. */
  run(options: WorkerOptions): void {
    if (this.child.connected) this.child.send({ ...options, name: this.name }, () => {})
  }

  end(): Promise<void> {
    return endProcess(this.child)
  }
}
