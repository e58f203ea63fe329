/**
 * Generated code for one element: conversions between dtypes, reads from and writes to typed arrays.
 *
 * Inside a kernel a float or an integer of up to 32 bits is a number, an integer of 64 bits a bigint, a
 * bool a JavaScript boolean, a complex number two numbers.
 */
import {
  type Dtype,
  dtypeInfo,
  isBig,
  isComplex,
  isFloat,
  promote,
  realDtype,
} from '../block/dtype.js'

/** The code of a value; of a complex one, the code of both parts. */
export interface ValueCode {
  /** The value, or its real part. */
  readonly re: string
  /** The imaginary part; empty unless the value is complex. */
  readonly im: string
}

/** Returns the code of a value that is not complex. */
export function realCode(code: string): ValueCode {
  return { re: code, im: '' }
}

/** Applies a change to the code of each part. */
export function mapParts(code: ValueCode, change: (part: string) => string): ValueCode {
  return { re: change(code.re), im: code.im === '' ? '' : change(code.im) }
}

/** Emits code that rounds a result to float32, or wraps it to its integer dtype. */
export function emitWrap(code: string, dtype: Dtype): string {
  switch (dtype) {
    case 'float32':
    case 'complex64':
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
    case 'complex128':
      return code
  }
}

/** Emits code that converts a value from one dtype to another, as `astype` does. */
export function emitCast(code: ValueCode, from: Dtype, to: Dtype): ValueCode {
  if (from === to) return code
  const [part, target] = [realDtype(from), realDtype(to)]
  if (isComplex(from) && to === 'bool') return realCode(`(${code.re} !== 0 || ${code.im} !== 0)`)
  const re = emitRealCast(code.re, part, target)
  if (!isComplex(to)) return realCode(re)
  return { re, im: isComplex(from) ? emitRealCast(code.im, part, target) : '0' }
}

function emitRealCast(code: string, from: Dtype, to: Dtype): string {
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

/** Emits code that reads the element at a position of a typed array. */
export function emitLoad(array: string, at: string, dtype: Dtype): ValueCode {
  if (isComplex(dtype)) return { re: `${array}[2 * (${at})]`, im: `${array}[2 * (${at}) + 1]` }
  const element = `${array}[${at}]`
  return realCode(dtype === 'bool' ? `(${element} !== 0)` : element)
}

/** Emits code that converts a value, which is not complex, to what the typed array of a dtype stores. */
export function emitStored(code: string, dtype: Dtype): string {
  return dtypeInfo(dtype).kind === 'bool' ? `(${code} ? 1 : 0)` : code
}

/** Emits the statement that writes a value at a position of a typed array. */
export function emitStore(array: string, at: string, code: ValueCode, dtype: Dtype): string {
  if (!isComplex(dtype)) return `${array}[${at}] = ${emitStored(code.re, dtype)};\n`
  return `${array}[2 * (${at})] = ${code.re}; ${array}[2 * (${at}) + 1] = ${code.im};\n`
}
