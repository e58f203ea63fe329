/** Writes elements of 64-bit integers without bigints, which are twenty times slower. */

/** The positions of the lower and the higher half of a 64-bit integer. */
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1
const HIGH = 1 - LOW

/** Fills an array with integers that are exact as numbers, the results of calls of `next`. */
export function fillExact(data: BigInt64Array | BigUint64Array, next: () => number): void {
  const halves = halvesOf(data)
  for (let at = 0; at < data.length; at++) setExact(halves, at, next())
}

/** Returns the halves of 64-bit integers, for `setExact`. */
export function halvesOf(data: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(data.buffer, data.byteOffset, 2 * data.length)
}

/** Writes an integer that is exact as a number, given the halves of all integers of an array. */
export function setExact(halves: Int32Array, at: number, value: number): void {
  halves[2 * at + LOW] = value
  halves[2 * at + HIGH] = Math.floor(value / 2 ** 32)
}
