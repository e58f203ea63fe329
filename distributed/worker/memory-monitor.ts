/** Measures the memory of a worker's process, and reports the state of its memory to the scheduler. */
import { collectGarbage } from '../../core/base/collect-garbage.js'
import { logEvent } from '../base/log.js'
import type { WorkerToScheduler } from '../protocol/index.js'
import { processBytes } from './results/memory-limit.js'
import type { MemoryState } from './state/memory-state.js'

/** The part of the memory limit above which garbage is collected before the measurement counts. */
const collectAbove = 0.7

/** Measurements in a row of a paused worker after which the shortage is logged. */
const logAfter = 5

export class MemoryMonitor {
  private readonly name: string
  private readonly limit: number
  private readonly memory: MemoryState
  private readonly post: (message: WorkerToScheduler) => void
  private lastReport = ''
  /** The number of measurements since the worker is paused. */
  private pausedFor = 0

  /** `name` is the name of the worker, `limit` its memory limit in bytes. */
  constructor(
    name: string,
    limit: number,
    memory: MemoryState,
    post: (message: WorkerToScheduler) => void,
  ) {
    this.name = name
    this.limit = limit
    this.memory = memory
    this.post = post
  }

  /** Returns the bytes of the process that count against the limit. */
  measure(): number {
    const bytes = processBytes(this.limit)
    if (bytes <= this.limit * collectAbove) return bytes
    collectGarbage()
    return processBytes(this.limit)
  }

  /** Logs a shortage of memory once it has lasted; called after each measurement. */
  logShortage(): void {
    const { stored, functions, spilled, isPaused } = this.memory
    this.pausedFor = isPaused ? this.pausedFor + 1 : 0
    if (this.pausedFor !== logAfter) return
    logEvent(
      'worker',
      `${this.name} is short of memory: ${stored} bytes of results, ${functions} bytes of functions with what they captured, ${spilled} bytes of results on disk, ${process.memoryUsage.rss()} bytes in all, of ${this.limit}`,
    )
  }

  /** Reports the state of the memory to the scheduler, if it has changed. */
  report(): void {
    const { stored, functions, peak, spilled, isPaused } = this.memory
    const report = `${stored}/${functions}/${peak}/${spilled}/${isPaused}`
    if (report === this.lastReport) return
    this.lastReport = report
    this.post({ op: 'memory', stored, functions, peak, spilled, isPaused })
  }

  /** Makes the next report be sent even without a change: a new scheduler has none. */
  startSession(): void {
    this.lastReport = ''
  }
}
