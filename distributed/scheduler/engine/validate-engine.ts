import { invariant } from '../../../core/base/errors.js'
import { validate } from '../../../core/scheduling/diagnostics/validate.js'
import type { Engine } from './engine.js'

/**
 * Checks what must hold of a scheduler between events: of its state, and of what the engine keeps
 * beside it. Throws at the first breach. Costs a walk over all tasks and edges.
 */
export function validateEngine({ state, workers, computations, runNames }: Engine): void {
  validate(state)
  const links = new Set([...workers.all()].map(({ worker }) => worker))
  for (const { id } of state.workerViews())
    invariant(links.has(id), `worker ${id} has no connection`)
  for (const [run, computation] of computations) {
    const about = `computation ${computation.name}`
    // One that keeps its targets is forgotten right after the last of them.
    invariant(computation.holdsTargets || state.hasRun(run), `${about} is not known to the state`)
    invariant(runNames.get(computation.name) === run, `${about} has another number by its name`)
    const unsent = computation.requestedTargets().length
    invariant(unsent === computation.unsent, `${about} lacks ${unsent}, not ${computation.unsent}`)
  }
}
