/** The ends of runs: a run is done, a run is forgotten, targets are released. */
import { invariant } from '../base/errors.js'
import type { SchedulerContext } from './context.js'
import type { Needs } from './needs.js'
import type { Run } from './tables/runs.js'

export class RunLifecycle {
  private readonly context: SchedulerContext
  private readonly needs: Needs

  constructor(context: SchedulerContext, needs: Needs) {
    this.context = context
    this.needs = needs
  }

  /** Reports that all targets of a run are in memory. */
  finish(run: Run): void {
    run.done = true
    this.context.outbox.add({ kind: 'run-done', run: run.id })
  }

  /** Forgets a run and releases its targets. */
  forget(run: Run | undefined): void {
    if (run === undefined) return
    for (let position = 0; position < run.targets.length; position++) this.release(run, position)
    this.context.runs.delete(run)
    this.context.groups.leave(run.group)
  }

  /** Releases targets of a run that keeps them; a run that holds none is forgotten. */
  releaseTargets(id: number, positions: ArrayLike<number>): void {
    const run = this.context.runs.get(id)
    if (run === undefined) return
    invariant(run.keeps, `run ${id} wants its targets together`)
    for (let i = 0; i < positions.length; i++) this.release(run, positions[i]!)
    if (run.holding === 0) this.forget(run)
  }

  private release(run: Run, position: number): void {
    const slot = this.context.runs.release(run, position)
    if (slot >= 0) this.needs.unneed(slot)
  }
}
