/**
 * Shared short columns. A typed array takes about 200 bytes even for a single number, so equal short
 * columns of small numbers are one shared array. They must not be written to.
 */

/** Numbers below this are small. */
const smallLimit = 256

/** The empty column. */
export const noNumbers: Int32Array = new Int32Array(0)
const singles: Int32Array[] = []
const pairs: Int32Array[] = []

/** Returns a column of the given numbers. It may be shared, so it must not be written to. */
export function columnOf(list: ArrayLike<number>): Int32Array {
  const { length } = list
  if (length === 0) return noNumbers
  if (length > 2) return new Int32Array(list)
  const last = list[length - 1]!
  if (!(last >= 0 && last < smallLimit)) return new Int32Array(list)
  if (length === 1) return (singles[last] ??= Int32Array.of(last))
  return list[0] === 0 ? (pairs[last] ??= Int32Array.of(0, last)) : new Int32Array(list)
}
