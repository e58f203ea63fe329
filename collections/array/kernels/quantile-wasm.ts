/**
 * The passes of quantiles over float64 vectors in WebAssembly: the extremes, counts in bins between them, and the elements
 * in some bins. A bin is found by the order of floats as integers, so bins are narrow near 0.
 */
import {
  type Code,
  f64,
  f64x2,
  get,
  i32,
  i64,
  pickIf,
  repeatWhile,
  set,
  wasmFunction,
} from './wasm-code.js'
import { encodeModule, instantiate, type WasmFunction } from './wasm-encoding.js'

/** The number of bins. */
export const BINS = 65536

/** Where bins lie: the key of the least number, and the number of bins for each step of the key. */
export interface BinScale {
  readonly least: number
  readonly scale: number
}

/** The number of elements that are copied into the memory at a time; even. */
const TILE = 16384
/** In memory: a counter for each bin and for NaN, the elements, those that were found, the extremes, wanted bins. */
const ELEMENTS = (BINS + 2) * 4
const FOUND = ELEMENTS + TILE * 8
const RANGE = FOUND + (TILE + 1) * 8
const WANTED = RANGE + 64

/** Returns the extremes of numbers, and how many are not NaN. */
export function rangeOf(values: Float64Array): { low: number; high: number; count: number } {
  const { buffer, functions } = machine()
  const range = new Float64Array(buffer, RANGE, 4)
  range.set([Infinity, -Infinity, 0, 0])
  forEachTile(values, (elements, count) => {
    // The number of elements is made even.
    if (count % 2 === 1) elements[count] = NaN
    functions.findRange!(Math.ceil(count / 2))
  })
  const present = new Uint32Array(buffer, RANGE + 16, 2)
  const absent = present[0]! + (values.length % 2 === 1 ? -1 : 0)
  return { low: range[0]!, high: range[1]!, count: values.length - absent }
}

/** Counts numbers in bins. */
export function countsInBins(values: Float64Array, bins: BinScale): Float64Array {
  const { buffer, functions } = machine()
  const counts = new Uint32Array(buffer, 0, BINS + 1).fill(0)
  forEachTile(values, (_, count) => functions.countBins!(count, bins.least, bins.scale))
  return Float64Array.from(counts.subarray(0, BINS))
}

/** Returns the numbers in some bins. */
export function numbersInBins(
  values: Float64Array,
  bins: BinScale,
  wanted: Iterable<number>,
): Float64Array {
  const { buffer, functions } = machine()
  const flags = new Uint8Array(buffer, WANTED, BINS + 1).fill(0)
  for (const bin of wanted) flags[bin] = 1
  const parts: Float64Array[] = []
  forEachTile(values, (_, count) => {
    functions.collect!(count, bins.least, bins.scale)
    const found = new Uint32Array(buffer, RANGE, 1)[0]!
    parts.push(new Float64Array(buffer, FOUND, found).slice())
  })
  return joinNumbers(parts)
}

/** Returns the numbers of several arrays, one after another. */
export function joinNumbers(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function forEachTile(
  values: Float64Array,
  visit: (elements: Float64Array, count: number) => void,
): void {
  const elements = new Float64Array(machine().buffer, ELEMENTS, TILE)
  for (let start = 0; start < values.length; start += TILE) {
    const part = values.subarray(start, start + TILE)
    elements.set(part)
    visit(elements, part.length)
  }
}

interface Machine {
  readonly buffer: ArrayBuffer
  readonly functions: Readonly<Record<string, (...args: readonly number[]) => void>>
}

let made: Machine | undefined

function machine(): Machine {
  const pages = Math.ceil((WANTED + BINS + 1) / 65536)
  made ??= instantiate(encodeModule([findRange(), countBins(), collect()], pages))
  return made
}

const advance = (at: number, by: number): Code => set(at, i32.add(get(at), i32.const(by)))
const endOf = (n: Code, shift: number): Code =>
  i32.add(i32.const(ELEMENTS), i32.shiftLeft(n, i32.const(shift)))

/** Extends the range by pairs of elements. NaN is neither less nor greater than anything. */
function findRange(): WasmFunction {
  const locals = {
    ...({ at: 'i32', end: 'i32', x: 'v128' } as const),
    ...({ low: 'v128', high: 'v128', absent: 'v128' } as const),
  }
  return wasmFunction('findRange', { pairs: 'i32' }, locals, (v) => {
    const range = i32.const(RANGE)
    const splat = (offset: number) => f64x2.splat(f64.load(range, offset))
    /** Stores the lesser, or greater, of the two lanes of a vector. */
    const fold = (vector: number, offset: number, name: 'lesser' | 'greater') =>
      f64.store(
        range,
        f64x2.lane(
          f64x2[name](
            f64x2.splat(f64x2.lane(get(vector), 0)),
            f64x2.splat(f64x2.lane(get(vector), 1)),
          ),
          0,
        ),
        offset,
      )
    return [
      set(v.low, splat(0)),
      set(v.high, splat(8)),
      set(v.at, i32.const(ELEMENTS)),
      set(v.end, endOf(get(v.pairs), 4)),
      repeatWhile(
        i32.lessUnsigned(get(v.at), get(v.end)),
        set(v.x, f64x2.load(get(v.at))),
        set(v.low, f64x2.lesser(get(v.low), get(v.x))),
        set(v.high, f64x2.greater(get(v.high), get(v.x))),
        set(v.absent, f64x2.subIntegers(get(v.absent), f64x2.notEqual(get(v.x), get(v.x)))),
        advance(v.at, 16),
      ),
      fold(v.low, 0, 'lesser'),
      fold(v.high, 8, 'greater'),
      i64.store(
        range,
        i64.add(
          i64.load(range, 16),
          i64.add(i64.lane(get(v.absent), 0), i64.lane(get(v.absent), 1)),
        ),
        16,
      ),
    ]
  })
}

/** Emits code that sets `bin` to the bin of `x`, which is `BINS` for NaN. */
function findBin(v: Readonly<Record<'x' | 'k' | 'bin' | 'least' | 'scale', number>>): Code {
  const shift = i64.const(0, 11)
  const sign = i64.const(-0x80000000, 0)
  const negative = i64.shiftRight(get(v.k), i64.const(0, 63))
  const key = i64.shiftRightUnsigned(i64.xor(get(v.k), i64.or(negative, sign)), shift)
  const bin = f64.truncated(f64.mul(f64.sub(f64.fromI64(key), get(v.least)), get(v.scale)))
  return [
    // Adding 0 makes 0 of -0, which equals it.
    ...set(v.k, f64.bits(f64.add(get(v.x), f64.const(0)))),
    ...set(v.bin, pickIf(i32.const(BINS), bin, f64.notEqual(get(v.x), get(v.x)))),
  ]
}

const binParameters = { n: 'i32', least: 'f64', scale: 'f64' } as const

function countBins(): WasmFunction {
  const locals = { at: 'i32', end: 'i32', bin: 'i32', x: 'f64', k: 'i64' } as const
  return wasmFunction('countBins', binParameters, locals, (v) => {
    const slot = i32.shiftLeft(get(v.bin), i32.const(2))
    return [
      set(v.at, i32.const(ELEMENTS)),
      set(v.end, endOf(get(v.n), 3)),
      repeatWhile(
        i32.lessUnsigned(get(v.at), get(v.end)),
        set(v.x, f64.load(get(v.at))),
        findBin(v),
        set(v.bin, slot),
        i32.store(get(v.bin), i32.add(i32.load(get(v.bin)), i32.const(1))),
        advance(v.at, 8),
      ),
    ]
  })
}

/** Writes each element to the next place, which is taken if its bin is wanted. */
function collect(): WasmFunction {
  const locals = { at: 'i32', end: 'i32', bin: 'i32', to: 'i32', x: 'f64', k: 'i64' } as const
  return wasmFunction('collect', binParameters, locals, (v) => {
    const found = i32.shiftRightUnsigned(i32.sub(get(v.to), i32.const(FOUND)), i32.const(3))
    const isWanted = i32.load8(get(v.bin), WANTED)
    return [
      set(v.at, i32.const(ELEMENTS)),
      set(v.end, endOf(get(v.n), 3)),
      set(v.to, i32.const(FOUND)),
      repeatWhile(
        i32.lessUnsigned(get(v.at), get(v.end)),
        set(v.x, f64.load(get(v.at))),
        findBin(v),
        f64.store(get(v.to), get(v.x)),
        set(v.to, i32.add(get(v.to), i32.shiftLeft(isWanted, i32.const(3)))),
        advance(v.at, 8),
      ),
      i32.store(i32.const(RANGE), found),
    ]
  })
}
