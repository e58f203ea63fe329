/**
 * The codes by which NumPy's files name dtypes and byte orders, such as `<f8`, and the order of bytes in memory.
 */
import { endianness } from 'node:os'
import { type Dtype, dtypeInfo, numbersPerElement } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'

/** The code of every dtype, without its byte order. */
const CODES: Readonly<Record<Dtype, string>> = {
  bool: 'b1',
  int8: 'i1',
  uint8: 'u1',
  int16: 'i2',
  uint16: 'u2',
  int32: 'i4',
  uint32: 'u4',
  int64: 'i8',
  uint64: 'u8',
  float32: 'f4',
  float64: 'f8',
  complex64: 'c8',
  complex128: 'c16',
}

const BY_CODE = new Map(Object.entries(CODES).map(([dtype, code]) => [code, dtype as Dtype]))

/** The order of the bytes of a number. */
export type ByteOrder = 'little' | 'big'

/** The order of bytes in the memory of this machine. */
export const OWN_ORDER: ByteOrder = endianness() === 'LE' ? 'little' : 'big'

/** A dtype and the order of its bytes. */
export interface ElementFormat {
  readonly dtype: Dtype
  readonly byteOrder: ByteOrder
}

/** Returns the code of a dtype: `codeOf('float64', 'little')` is `<f8`, that of single bytes begins with `|`. */
export function codeOf(dtype: Dtype, byteOrder: ByteOrder): string {
  const order = dtypeInfo(dtype).bytes === 1 ? '|' : byteOrder === 'little' ? '<' : '>'
  return `${order}${CODES[dtype]}`
}

/** Returns the dtype and byte order of a code. Throws a TypeError for dtypes that arrays do not have. */
export function parseCode(code: unknown, where: string): ElementFormat {
  const match = typeof code === 'string' ? /^([<>=|]?)(\?|[a-z]\d*)$/.exec(code) : null
  const dtype = match === null ? undefined : BY_CODE.get(match[2] === '?' ? 'b1' : match[2]!)
  if (dtype === undefined) {
    throw new TypeError(
      `${where} holds elements of dtype ${formatArgument(code)}, which arrays do not have; convert them in NumPy first`,
    )
  }
  const orders: Readonly<Record<string, ByteOrder>> = { '<': 'little', '>': 'big' }
  return { dtype, byteOrder: orders[match![1]!] ?? OWN_ORDER }
}

/** Reverses the bytes of every number in place, if their order is not that of this machine. */
export function swapBytes(bytes: Uint8Array, dtype: Dtype, byteOrder: ByteOrder): void {
  if (byteOrder === OWN_ORDER) return
  const width = dtypeInfo(dtype).bytes / numbersPerElement(dtype)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (width === 2) buffer.swap16()
  else if (width === 4) buffer.swap32()
  else if (width === 8) buffer.swap64()
}

/** Returns the bytes of a typed array, in the same memory. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
