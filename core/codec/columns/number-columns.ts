/**
 * Columns of numbers: each is as wide as its largest number needs, and aligned for typed arrays.
 */
import { ColumnKind } from '../bytes/tags.js'
import type { Writer } from '../bytes/writer.js'

/** Writes the values if all of them are numbers; otherwise returns false with nothing written. */
export function writeNumbers(writer: Writer, values: readonly unknown[]): boolean {
  const n = values.length
  let low = 0
  let high = 0
  let i = 0
  for (; i < n; i++) {
    const v = values[i]
    if (typeof v !== 'number') return false
    const int = v | 0
    if (int !== v || (int === 0 && Object.is(v, -0))) break
    if (int < low) low = int
    else if (int > high) high = int
  }
  if (i === n) {
    writeIntegers(writer, values as readonly number[], low, high)
    return true
  }
  for (; i < n; i++) if (typeof values[i] !== 'number') return false
  writer.u8(ColumnKind.FLOAT64)
  const at = reserveAligned(writer, n * 8)
  const out = new Float64Array(writer.bytes.buffer as ArrayBuffer, at, n)
  for (let j = 0; j < n; j++) out[j] = values[j] as number
  return true
}

/** Writes numbers, as integers if all of them are. */
export function writeFloats(writer: Writer, values: Float64Array): void {
  const n = values.length
  let low = 0
  let high = 0
  for (let i = 0; i < n; i++) {
    const v = values[i]!
    const int = v | 0
    if (int !== v || (int === 0 && Object.is(v, -0))) {
      writer.u8(ColumnKind.FLOAT64)
      const at = reserveAligned(writer, n * 8)
      new Float64Array(writer.bytes.buffer as ArrayBuffer, at, n).set(values)
      return
    }
    if (int < low) low = int
    else if (int > high) high = int
  }
  writeIntegers(writer, values, low, high)
}

/** Writes 32-bit integers from `low` to `high` in the narrowest column. */
export function writeIntegers(
  writer: Writer,
  values: ArrayLike<number>,
  low: number,
  high: number,
): void {
  const n = values.length
  const most = Math.max(-1 - low, high)
  const buffer = () => writer.bytes.buffer as ArrayBuffer
  if (most < 0x80) {
    writer.u8(ColumnKind.INT8)
    const at = reserveAligned(writer, n)
    const out = writer.bytes
    for (let i = 0; i < n; i++) out[at + i] = values[i]!
  } else if (most < 0x8000) {
    writer.u8(ColumnKind.INT16)
    const at = reserveAligned(writer, n * 2)
    const out = new Int16Array(buffer(), at, n)
    for (let i = 0; i < n; i++) out[i] = values[i]!
  } else {
    writer.u8(ColumnKind.INT32)
    const at = reserveAligned(writer, n * 4)
    const out = new Int32Array(buffer(), at, n)
    for (let i = 0; i < n; i++) out[i] = values[i]!
  }
}

/** Reserves aligned room for the bytes of a column and returns its position. */
export function reserveAligned(writer: Writer, bytes: number): number {
  writer.align()
  writer.ensure(bytes)
  const at = writer.pos
  writer.pos += bytes
  return at
}
