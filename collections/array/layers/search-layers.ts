/**
 * Layers that search elements among others, and that choose between arrays.
 */
import { arg, type StepFunction } from '../../../core/graph/recipe.js'
import { isComplex, isInteger, promote, type Scalar } from '../block/dtype.js'
import { NDArray } from '../block/ndarray.js'
import { checkChoicesStep, descendingBinStep, isInStep, searchStep } from '../steps/search-steps.js'
import { type ArraySpec, blockwise, isArraySpec } from './array-spec.js'
import { fromArrayLayer } from './creation-layers.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { indexLayer } from './indexing-layers.js'
import { assertArray } from './operands.js'
import { wholeAxes } from './rechunk-layers.js'

/** Returns a lazy array: of values in memory, one is made. */
export function asArray(values: unknown): ArraySpec {
  return isArraySpec(values) ? values : fromArrayLayer(values, {})
}

/** Makes a layer that reads all of one array, and the blocks of another one. */
function readingAll(spec: {
  readonly operation: string
  readonly fn: StepFunction
  readonly all: ArraySpec
  readonly blocks: ArraySpec
  readonly allFirst: boolean
  readonly dtype: 'bool' | 'int64'
  readonly option: string | boolean
}): ArraySpec {
  const { operation, blocks, dtype, option } = spec
  const common = promote(spec.all.dtype, blocks.dtype)
  if (isComplex(common)) {
    throw new TypeError(
      `${operation}: complex numbers have no order; use their real parts or abs()`,
    )
  }
  const whole = wholeAxes(
    astypeLayer(spec.all, common),
    spec.all.chunks.map((_, axis) => axis),
  )
  const all = { array: whole, axes: whole.chunks.map(() => -1) }
  const own = { array: astypeLayer(blocks, common), axes: blocks.chunks.map((_, axis) => axis) }
  return blockwise({
    operation,
    fn: spec.fn,
    args: [arg.input(0), arg.input(1), arg.value(option)],
    inputs: spec.allFirst ? [all, own] : [own, all],
    dtype,
    chunks: blocks.chunks,
    content: [option],
  })
}

/** Returns where values would be inserted into a sorted vector. NumPy: `searchsorted`. */
export function searchSortedLayer(sorted: ArraySpec, values: unknown, side: unknown): ArraySpec {
  assertVector(sorted, 'searchsorted')
  if (side !== 'left' && side !== 'right') {
    throw new RangeError(`searchsorted: side must be 'left' or 'right'; got ${String(side)}`)
  }
  const blocks = asArray(values)
  const common = { all: sorted, blocks, allFirst: true, dtype: 'int64', option: side } as const
  return readingAll({ operation: 'searchsorted', fn: searchStep, ...common })
}

function assertVector(array: ArraySpec, operation: string): void {
  if (array.chunks.length === 1) return
  throw new RangeError(
    `${operation}: expected an array with one axis; got one with ${array.chunks.length}`,
  )
}

/** Returns the number of the bin that each element is in. NumPy: `digitize`. */
export function digitizeLayer(array: ArraySpec, bins: unknown, right: boolean): ArraySpec {
  if (isArraySpec(bins)) {
    throw new TypeError(
      'digitize: the bins must be known; write da.searchsorted(bins, x), or compute them',
    )
  }
  const edges = fromArrayLayer(bins, {})
  assertVector(edges, 'digitize')
  const list = listOfBins(bins)
  const steps = list.slice(1).map((edge, i) => Number(edge > list[i]!) - Number(edge < list[i]!))
  const descends = steps.some((sign) => sign < 0)
  if (descends && steps.some((sign) => sign > 0)) {
    throw new RangeError('digitize: the bins must increase or decrease')
  }
  return readingAll({
    operation: 'digitize',
    fn: descends ? descendingBinStep : searchStep,
    all: descends ? indexLayer(edges, ['::-1']) : edges,
    blocks: array,
    allFirst: true,
    dtype: 'int64',
    option: right ? 'left' : 'right',
  })
}

function listOfBins(bins: unknown): readonly (number | bigint)[] {
  if (bins instanceof NDArray) return bins.toArray() as readonly number[]
  return Array.from(bins as readonly number[])
}

/** Returns whether each element is among some values. NumPy: `isin`. */
export function isInLayer(array: ArraySpec, values: unknown, invert: boolean): ArraySpec {
  const common = { all: asArray(values), blocks: array, allFirst: false } as const
  return readingAll({ operation: 'isin', fn: isInStep, dtype: 'bool', option: invert, ...common })
}

/** Chooses between arrays or values by the numbers in an array. NumPy: `choose`. */
export function chooseLayer(numbers: ArraySpec, choices: readonly unknown[]): ArraySpec {
  assertArray(numbers, 'choose')
  if (!Array.isArray(choices) || choices.length === 0) {
    throw new TypeError('choose: expected a list of one array or value or more to choose from')
  }
  if (!isInteger(numbers.dtype) && numbers.dtype !== 'bool') {
    throw new TypeError(`choose: expected an array of integers; got ${numbers.dtype}`)
  }
  const checked = blockwise({
    operation: 'checkChoices',
    fn: checkChoicesStep,
    args: [arg.input(0), arg.value(choices.length)],
    inputs: [{ array: numbers }],
    dtype: numbers.dtype,
    chunks: numbers.chunks,
    content: [choices.length],
  })
  const conditions = choices.map((_, i) => elementwiseLayer('equal', [checked, i]))
  return selectFromLayer(conditions, choices, asOperand(choices.at(-1)!))
}

/** Returns an operand of an elementwise operation: arrays and plain values as they are, others as an array. */
export function asOperand(value: unknown): ArraySpec | Scalar {
  return Array.isArray(value) || value instanceof NDArray || ArrayBuffer.isView(value)
    ? asArray(value)
    : (value as ArraySpec | Scalar)
}

/** Returns for each element the choice of the first condition that is true, or another value. NumPy: `select`. */
export function selectFromLayer(
  conditions: readonly ArraySpec[],
  choices: readonly unknown[],
  otherwise: ArraySpec | Scalar,
): ArraySpec {
  return choices.reduceRight<ArraySpec | Scalar>(
    (rest, choice, i) => elementwiseLayer('where', [conditions[i]!, asOperand(choice), rest]),
    otherwise,
  ) as ArraySpec
}
