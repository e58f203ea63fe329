/**
 * The order of float64 keys, by a radix sort from the lowest digit (D. E. Knuth, The Art of Computer Programming 3,
 * section 5.2.5): stable, and without comparisons. Negative numbers are sorted by magnitude, apart from the others; NaN comes last.
 */

/** The number of bits of a digit. */
const DIGIT = 11
const BUCKETS = 1 << DIGIT
const PASSES = 6
/** The number of keys up to which insertion is faster. */
const FEW = 200

const counters = new Int32Array(PASSES * BUCKETS)

/** Writes the positions that would sort keys; equal keys keep their order. */
export function radixOrder(keys: Float64Array, order: Int32Array, descending: boolean): void {
  if (keys.length <= FEW) insertionOrder(keys, order, descending)
  else partitionedOrder(keys, order, descending)
}

function insertionOrder(keys: Float64Array, order: Int32Array, descending: boolean): void {
  let numbers = 0
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (Number.isNaN(key)) continue
    let at = numbers++
    if (descending) {
      for (; at > 0 && keys[order[at - 1]!]! < key; at--) order[at] = order[at - 1]!
    } else {
      for (; at > 0 && keys[order[at - 1]!]! > key; at--) order[at] = order[at - 1]!
    }
    order[at] = i
  }
  appendNaN(keys, order, numbers)
}

/** Writes the positions of NaN at the end. */
function appendNaN(keys: Float64Array, order: Int32Array, start: number): void {
  let at = start
  if (at === keys.length) return
  for (let i = 0; i < keys.length; i++) if (Number.isNaN(keys[i])) order[at++] = i
}

function partitionedOrder(keys: Float64Array, order: Int32Array, descending: boolean): void {
  let [negative, positive] = [0, 0]
  for (let i = 0; i < keys.length; i++) {
    if (keys[i]! < 0) negative++
    else if (keys[i]! >= 0) positive++
  }
  const magnitudes = new Float64Array(negative + positive)
  const positions = new Int32Array(negative + positive)
  // Negative numbers lie first, or last if the order descends.
  let [n, p] = descending ? [positive, 0] : [0, negative]
  const firstPositive = p
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (key < 0) {
      magnitudes[n] = -key
      positions[n++] = i
    } else if (key >= 0) {
      // Adding 0 makes 0 of -0, which equals it.
      magnitudes[p] = key + 0
      positions[p++] = i
    }
  }
  const firstNegative = descending ? positive : 0
  const sortPart = (start: number, size: number, falling: boolean) => {
    const part = magnitudes.subarray(start, start + size)
    order.set(sortMagnitudes(part, positions.subarray(start, start + size), falling), start)
  }
  sortPart(firstNegative, negative, !descending)
  sortPart(firstPositive, positive, descending)
  appendNaN(keys, order, negative + positive)
}

/** Returns positions in the order of their keys, which are not negative. Both arrays are written over. */
function sortMagnitudes(keys: Float64Array, positions: Int32Array, falling: boolean): Int32Array {
  const n = keys.length
  if (n === 0) return positions
  counters.fill(0)
  countDigits(new Int32Array(keys.buffer, keys.byteOffset, 2 * n), n)
  let from = keys
  let to: Float64Array = new Float64Array(n)
  let own = positions
  let other: Int32Array = new Int32Array(n)
  for (let pass = 0; pass < PASSES; pass++) {
    if (!placeBuckets(pass, n, falling)) continue
    const words = new Int32Array(from.buffer, from.byteOffset, 2 * n)
    const word = pass < 3 ? LOW : HIGH
    scatter(from, words, own, to, other, pass * BUCKETS, word, (pass % 3) * DIGIT)
    ;[from, to, own, other] = [to, from, other, own]
  }
  return own
}

/** The positions of the lower and the higher half of a float64. */
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1
const HIGH = 1 - LOW

function countDigits(words: Int32Array, n: number): void {
  const mask = BUCKETS - 1
  for (let i = 0; i < n; i++) {
    const low = words[2 * i + LOW]!
    const high = words[2 * i + HIGH]!
    counters[low & mask]!++
    counters[BUCKETS + ((low >>> DIGIT) & mask)]!++
    counters[2 * BUCKETS + (low >>> (2 * DIGIT))]!++
    counters[3 * BUCKETS + (high & mask)]!++
    counters[4 * BUCKETS + ((high >>> DIGIT) & mask)]!++
    counters[5 * BUCKETS + (high >>> (2 * DIGIT))]!++
  }
}

/** Makes of the counts of a digit the start of each bucket. Returns false if all keys have one digit. */
function placeBuckets(pass: number, n: number, falling: boolean): boolean {
  const base = pass * BUCKETS
  let start = 0
  for (let step = 0; step < BUCKETS; step++) {
    const bucket = base + (falling ? BUCKETS - 1 - step : step)
    const count = counters[bucket]!
    if (count === n) return false
    counters[bucket] = start
    start += count
  }
  return true
}

function scatter(
  from: Float64Array,
  words: Int32Array,
  own: Int32Array,
  to: Float64Array,
  other: Int32Array,
  base: number,
  word: number,
  shift: number,
): void {
  const mask = BUCKETS - 1
  for (let i = 0; i < from.length; i++) {
    const bucket = base + ((words[2 * i + word]! >>> shift) & mask)
    const at = counters[bucket]!
    counters[bucket] = at + 1
    to[at] = from[i]!
    other[at] = own[i]!
  }
}
