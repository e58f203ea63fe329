/** What a client is told of a task that failed, from what the state was told. */
import type { RunFailure } from '../../core/scheduling/events.js'
import type { StoredValue } from '../../core/stored-value.js'
import type { Bundle, WireFailure } from '../protocol.js'
import type { Computation } from './computation.js'
import type { Obituaries } from './obituaries.js'

/** What the state keeps of a task's failure. */
export interface TaskFailure {
  readonly key: string
  readonly step: number
  readonly error: StoredValue
  readonly bundles: readonly Bundle[]
}

/** A failure in the words of the protocol, with the bundles that its error needs. */
export function failureToTell(
  failure: RunFailure,
  computation: Computation,
  obituaries: Obituaries,
): { told: WireFailure; bundles: readonly Bundle[] } {
  const { task } = failure
  if (failure.kind === 'killed-workers') {
    const key = task < 0 ? 'of another computation' : computation.key(task)
    const workers = obituaries.of(failure.workers)
    return { told: { kind: 'killed-workers', task, key, workers }, bundles: [] }
  }
  const { key, step, error, bundles } = failure.error as TaskFailure
  return { told: { kind: 'erred', task, key, step, error }, bundles }
}
