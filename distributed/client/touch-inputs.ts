/** The task that brings copies of results to a worker: it reads them and does nothing. */
import { operations } from '../../core/base/operations.js'

/** Does nothing with its arguments. */
export function touchInputs(): undefined {
  return undefined
}
operations('distributed/client/touch-inputs', { touchInputs })
