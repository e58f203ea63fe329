/**
 * Generated code for one element: conversions between dtypes, reads from and writes to typed arrays.
 *
 * Inside a kernel a float or an integer of up to 32 bits is a number, an integer of 64 bits a bigint, a
 * bool a JavaScript boolean.
 */
import { type Dtype, dtypeInfo, isBig, isFloat, promote } from '../block/dtype.js'

/** Emits code that rounds a result to float32, or wraps it to its integer dtype. */
export function emitWrap(code: string, dtype: Dtype): string {
  switch (dtype) {
    case 'float32':
      return `Math.fround(${code})`
    case 'int8':
      return `(${code} << 24 >> 24)`
    case 'uint8':
      return `(${code} & 255)`
    case 'int16':
      return `(${code} << 16 >> 16)`
    case 'uint16':
      return `(${code} & 65535)`
    case 'int32':
      return `(${code} | 0)`
    case 'uint32':
      return `(${code} >>> 0)`
    case 'int64':
      return `BigInt.asIntN(64, ${code})`
    case 'uint64':
      return `BigInt.asUintN(64, ${code})`
    case 'bool':
    case 'float64':
      return code
  }
}

/** Emits code that converts a value from one dtype to another, as `astype` does. */
export function emitCast(code: string, from: Dtype, to: Dtype): string {
  if (from === to) return code
  if (to === 'bool') return isBig(from) ? `(${code} !== 0n)` : `(${code} !== 0)`
  if (from === 'bool') return isBig(to) ? `(${code} ? 1n : 0n)` : `(${code} ? 1 : 0)`
  if (isFloat(to)) {
    const number = isBig(from) ? `Number(${code})` : code
    return to === 'float32' ? `Math.fround(${number})` : number
  }
  if (isFloat(from)) {
    if (to === 'int64') return `floatToBig(${code})`
    if (to === 'uint64') return `floatToUnsignedBig(${code})`
    return to === 'int32' ? `floatToInt32(${code})` : emitWrap(code, to)
  }
  if (isBig(to)) return emitWrap(isBig(from) ? code : `BigInt(${code})`, to)
  if (isBig(from)) return emitWrap(`Number(BigInt.asIntN(32, ${code}))`, to)
  return promote(from, to) === to ? code : emitWrap(code, to)
}

/** Emits code that reads an element of a typed array. */
export function emitLoad(code: string, dtype: Dtype): string {
  return dtype === 'bool' ? `(${code} !== 0)` : code
}

/** Emits code that converts a value to what the typed array of a dtype stores. */
export function emitStore(code: string, dtype: Dtype): string {
  return dtypeInfo(dtype).kind === 'bool' ? `(${code} ? 1 : 0)` : code
}
