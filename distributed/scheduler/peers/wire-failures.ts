/** Converts failures of the state machine to those that clients are sent. */
import type { StoredValue } from '../../../core/graph/stored-value.js'
import type { RunFailure } from '../../../core/scheduling/interface/messages.js'
import type { Bundle, WireFailure } from '../../protocol/index.js'
import type { Computation } from '../computations/computation.js'
import type { LostWorkers } from './lost-workers.js'

/** The error of a task as a worker reported it, which the state machine keeps. */
export interface ReportedFailure {
  readonly step: number
  readonly error: StoredValue
  readonly bundles: readonly Bundle[]
}

/** Converts a failure, and returns it with the bundles that its error needs. */
export function toWireFailure(
  reason: RunFailure,
  lostWorkers: LostWorkers,
): { failure: WireFailure; bundles: readonly Bundle[] } {
  const { task } = reason
  const from = reason.origin as Computation
  const about = { run: from.name, task, key: from.key(task) }
  if (reason.kind === 'killed-workers') {
    const workers = lostWorkers.describe(reason.workers)
    return { failure: { kind: 'killed-workers', ...about, workers }, bundles: [] }
  }
  const { step, error, bundles } = reason.error as ReportedFailure
  return { failure: { kind: 'erred', ...about, step, error }, bundles }
}
