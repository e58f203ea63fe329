/**
 * Sorts numbers by a radix sort from the lowest digit (D. E. Knuth, The Art of Computer Programming 3, section 5.2.5) in
 * WebAssembly. Each element becomes an unsigned integer of the same order, with NaN last. These are sorted by three digits of
 * 11 bits, the uppermost of their range. The few elements that differ only in lower bits are put in order by insertion.
 */

import { isBigData, type TypedArray } from '../block/dtype.js'
import {
  type Code,
  get,
  i32,
  i64,
  pickIf,
  repeatWhile,
  set,
  wasmFunction,
  when,
} from './wasm-code.js'
import { encodeModule, instantiate, type WasmFunction } from './wasm-encoding.js'

/** The number of elements that are sorted at a time. */
const LARGEST = 2 ** 20
/** Below this length, comparisons take less time. */
const FEW = 2048

const DIGIT = 11
const BUCKETS = 2 ** DIGIT
const DIGITS = 3
/** How often elements are moved by insertion, for each element, before the lower digits are sorted too. */
const MOVES = 8

/** In memory: the counters of the digits, the least and the greatest key, and two buffers of elements. */
const LEAST = DIGITS * BUCKETS * 4
const GREATEST = LEAST + 8
const MOVED = GREATEST + 8
/** What is still to be subtracted from the keys: the least key at first, then 0. */
const SUBTRACTED = MOVED + 8
const FIRST = LEAST + 64
const SECOND = FIRST + LARGEST * 8

/** Sorts numbers in place; NaN comes last. */
export function sortNumbers(data: TypedArray): void {
  if (data.length > LARGEST) sortParts(data)
  else if (data.length < FEW) data.sort()
  else if (!isBigData(data)) sortKeys(data, Float64Array, 1, 1)
  else if (data instanceof BigInt64Array) sortKeys(data, BigInt64Array, 1, 0)
  else sortKeys(data, BigUint64Array, 0, 0)
}

/** Sorts parts that are small enough, and merges them two by two. */
function sortParts(data: TypedArray): void {
  const n = data.length
  for (let start = 0; start < n; start += LARGEST)
    sortNumbers(data.subarray(start, start + LARGEST))
  let from = data as Float64Array
  let to: Float64Array = new (data.constructor as Float64ArrayConstructor)(n)
  const merge = mergeLoop(data)
  for (let size = LARGEST; size < n; size *= 2) {
    for (let start = 0; start < n; start += 2 * size) {
      const middle = Math.min(n, start + size)
      const stop = Math.min(n, middle + size)
      merge(from.subarray(start, middle), from.subarray(middle, stop), to.subarray(start, stop))
    }
    ;[from, to] = [to, from]
  }
  if (from !== data) (data as Float64Array).set(from)
}

type MergeLoop = (a: Float64Array, b: Float64Array, out: Float64Array) => void

const mergeLoops = new Map<string, MergeLoop>()

/** Returns the loop that merges arrays of one type. NaN comes last: nothing is less than it, nor greater. */
function mergeLoop(data: TypedArray): MergeLoop {
  const key = data.constructor.name
  let found = mergeLoops.get(key)
  if (found === undefined) {
    const body = `const n = a.length, m = b.length;
let i = 0, j = 0, k = 0;
while (i < n && j < m) {
  const x = a[i], y = b[j];
  if (x <= y || y !== y) { out[k++] = x; i++; } else { out[k++] = y; j++; }
}
if (i < n) out.set(a.subarray(i), k); else out.set(b.subarray(j), k);`
    found = new Function('a', 'b', 'out', body) as MergeLoop
    mergeLoops.set(key, found)
  }
  return found
}

function sortKeys(
  data: TypedArray,
  type: Float64ArrayConstructor | BigInt64ArrayConstructor | BigUint64ArrayConstructor,
  isSigned: 0 | 1,
  isFloat: 0 | 1,
): void {
  const { buffer, functions } = machine()
  const n = data.length
  const Elements = type as Float64ArrayConstructor
  new Elements(buffer, FIRST, n).set(data as Float64Array)
  functions.makeKeys!(n, isSigned, isFloat)
  const [least, greatest] = new BigUint64Array(buffer, LEAST, 2) as unknown as [bigint, bigint]
  const bits = (greatest - least).toString(2).length
  const shift = Math.max(0, bits - DIGITS * DIGIT)
  let from = sortDigits(FIRST, n, shift)
  if (shift > 0) {
    functions.insert!(from, n, MOVES * n)
    if (new Int32Array(buffer, MOVED, 1)[0]! >= MOVES * n) {
      for (const lower of [0, DIGITS * DIGIT]) from = sortDigits(from, n, lower)
    }
  }
  functions.readKeys!(from, n, isSigned, isFloat)
  ;(data as Float64Array).set(new Elements(buffer, from, n))
}

/** Sorts by the three digits above a bit. Returns which buffer has the elements. */
function sortDigits(start: number, n: number, shift: number): number {
  const { counters, functions } = machine()
  counters.fill(0)
  functions.countDigits!(start, n, shift)
  let [from, to] = start === FIRST ? [FIRST, SECOND] : [SECOND, FIRST]
  for (let digit = 0; digit < DIGITS; digit++) {
    const first = digit * BUCKETS
    if (!placeBuckets(counters.subarray(first, first + BUCKETS), n)) continue
    functions.scatter!(from, to, n, shift + digit * DIGIT, first * 4)
    ;[from, to] = [to, from]
  }
  return from
}

/** Makes of the counts of a digit the start of each bucket. Returns false if all keys have one digit. */
function placeBuckets(counts: Int32Array, n: number): boolean {
  let start = 0
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = counts[bucket]!
    if (count === n) return false
    counts[bucket] = start
    start += count
  }
  return true
}

interface Machine {
  readonly buffer: ArrayBuffer
  readonly counters: Int32Array
  readonly functions: Readonly<Record<string, (...args: readonly number[]) => void>>
}

let made: Machine | undefined

function machine(): Machine {
  if (made === undefined) {
    const pages = Math.ceil((SECOND + LARGEST * 8) / 65536)
    const code = [makeKeys(), countDigits(), scatter(), insert(), readKeys()]
    const { functions, buffer } = instantiate(encodeModule(code, pages))
    made = { functions, buffer, counters: new Int32Array(buffer, 0, DIGITS * BUCKETS) }
  }
  return made
}

const SIGN = i64.const(-0x80000000, 0)
const sixtyThree = i64.const(0, 63)
const mask = i32.const(BUCKETS - 1)

/** `sign` is the bit that is turned, `float` all bits if those of negative numbers are turned. */
const flags = (isSigned: number, isFloat: number, sign: number, float: number): Code => [
  ...set(sign, i64.shiftLeft(i64.fromI32(get(isSigned)), sixtyThree)),
  ...set(float, i64.sub(i64.const(0, 0), i64.fromI32(get(isFloat)))),
]

const addTo = (counter: Code, offset: number): Code =>
  i32.store(counter, i32.add(i32.load(counter, offset), i32.const(1)), offset)

const endOf = (start: number, n: number): Code =>
  i32.add(get(start), i32.shiftLeft(get(n), i32.const(3)))
const advance = (at: number): Code => set(at, i32.add(get(at), i32.const(8)))

/** Replaces the elements of the first buffer by keys, and finds the least and the greatest. */
function makeKeys(): WasmFunction {
  const parameters = { n: 'i32', isSigned: 'i32', isFloat: 'i32' } as const
  const locals = {
    ...({ at: 'i32', end: 'i32', x: 'i64', sign: 'i64', float: 'i64' } as const),
    ...({ least: 'i64', greatest: 'i64' } as const),
  }
  return wasmFunction('makeKeys', parameters, locals, (v) => {
    const negative = i64.and(i64.shiftRight(get(v.x), sixtyThree), get(v.float))
    const key = i64.xor(get(v.x), i64.or(negative, get(v.sign)))
    // Without its sign, NaN is greater than infinity.
    const isAbsent = i64.greaterUnsigned(
      i64.and(i64.shiftLeft(get(v.x), i64.const(0, 1)), get(v.float)),
      i64.const(0xffe00000, 0),
    )
    const [x, least, greatest] = [get(v.x), get(v.least), get(v.greatest)]
    return [
      flags(v.isSigned, v.isFloat, v.sign, v.float),
      set(v.least, i64.const(-1, -1)),
      set(v.at, i32.const(FIRST)),
      set(v.end, endOf(v.at, v.n)),
      repeatWhile(
        i32.lessUnsigned(get(v.at), get(v.end)),
        set(v.x, i64.load(get(v.at))),
        set(v.x, pickIf(i64.const(-1, -1), key, isAbsent)),
        i64.store(get(v.at), x),
        set(v.least, pickIf(least, x, i64.greaterUnsigned(x, least))),
        set(v.greatest, pickIf(x, greatest, i64.greaterUnsigned(x, greatest))),
        advance(v.at),
      ),
      i64.store(i32.const(LEAST), least),
      i64.store(i32.const(SUBTRACTED), least),
      i64.store(i32.const(GREATEST), greatest),
    ]
  })
}

/** Subtracts the least key from all, unless that was done, and counts their digits above a bit. */
function countDigits(): WasmFunction {
  const parameters = { at: 'i32', n: 'i32', shift: 'i32' } as const
  const locals = { end: 'i32', x: 'i64', by: 'i64', least: 'i64', slot: 'i32' } as const
  return wasmFunction('countDigits', parameters, locals, (v) => {
    const digits = Array.from({ length: DIGITS }, (_, digit) => {
      const own = i32.fromI64(i64.shiftRightUnsigned(get(v.x), i64.const(0, digit * DIGIT)))
      const slot = i32.shiftLeft(i32.and(own, mask), i32.const(2))
      return [...set(v.slot, slot), ...addTo(get(v.slot), digit * BUCKETS * 4)]
    })
    return [
      set(v.end, endOf(v.at, v.n)),
      set(v.by, i64.fromI32(get(v.shift))),
      set(v.least, i64.load(i32.const(SUBTRACTED))),
      i64.store(i32.const(SUBTRACTED), i64.const(0, 0)),
      repeatWhile(
        i32.lessUnsigned(get(v.at), get(v.end)),
        set(v.x, i64.sub(i64.load(get(v.at)), get(v.least))),
        i64.store(get(v.at), get(v.x)),
        set(v.x, i64.shiftRightUnsigned(get(v.x), get(v.by))),
        ...digits,
        advance(v.at),
      ),
    ]
  })
}

/** Writes keys to the buckets of a digit, whose starts are at `counters`. */
function scatter(): WasmFunction {
  const parameters = { from: 'i32', to: 'i32', n: 'i32', shift: 'i32', counters: 'i32' } as const
  const locals = { end: 'i32', x: 'i64', by: 'i64', slot: 'i32', place: 'i32' } as const
  return wasmFunction('scatter', parameters, locals, (v) => {
    const digit = i32.and(i32.fromI64(i64.shiftRightUnsigned(get(v.x), get(v.by))), mask)
    return [
      set(v.end, endOf(v.from, v.n)),
      set(v.by, i64.fromI32(get(v.shift))),
      repeatWhile(
        i32.lessUnsigned(get(v.from), get(v.end)),
        set(v.x, i64.load(get(v.from))),
        set(v.slot, i32.add(get(v.counters), i32.shiftLeft(digit, i32.const(2)))),
        set(v.place, i32.load(get(v.slot))),
        i64.store(i32.add(get(v.to), i32.shiftLeft(get(v.place), i32.const(3))), get(v.x)),
        i32.store(get(v.slot), i32.add(get(v.place), i32.const(1))),
        advance(v.from),
      ),
    ]
  })
}

/** Sorts nearly sorted keys by insertion, and counts how often one is moved. Stops after `most` moves. */
function insert(): WasmFunction {
  const parameters = { from: 'i32', n: 'i32', most: 'i32' } as const
  const locals = {
    at: 'i32',
    end: 'i32',
    to: 'i32',
    moved: 'i32',
    x: 'i64',
    before: 'i64',
  } as const
  return wasmFunction('insert', parameters, locals, (v) => {
    const before = i64.load(i32.sub(get(v.to), i32.const(8)))
    const isGreater = i64.greaterUnsigned(get(v.before), get(v.x))
    return [
      set(v.end, endOf(v.from, v.n)),
      set(v.at, i32.add(get(v.from), i32.const(8))),
      repeatWhile(
        i32.and(
          i32.lessUnsigned(get(v.at), get(v.end)),
          i32.lessUnsigned(get(v.moved), get(v.most)),
        ),
        set(v.x, i64.load(get(v.at))),
        set(v.to, get(v.at)),
        set(v.before, before),
        when(
          isGreater,
          repeatWhile(
            i32.and(isGreater, i32.lessUnsigned(get(v.from), get(v.to))),
            i64.store(get(v.to), get(v.before)),
            set(v.to, i32.sub(get(v.to), i32.const(8))),
            set(v.moved, i32.add(get(v.moved), i32.const(1))),
            // At the first element this reads 8 bytes before the buffer; the loop ends without using them.
            set(v.before, before),
          ),
          i64.store(get(v.to), get(v.x)),
        ),
        advance(v.at),
      ),
      i32.store(i32.const(MOVED), get(v.moved)),
    ]
  })
}

/** Turns keys back into elements. */
function readKeys(): WasmFunction {
  const parameters = { at: 'i32', n: 'i32', isSigned: 'i32', isFloat: 'i32' } as const
  const locals = { end: 'i32', x: 'i64', sign: 'i64', float: 'i64' } as const
  return wasmFunction('readKeys', parameters, locals, (v) => {
    // The highest bit of a key is 0 for negative numbers.
    const isNegative = i64.shiftRight(i64.xor(get(v.x), SIGN), sixtyThree)
    const bits = i64.xor(get(v.x), i64.or(i64.and(isNegative, get(v.float)), get(v.sign)))
    return [
      flags(v.isSigned, v.isFloat, v.sign, v.float),
      set(v.end, endOf(v.at, v.n)),
      repeatWhile(
        i32.lessUnsigned(get(v.at), get(v.end)),
        set(v.x, i64.add(i64.load(get(v.at)), i64.load(i32.const(LEAST)))),
        i64.store(get(v.at), bits),
        advance(v.at),
      ),
    ]
  })
}
