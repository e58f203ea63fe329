/**
 * What the scheduler tells whoever runs it without being asked: what cannot run, once it has lasted,
 * and a breach of its own rules, with a dump.
 */
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { StuckTasks } from '../../../core/scheduling/diagnostics/stuck-tasks.js'
import { countOf } from '../../../core/scheduling/tables/story-sentences.js'
import { logEvent } from '../../base/log.js'
import type { Engine } from '../engine/engine.js'
import type { ClusterInspector } from './cluster-inspector.js'

/** Milliseconds for which a ready task cannot run before that is told. */
const stuckAfter = 5000
/** Milliseconds between two looks. */
const lookEvery = 1000
/** Tasks in the dump of a breach. */
const dumpedTasks = 100_000

export class HealthMonitor {
  private readonly engine: Engine
  private readonly introspection: ClusterInspector
  private readonly stuck: StuckTasks
  private readonly timer: NodeJS.Timeout
  private readonly told = new Set<string>()

  constructor(engine: Engine, introspection: ClusterInspector) {
    this.engine = engine
    this.introspection = introspection
    this.stuck = new StuckTasks(engine.state, stuckAfter)
    this.timer = setInterval(() => this.look(performance.now()), lookEvery)
    this.timer.unref()
  }

  close(): void {
    clearInterval(this.timer)
  }

  /** Tells of what has been stuck for long. */
  private look(now: number): void {
    const { queuedTasks } = this.engine.state
    for (const { slot, why } of this.stuck.look(now)) {
      const key = slot < 0 ? undefined : this.introspection.keyOf(slot)
      const what =
        key === undefined
          ? `${countOf(queuedTasks, 'task')} cannot run: ${why}`
          : `task '${key}', and whatever asks for the same, cannot run: ${why}`
      logEvent('scheduler', what, undefined, { why, queued: queuedTasks, ...(key && { key }) })
    }
  }

  /** A rule of the scheduler's own was broken: the first time of each is told, with a dump. */
  reportViolation(error: unknown, event: string): void {
    const message = error instanceof Error ? error.message : String(error)
    if (this.told.has(message) || this.told.size >= 10) return
    this.told.add(message)
    const file = path.join(tmpdir(), `skein-breach-${process.pid}-${this.told.size}.json`)
    const facts = { level: 'error', event } as const
    try {
      writeFileSync(file, `${JSON.stringify(this.introspection.dump(dumpedTasks), null, 2)}\n`)
      const what = `the scheduler's state broke a rule after '${event}'; all that is known is in ${file}`
      logEvent('scheduler', what, error, { ...facts, dump: file })
    } catch (fault) {
      logEvent('scheduler', `the scheduler's state broke a rule after '${event}'`, error, facts)
      logEvent('scheduler', 'its state could not be dumped', fault, facts)
    }
  }
}
