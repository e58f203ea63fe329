/** The ends of computations: one that is done, one that is forgotten, and targets that are let go of. */
import { invariant } from '../base/errors.js'
import { Handler, type Parts } from './context.js'
import type { Needs } from './needs.js'
import type { Run } from './tables/runs.js'

export class Requests extends Handler {
  private readonly needs: Needs

  constructor(parts: Parts, needs: Needs) {
    super(parts)
    this.needs = needs
  }

  /** All targets of a run are in memory. */
  finish(run: Run): void {
    run.done = true
    this.outbox.add({ kind: 'run-done', run: run.id })
  }

  /** Nobody wants anything of a run any more. */
  forget(run: Run | undefined): void {
    if (run === undefined) return
    for (let place = 0; place < run.targets.length; place++) this.letGo(run, place)
    this.runs.delete(run)
    this.groups.leave(run.group)
  }

  /** Lets go of some targets of a run that keeps them; one that holds none is forgotten. */
  releaseTargets(id: number, places: ArrayLike<number>): void {
    const run = this.runs.get(id)
    if (run === undefined) return
    invariant(run.keeps, `run ${id} wants its targets together`)
    for (let i = 0; i < places.length; i++) this.letGo(run, places[i]!)
    if (run.holding === 0) this.forget(run)
  }

  private letGo(run: Run, place: number): void {
    const slot = this.runs.letGo(run, place)
    if (slot >= 0) this.needs.unneed(slot)
  }
}
