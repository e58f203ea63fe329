/**
 * Short columns of small numbers that nobody writes to: there is one of each for all, since a typed
 * array of its own takes 200 bytes for a single number.
 */

/** Numbers below this are small. */
const few = 256

/** No numbers. */
export const noNumbers: Int32Array = new Int32Array(0)
const singles: Int32Array[] = []
const pairs: Int32Array[] = []

/** A column of these numbers, which must not be written to: others may have the same. */
export function columnOf(list: ArrayLike<number>): Int32Array {
  const { length } = list
  if (length === 0) return noNumbers
  if (length > 2) return new Int32Array(list)
  const last = list[length - 1]!
  if (!(last >= 0 && last < few)) return new Int32Array(list)
  if (length === 1) return (singles[last] ??= Int32Array.of(last))
  return list[0] === 0 ? (pairs[last] ??= Int32Array.of(0, last)) : new Int32Array(list)
}
