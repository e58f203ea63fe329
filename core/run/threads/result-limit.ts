/** The memory that results of threads may take before they are written to disk. */
import { availableMemory } from '../../base/available-memory.js'
import { parseByteSize } from '../../base/byte-size.js'

/** The part of the limit that results may take; tasks, the engine and the user's own data take the rest. */
export const resultShare = 0.4

/** A limit below this is a mistake, such as '2' for 2 GB. */
const smallestLimit = 64e6

/**
 * Returns the bytes of results that stay in memory, from the environment variable `SKEIN_MEMORY_LIMIT`; infinity for
 * no limit. By default, results may take two fifths of the memory of the machine or container.
 *
 * @throws RangeError if the variable is not a size, a fraction of the memory, or 0.
 */
export function resultLimit(): number {
  const given = process.env.SKEIN_MEMORY_LIMIT
  if (given === undefined || given.trim() === '') return resultShare * availableMemory()
  const bytes = parseByteSize(given)
  if (bytes === 0) return Number.POSITIVE_INFINITY
  if (bytes > 0 && bytes <= 1) return resultShare * bytes * availableMemory()
  if (bytes >= smallestLimit) return resultShare * bytes
  throw new RangeError(
    `SKEIN_MEMORY_LIMIT is the memory that this process should use, as a size such as '2GB', at least 64MB, a fraction of the memory of the machine, or 0 for no limit; got '${given}'`,
  )
}
