/** What a client is told of a task that failed, from what the state was told. */

import type { StoredValue } from '../../../core/graph/stored-value.js'
import type { RunFailure } from '../../../core/scheduling/interface/messages.js'
import type { Bundle, WireFailure } from '../../protocol/index.js'
import type { Computation } from '../computations/computation.js'
import type { LostWorkers } from './lost-workers.js'

/** What the state keeps of a task's failure. */
export interface ReportedFailure {
  readonly step: number
  readonly error: StoredValue
  readonly bundles: readonly Bundle[]
}

/** A failure in the words of the protocol, with the bundles that its error needs. */
export function toWireFailure(
  failure: RunFailure,
  obituaries: LostWorkers,
): { told: WireFailure; bundles: readonly Bundle[] } {
  const { task } = failure
  const from = failure.origin as Computation
  const about = { run: from.name, task, key: from.key(task) }
  if (failure.kind === 'killed-workers') {
    const workers = obituaries.describe(failure.workers)
    return { told: { kind: 'killed-workers', ...about, workers }, bundles: [] }
  }
  const { step, error, bundles } = failure.error as ReportedFailure
  return { told: { kind: 'erred', ...about, step, error }, bundles }
}
