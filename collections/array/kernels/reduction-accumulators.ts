/**
 * The accumulators of reductions: the dtype in which each reduction accumulates, its initial value,
 * and the code that adds one element.
 */
import { type Dtype, dtypeInfo, isBig, isFloat, sumDtype } from '../block/dtype.js'
import { emitWrap } from '../expressions/element-code.js'

/** A reduction that one kernel computes. */
export type Reducer = 'sum' | 'prod' | 'min' | 'max' | 'fmin' | 'fmax' | 'any' | 'all'

/** How a reduction accumulates elements of one dtype. */
export interface Accumulator {
  /** The dtype that elements are converted to before they are added. */
  readonly element: Dtype
  /** The dtype that the kernel writes. */
  readonly stored: Dtype
  /** The code of the initial value. */
  readonly initial: string
  /** Emits code that adds a value, the name of a variable, to an accumulator. */
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
      const stored = sumDtype(dtype)
      const add = (a: string, v: string) => emitWrap(`${a} * ${v}`, stored)
      return { compensated, element: stored, stored, initial: '1n', add }
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
    case 'fmin':
    case 'fmax':
      return { compensated, element: dtype, stored: dtype, ...extremeAccumulator(reducer, dtype) }
  }
}

/** Integers of up to 32 bits are added as floats, which is exact up to `EXACT_COUNT` elements. */
function sumAccumulator(dtype: Dtype): Accumulator {
  if (isBig(dtype)) {
    const add = (a: string, v: string) => emitWrap(`${a} + ${v}`, dtype)
    return { compensated: false, element: dtype, stored: dtype, initial: '0n', add }
  }
  const compensated = isFloat(dtype)
  return { compensated, element: 'float64', stored: 'float64', initial: '0', add: plus }
}

function extremeAccumulator(
  reducer: 'min' | 'max' | 'fmin' | 'fmax',
  dtype: Dtype,
): Pick<Accumulator, 'initial' | 'add'> {
  const isMin = reducer === 'min' || reducer === 'fmin'
  const ignoresNaN = reducer === 'fmin' || reducer === 'fmax'
  if (dtype === 'bool') {
    const symbol = isMin ? '&&' : '||'
    return { initial: String(isMin), add: (a, v) => `${a} ${symbol} ${v}` }
  }
  const { range } = dtypeInfo(dtype)
  if (range === undefined) {
    // A branch, which is nearly always predicted, takes less time than Math.min.
    const symbol = isMin ? '<' : '>'
    if (ignoresNaN) {
      const add = (a: string, v: string) => `${v} ${symbol} ${a} || ${a} !== ${a} ? ${v} : ${a}`
      return { initial: 'NaN', add }
    }
    const add = (a: string, v: string) => `${v} ${symbol} ${a} || ${v} !== ${v} ? ${v} : ${a}`
    return { initial: isMin ? 'Infinity' : '-Infinity', add }
  }
  const initial = `${range[isMin ? 1 : 0]}${isBig(dtype) ? 'n' : ''}`
  const symbol = isMin ? '<' : '>'
  return { initial, add: (a, v) => `${v} ${symbol} ${a} ? ${v} : ${a}` }
}

/** Returns the dtype of a partial result of a reduction. */
export function partialDtype(reducer: Reducer, dtype: Dtype): Dtype {
  if (reducer === 'any' || reducer === 'all') return 'bool'
  if (reducer !== 'sum' && reducer !== 'prod') return dtype
  return isFloat(dtype) ? 'float64' : sumDtype(dtype)
}
