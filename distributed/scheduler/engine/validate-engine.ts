/** Checks of the scheduler's invariants, for tests and for the option `validate`. */
import { invariant } from '../../../core/base/errors.js'
import { validate } from '../../../core/scheduling/diagnostics/validate.js'
import type { Computation } from '../computations/computation.js'
import type { EngineParts } from './engine-parts.js'

/**
 * Checks the invariants that hold between events: those of the state machine, and those of the engine's
 * tables. Throws at the first violation. Visits all tasks and edges.
 */
export function validateEngine({
  state,
  workers,
  computations,
  runNames,
}: Pick<EngineParts, 'state' | 'workers' | 'runNames'> & {
  readonly computations: ReadonlyMap<number, Computation>
}): void {
  validate(state)
  const known = new Set([...workers.all()].map(({ worker }) => worker))
  for (const { id } of state.workerViews())
    invariant(known.has(id), `worker ${id} has no connection`)
  for (const [run, computation] of computations) {
    const about = `computation ${computation.name}`
    // A run that holds its targets is forgotten right after the last of them was released.
    invariant(
      computation.holdsTargets || state.hasRun(run),
      `${about} is not known to the state machine`,
    )
    invariant(runNames.get(computation.name) === run, `${about} has another number by its name`)
    const unsent = computation.requestedTargets().length
    invariant(unsent === computation.unsent, `${about} lacks ${unsent}, not ${computation.unsent}`)
  }
}
