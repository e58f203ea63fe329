/**
 * Blocks of random numbers. The numbers of an element depend on the key and on its position in the whole array, so
 * an array has the same elements whatever its chunks are.
 */

import { fillExact, halvesOf, setExact } from '../block/int64-elements.js'
import { type NDArray, sizeOf } from '../block/ndarray.js'
import { borrowChunk } from '../expressions/borrowed-memory.js'
import { continuousSamplers, type Sampler } from './continuous-distributions.js'
import { discreteSamplers, integerLimit } from './discrete-distributions.js'
import { BULK, bulkPhilox, type PhiloxKey, philox } from './philox.js'
import { ElementStream, wholeRemainder, ziggurat } from './random-stream.js'

/** Samplers by the name of the distribution. */
const samplers: Readonly<Record<string, Sampler>> = { ...continuousSamplers, ...discreteSamplers }

/** The names of distributions. */
export type DistributionName = keyof typeof continuousSamplers | keyof typeof discreteSamplers

/** Where a block is in its array: the shape of the array, the first position of the block, and its shape. */
export interface BlockPlace {
  readonly array: readonly number[]
  readonly start: readonly number[]
  readonly shape: readonly number[]
}

/** Derives the key of an array from its seed, the number of the array of that seed, and a name. */
export function randomKey(seed: number, stream: number, name: string): PhiloxKey {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  const high = Math.floor(seed / 4294967296)
  const out = new Uint32Array(4)
  philox(out, [stream | 0, Math.floor(stream / 4294967296) | 0, hash, 0], [seed | 0, high | 0])
  return [out[0]!, out[1]!]
}

/**
 * Calls `visit` for runs of neighbouring elements: the first position in the block, that in the array, and the
 * length.
 */
function forEachRun(
  { array, start, shape }: BlockPlace,
  visit: (at: number, element: number, length: number) => void,
): void {
  if (sizeOf(shape) === 0) return
  // Axes from `whole` on are complete, so that a run spans them.
  let whole = shape.length
  while (whole > 0 && shape[whole - 1] === array[whole - 1]) whole--
  const last = Math.max(0, whole - 1)
  let length = 1
  for (let axis = last; axis < shape.length; axis++) length *= shape[axis]!
  const strides = new Array<number>(array.length)
  let stride = 1
  for (let axis = array.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= array[axis]!
  }
  let element = start.reduce((sum, first, axis) => sum + first * strides[axis]!, 0)
  const index = new Array<number>(last).fill(0)
  for (let at = 0; ; at += length) {
    visit(at, element, length)
    let axis = last - 1
    while (axis >= 0 && ++index[axis]! === shape[axis]) {
      element -= (shape[axis]! - 1) * strides[axis]!
      index[axis--] = 0
    }
    if (axis < 0) return
    element += strides[axis]!
  }
}

/** Calls `visit` for parts of consecutive counters, of at most `BULK`, within which the lower word does not overflow. */
function forEachPart(
  first: number,
  count: number,
  visit: (low: number, high: number, count: number, done: number) => void,
): void {
  let done = 0
  while (done < count) {
    const high = Math.floor((first + done) / 4294967296)
    const low = first + done - high * 4294967296
    const part = Math.min(BULK, count - done, 4294967296 - low)
    visit(low | 0, high | 0, part, done)
    done += part
  }
}

/** Makes a block of uniform numbers in [low, high). Each counter gives two neighbours. */
export function uniformBlock(
  place: BlockPlace,
  key: PhiloxKey,
  low: number,
  high: number,
): NDArray<'float64'> {
  const chunk = borrowChunk('float64', place.shape)
  const { numbers, fillNumbers } = bulkPhilox()
  forEachRun(place, (at, element, length) => {
    forEachPair(element, length, (c0, c1, count, from, size, done) => {
      fillNumbers(c0, c1, key, count, low, high - low)
      chunk.data.set(numbers.subarray(from, from + size), at + done)
    })
  })
  return chunk
}

/** Calls `visit` for the counters of neighbouring elements, two for each; `from` of the first is 0 or 1. */
function forEachPair(
  element: number,
  length: number,
  visit: (c0: number, c1: number, count: number, from: number, size: number, done: number) => void,
): void {
  const first = Math.floor(element / 2)
  const odd = element - 2 * first
  const counters = Math.ceil((odd + length) / 2)
  forEachPart(first, counters, (c0, c1, count, passed) => {
    const from = passed === 0 ? odd : 0
    const done = passed === 0 ? 0 : 2 * passed - odd
    visit(c0, c1, count, from, Math.min(2 * count - from, length - done), done)
  })
}

/** Makes a block of normally distributed numbers. */
export function normalBlock(
  place: BlockPlace,
  key: PhiloxKey,
  mean: number,
  deviation: number,
): NDArray<'float64'> {
  const chunk = borrowChunk('float64', place.shape)
  const { words, fillWords } = bulkPhilox()
  const stream = new ElementStream(key)
  forEachRun(place, (at, element, length) => {
    forEachPair(element, length, (c0, c1, count, from, size, done) => {
      fillWords(c0, c1, 0, key, count)
      fillNormal(
        { target: chunk.data, at: at + done, words, from, size, stream, element: element + done },
        mean,
        deviation,
      )
    })
  })
  return chunk
}

function fillNormal(
  {
    target,
    at,
    words,
    from,
    size,
    stream,
    element,
  }: {
    readonly target: Float64Array
    readonly at: number
    readonly words: Uint32Array
    readonly from: number
    readonly size: number
    readonly stream: ElementStream
    readonly element: number
  },
  mean: number,
  deviation: number,
): void {
  const { limits, widths } = ziggurat
  for (let i = 0; i < size; i++) {
    const a = words[2 * (from + i)]!
    const b = words[2 * (from + i) + 1]!
    const layer = a & 255
    const bits = b * 1048576 + (a >>> 12)
    let x: number
    if (bits < limits[layer]!) x = (1 - ((a >>> 7) & 2)) * bits * widths[layer]!
    else {
      stream.begin(element + i)
      x = stream.normalBeyond(a, b)
    }
    target[at + i] = mean + deviation * x
  }
}

/** Makes a block of integers from `low` to before `high`, all equally likely: those that `sampledBlock` makes. */
export function integersBlock(
  place: BlockPlace,
  key: PhiloxKey,
  low: number,
  high: number,
): NDArray<'int64'> {
  const chunk = borrowChunk('int64', place.shape)
  const { words, fillWords } = bulkPhilox()
  const stream = new ElementStream(key)
  const halves = halvesOf(chunk.data)
  const n = high - low
  const limit = integerLimit(n)
  forEachRun(place, (at, element, length) => {
    forEachPart(element, length, (c0, c1, count, done) => {
      fillWords(c0, c1, 1, key, count)
      for (let i = 0; i < count; i++) {
        const value = (words[4 * i]! >>> 5) * 67108864 + (words[4 * i + 1]! >>> 6)
        let drawn: number
        if (value < limit) drawn = low + wholeRemainder(value, n)
        else {
          stream.beginWith(element + done + i, words, 4 * i)
          drawn = discreteSamplers.integers(stream, low, high)
        }
        setExact(halves, at + done + i, drawn)
      }
    })
  })
  return chunk
}

/** Makes a block of a distribution; each parameter is a number, or one for each element of the block. */
export function sampledBlock(
  place: BlockPlace,
  key: PhiloxKey,
  distribution: DistributionName,
  parameters: readonly (number | Float64Array)[],
  dtype: 'float64' | 'int64',
): NDArray {
  const sampler = samplers[distribution]!
  const chunk = borrowChunk(dtype, place.shape)
  const { words, fillWords } = bulkPhilox()
  const stream = new ElementStream(key)
  const values = parameters.map((p) => (typeof p === 'number' ? p : 0))
  const lists = parameters.flatMap((p, i) => (typeof p === 'number' ? [] : [[i, p] as const]))
  const numbers = dtype === 'float64' ? (chunk.data as Float64Array) : new Float64Array(chunk.size)
  forEachRun(place, (at, element, length) => {
    forEachPart(element, length, (c0, c1, count, done) => {
      fillWords(c0, c1, 1, key, count)
      for (let i = 0; i < count; i++) {
        for (const [p, list] of lists) values[p] = list[at + done + i]!
        stream.beginWith(element + done + i, words, 4 * i)
        numbers[at + done + i] = sampler(stream, ...values)
      }
    })
  })
  if (dtype === 'int64') {
    let i = 0
    fillExact(chunk.data as BigInt64Array, () => numbers[i++]!)
  }
  return chunk
}

/** Returns the integers from 0 to `n - 1` in random order, by the shuffle of Fisher and Yates. */
export function randomPermutation(n: number, key: PhiloxKey): Float64Array {
  const order = Float64Array.from({ length: n }, (_, i) => i)
  const stream = new ElementStream(key)
  for (let i = n - 1; i > 0; i--) {
    stream.begin(i)
    const j = discreteSamplers.integers(stream, 0, i + 1)
    const other = order[j]!
    order[j] = order[i]!
    order[i] = other
  }
  return order
}

/** Returns the first `size` of the integers from 0 to `n - 1` in a random order in which large weights tend to be first. */
export function weightedOrder(weights: Float64Array, size: number, key: PhiloxKey): Float64Array {
  const stream = new ElementStream(key)
  const times = weights.map((weight, i) => {
    stream.begin(i)
    return stream.exponential() / weight
  })
  const order = Float64Array.from(weights, (_, i) => i)
  return order.sort((a, b) => times[a]! - times[b]!).slice(0, size)
}

/** Draws one row of integers, given the parameters. */
type RowSampler = (
  stream: ElementStream,
  count: number,
  weights: Float64Array,
  row: Float64Array,
) => void

/** Samplers of rows: of `count` draws, how many fall to each weight. */
const rowSamplers = {
  multinomial: (stream, count, weights, row) => {
    let left = count
    let rest = 1
    for (let k = 0; k < weights.length; k++) {
      const p = weights[k]!
      const last = k === weights.length - 1 || p >= rest
      row[k] = left === 0 ? 0 : last ? left : discreteSamplers.binomial(stream, left, p / rest)
      left -= row[k]!
      rest -= p
    }
  },
  multivariateHypergeometric: (stream, count, weights, row) => {
    let left = count
    let rest = weights.reduce((a, b) => a + b, 0)
    for (let k = 0; k < weights.length; k++) {
      const own = weights[k]!
      rest -= own
      row[k] = left === 0 ? 0 : discreteSamplers.hypergeometric(stream, own, rest, left)
      left -= row[k]!
    }
  },
} satisfies Record<string, RowSampler>

/** The names of distributions of rows. */
export type RowDistribution = keyof typeof rowSamplers

/** Makes a block of rows of integers; the place is that of the rows, without their own axis. */
export function rowsBlock(
  place: BlockPlace,
  key: PhiloxKey,
  distribution: RowDistribution,
  count: number,
  weights: Float64Array,
): NDArray<'int64'> {
  const chunk = borrowChunk('int64', [...place.shape, weights.length])
  const stream = new ElementStream(key)
  const row = new Float64Array(weights.length)
  const sampler: RowSampler = rowSamplers[distribution]
  const data = chunk.data
  forEachRun(place, (at, element, length) => {
    for (let i = 0; i < length; i++) {
      stream.begin(element + i)
      sampler(stream, count, weights, row)
      for (let k = 0; k < row.length; k++) data[(at + i) * row.length + k] = BigInt(row[k]!)
    }
  })
  return chunk
}
