/** Writes elements of 64-bit integers without bigints, which are twenty times slower. */

/** The positions of the lower and the higher half of a 64-bit integer. */
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1
const HIGH = 1 - LOW

/** Fills an array with integers that are exact as numbers, the results of calls of `next`. */
export function fillExact(data: BigInt64Array | BigUint64Array, next: () => number): void {
  const halves = new Int32Array(data.buffer, data.byteOffset, 2 * data.length)
  for (let at = 0; at < halves.length; at += 2) {
    const value = next()
    halves[at + LOW] = value
    halves[at + HIGH] = Math.floor(value / 2 ** 32)
  }
}
