/**
 * The accumulators of reductions: the dtype in which each reduction accumulates, its initial value,
 * and the code that adds one element.
 */
import { type Dtype, isFloat } from '../block/dtype.js'

/** A reduction that one kernel computes. */
export type Reducer = 'sum' | 'prod' | 'min' | 'max' | 'any' | 'all'

/** How a reduction accumulates elements of one dtype. */
export interface Accumulator {
  /** The dtype that elements are converted to before they are added. */
  readonly element: Dtype
  /** The dtype that the kernel writes. */
  readonly stored: Dtype
  /** The code of the initial value. */
  readonly initial: string
  /** Emits code that adds a value to an accumulator. */
  readonly add: (accumulator: string, value: string) => string
  /** Whether blocks of elements are added with Neumaier's compensation. */
  readonly compensated: boolean
}

const plus = (a: string, v: string) => `${a} + ${v}`

/** Returns the accumulator of a reduction over elements of a dtype. */
export function accumulatorOf(reducer: Reducer, dtype: Dtype): Accumulator {
  const compensated = false
  switch (reducer) {
    case 'sum':
      return sumAccumulator(dtype)
    case 'prod': {
      if (isFloat(dtype)) {
        const add = (a: string, v: string) => `${a} * ${v}`
        return { compensated, element: 'float64', stored: 'float64', initial: '1', add }
      }
      const add = (a: string, v: string) => `BigInt.asIntN(64, ${a} * ${v})`
      return { compensated, element: 'int64', stored: 'int64', initial: '1n', add }
    }
    case 'any': {
      const add = (a: string, v: string) => `${a} || ${v}`
      return { compensated, element: 'bool', stored: 'bool', initial: 'false', add }
    }
    case 'all': {
      const add = (a: string, v: string) => `${a} && ${v}`
      return { compensated, element: 'bool', stored: 'bool', initial: 'true', add }
    }
    case 'min':
    case 'max':
      return { compensated, element: dtype, stored: dtype, ...extremeAccumulator(reducer, dtype) }
  }
}

/** Integers other than int64 are added as floats, which is exact up to `EXACT_COUNT` elements. */
function sumAccumulator(dtype: Dtype): Accumulator {
  if (dtype === 'int64') {
    const add = (a: string, v: string) => `BigInt.asIntN(64, ${a} + ${v})`
    return { compensated: false, element: 'int64', stored: 'int64', initial: '0n', add }
  }
  const compensated = isFloat(dtype)
  return { compensated, element: 'float64', stored: 'float64', initial: '0', add: plus }
}

function extremeAccumulator(
  reducer: 'min' | 'max',
  dtype: Dtype,
): Pick<Accumulator, 'initial' | 'add'> {
  const isMin = reducer === 'min'
  if (dtype === 'bool') {
    const symbol = isMin ? '&&' : '||'
    return { initial: String(isMin), add: (a, v) => `${a} ${symbol} ${v}` }
  }
  if (dtype === 'float32' || dtype === 'float64') {
    const initial = isMin ? 'Infinity' : '-Infinity'
    return { initial, add: (a, v) => `Math.${reducer}(${a}, ${v})` }
  }
  const initial = {
    int32: isMin ? '2147483647' : '-2147483648',
    uint8: isMin ? '255' : '0',
    int64: isMin ? '9223372036854775807n' : '-9223372036854775808n',
  }[dtype]
  const symbol = isMin ? '<' : '>'
  return { initial, add: (a, v) => `${v} ${symbol} ${a} ? ${v} : ${a}` }
}

/** Returns the dtype of a partial result of a reduction. */
export function partialDtype(reducer: Reducer, dtype: Dtype): Dtype {
  if (reducer === 'min' || reducer === 'max') return dtype
  if (reducer === 'any' || reducer === 'all') return 'bool'
  return isFloat(dtype) ? 'float64' : 'int64'
}
