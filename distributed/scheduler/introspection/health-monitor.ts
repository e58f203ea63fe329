/** Logs problems of a running scheduler: tasks that no worker can run, and violated invariants, with a dump. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { StuckTasks } from '../../../core/scheduling/diagnostics/stuck-tasks.js'
import type { SchedulerState } from '../../../core/scheduling/state.js'
import { countOf } from '../../../core/scheduling/tables/story-sentences.js'
import { logEvent } from '../../base/log.js'
import type { ClusterInspector } from './cluster-inspector.js'

/** Milliseconds after which a ready task that cannot run is reported. */
const stuckAfter = 5000
/** Milliseconds between two checks. */
const checkInterval = 1000
/** The number of tasks in the dump after a violation. */
const dumpedTasks = 100_000
/** The maximum number of violations that are reported. */
const mostViolations = 10

export class HealthMonitor {
  private readonly state: SchedulerState
  private readonly inspector: ClusterInspector
  private readonly stuck: StuckTasks
  private readonly timer: NodeJS.Timeout | undefined
  private readonly reported = new Set<string>()

  /** Without `logsStuck` tasks that cannot run are not logged: the clients, in this process, warn of them. */
  constructor(state: SchedulerState, inspector: ClusterInspector, logsStuck: boolean) {
    this.state = state
    this.inspector = inspector
    this.stuck = new StuckTasks(state, stuckAfter)
    if (!logsStuck) return
    this.timer = setInterval(() => this.reportStuck(performance.now()), checkInterval)
    this.timer.unref()
  }

  close(): void {
    clearInterval(this.timer)
  }

  private reportStuck(now: number): void {
    const { queuedTasks } = this.state
    for (const { slot, why } of this.stuck.look(now)) {
      const key = slot < 0 ? undefined : this.inspector.keyOf(slot)
      const what =
        key === undefined
          ? `${countOf(queuedTasks, 'task')} cannot run: ${why}`
          : `task '${key}', and all tasks with the same restrictions, cannot run: ${why}`
      logEvent('scheduler', what, undefined, { why, queued: queuedTasks, ...(key && { key }) })
    }
  }

  /** Logs a violated invariant and writes a dump; only the first time for each. */
  reportViolation(error: unknown, event: string): void {
    const message = error instanceof Error ? error.message : String(error)
    if (this.reported.has(message) || this.reported.size >= mostViolations) return
    this.reported.add(message)
    const facts = { level: 'error', event } as const
    try {
      // A new folder, which only this user can read: others could have made a file of a known name.
      const file = path.join(mkdtempSync(path.join(tmpdir(), 'skein-dump-')), 'dump.json')
      const dump = `${JSON.stringify(this.inspector.dump(dumpedTasks), null, 2)}\n`
      writeFileSync(file, dump, { flag: 'wx', mode: 0o600 })
      const what = `the scheduler's state broke a rule after '${event}'; a dump is in ${file}`
      logEvent('scheduler', what, error, { ...facts, dump: file })
    } catch (dumpError) {
      logEvent('scheduler', `the scheduler's state broke a rule after '${event}'`, error, facts)
      logEvent('scheduler', 'its state could not be dumped', dumpError, facts)
    }
  }
}
