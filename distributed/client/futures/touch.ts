/** The task that has copies of results brought to where it runs: it reads them, and does nothing. */
import { operations } from '../../../core/base/operations.js'

/** Does nothing with what it is given. */
export function touch(): undefined {
  return undefined
}
operations('distributed/client/futures/touch', { touch })
