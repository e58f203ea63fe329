/**
 * Generated code for one element: conversions between dtypes, reads from and writes to typed arrays.
 *
 * Inside a kernel a float or small integer is a number, an int64 a bigint, a bool a JavaScript
 * boolean.
 */
import { type Dtype, dtypeInfo, isFloat } from '../block/dtype.js'

/** Emits code that rounds a result to float32, or wraps it to its integer dtype. */
export function emitWrap(code: string, dtype: Dtype): string {
  switch (dtype) {
    case 'float32':
      return `Math.fround(${code})`
    case 'int32':
      return `(${code} | 0)`
    case 'uint8':
      return `(${code} & 255)`
    case 'int64':
      return `BigInt.asIntN(64, ${code})`
    case 'bool':
    case 'float64':
      return code
  }
}

/** Emits code that converts a value from one dtype to another, as `astype` does. */
export function emitCast(code: string, from: Dtype, to: Dtype): string {
  if (from === to) return code
  if (to === 'bool') return from === 'int64' ? `(${code} !== 0n)` : `(${code} !== 0)`
  if (from === 'bool') return to === 'int64' ? `(${code} ? 1n : 0n)` : `(${code} ? 1 : 0)`
  if (isFloat(to)) {
    const number = from === 'int64' ? `Number(${code})` : code
    return to === 'float32' ? `Math.fround(${number})` : number
  }
  if (to === 'int64') return isFloat(from) ? `floatToBig(${code})` : `BigInt(${code})`
  if (from === 'int64')
    return `Number(BigInt.as${to === 'uint8' ? 'UintN(8' : 'IntN(32'}, ${code}))`
  if (to === 'int32') return isFloat(from) ? `floatToInt32(${code})` : code
  return `(${code} & 255)`
}

/** Emits code that reads an element of a typed array. */
export function emitLoad(code: string, dtype: Dtype): string {
  return dtype === 'bool' ? `(${code} !== 0)` : code
}

/** Emits code that converts a value to what the typed array of a dtype stores. */
export function emitStore(code: string, dtype: Dtype): string {
  return dtypeInfo(dtype).kind === 'bool' ? `(${code} ? 1 : 0)` : code
}
