/**
 * Layers of `pad`: the axes are extended one after the other, by arrays that are joined to both ends.
 */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import { isComplex, isFloat, isInteger, type Scalar } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { assertKnown } from '../planning/known-sizes.js'
import { mirror, type PerSide, type SidePair, sidePairs } from '../planning/pad-arguments.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { alongAxisLayer } from './along-axis-layers.js'
import { type ArraySpec, shapeOf } from './array-spec.js'
import { concatenateLayer } from './concatenate-layers.js'
import { fromArrayLayer, fullLayer } from './creation-layers.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { indexAxis } from './indexing-layers.js'
import { quantileLayer } from './quantile-layers.js'
import { reductionLayer } from './reduction-layers.js'
import { broadcastLayer } from './shape-layers.js'

/** What arrays are padded with, by NumPy's names. */
export type PadMode =
  | 'constant'
  | 'edge'
  | 'empty'
  | 'linear_ramp'
  | 'maximum'
  | 'mean'
  | 'median'
  | 'minimum'
  | 'reflect'
  | 'symmetric'
  | 'wrap'

/**
 * A function that pads: it gets each list of elements along an axis, with 0 where elements were added, how many were added
 * before and after, and the axis. It changes the list, or returns another one of the same length.
 */
export type PadFunction = (
  vector: Scalar[],
  widths: readonly [before: number, after: number],
  axis: number,
) => unknown

/** How many elements are added: for all sides, before and after each axis, for each axis, or for axes by number. */
export type PadWidth = PerSide<number> | Readonly<Record<number, number | readonly number[]>>

/** The options of `pad`. Each is for some modes. */
export interface PadOptions {
  /** What the array is padded with, or a function that pads. The default is `'constant'`. */
  readonly mode?: PadMode | PadFunction | undefined
  /** The values of `'constant'`. The default is 0. */
  readonly constantValues?: PerSide<Scalar> | undefined
  /** The values at the ends of `'linear_ramp'`. The default is 0. */
  readonly endValues?: PerSide<number> | undefined
  /** How many elements at each end `'maximum'`, `'mean'`, `'median'` and `'minimum'` are of. The default, null, is all. */
  readonly statLength?: PerSide<number> | null | undefined
  /** Whether `'reflect'` and `'symmetric'` repeat elements, `'even'`, the default, or subtract them from twice the edge, `'odd'`. */
  readonly reflectType?: 'even' | 'odd' | undefined
}

/** An end of an axis that is extended. */
interface End {
  readonly axis: number
  readonly isBefore: boolean
  /** The number of elements that are added. */
  readonly width: number
  readonly options: PadOptions
  /** The number of axes of the array. */
  readonly ndim: number
}

type Extension = (array: ArraySpec, end: End) => ArraySpec

/** What makes the elements of each mode, and the option that the mode has. */
const MODES: Readonly<Record<PadMode, readonly [Extension, ...(keyof PadOptions)[]]>> = {
  constant: [constantValues, 'constantValues'],
  empty: [(array, end) => filled(array, end, 0)],
  edge: [(array, end) => repeated(edgeOf(array, end), end)],
  linear_ramp: [ramp, 'endValues'],
  maximum: [
    statistic((array, axis) => reductionLayer(array, 'max', { axis, keepdims: true })),
    'statLength',
  ],
  minimum: [
    statistic((array, axis) => reductionLayer(array, 'min', { axis, keepdims: true })),
    'statLength',
  ],
  mean: [
    statistic((array, axis) => reductionLayer(array, 'mean', { axis, keepdims: true })),
    'statLength',
  ],
  median: [statistic(medianAlong), 'statLength'],
  reflect: [(array, end) => mirrored(array, end, false), 'reflectType'],
  symmetric: [(array, end) => mirrored(array, end, true), 'reflectType'],
  wrap: [wrapped],
}

/** Extends an array at both ends of its axes. */
export function padLayer(array: ArraySpec, width: PadWidth, options: PadOptions): ArraySpec {
  const { mode = 'constant' } = options
  if (typeof mode === 'function') {
    checkOptions(options, ['mode'], 'pad with a function as mode')
    return paddedBy(mode, array, width)
  }
  if (!Object.hasOwn(MODES, mode)) {
    throw new TypeError(
      `pad: mode must be one of ${Object.keys(MODES)
        .map((m) => `'${m}'`)
        .join(', ')}; got ${formatArgument(mode)}`,
    )
  }
  const [extend, ...own] = MODES[mode]
  checkOptions(options, ['mode', ...own], `pad with mode '${mode}'`)
  const { reflectType = 'even' } = options
  if (reflectType !== 'even' && reflectType !== 'odd') {
    throw new TypeError(
      `pad: reflectType must be 'even' or 'odd'; got ${formatArgument(reflectType)}`,
    )
  }
  const ndim = array.chunks.length
  return widthsOf(width, ndim).reduce((padded, widths, axis) => {
    const size = shapeOf(padded)[axis]!
    if (size === 0 && Math.max(...widths) > 0 && mode !== 'constant' && mode !== 'empty') {
      throw new RangeError(`pad: axis ${axis} is empty; use mode 'constant' or 'empty'`)
    }
    const parts = widths.map((count, side) => {
      const end = { axis, isBefore: side === 0, width: count, options, ndim }
      return count === 0 ? [] : [astypeLayer(extend(padded, end), array.dtype)]
    })
    const all = [...parts[0]!, padded, ...parts[1]!]
    return all.length === 1 ? padded : concatenateLayer(all, axis)
  }, array)
}

/** Adds zeros at all ends, and applies a function along one axis after the other, as NumPy does. */
function paddedBy(fn: PadFunction, array: ArraySpec, width: PadWidth): ArraySpec {
  const zeros = padLayer(array, width, { mode: 'constant' })
  return widthsOf(width, array.chunks.length).reduce((padded, widths, axis) => {
    const onVector = (vector: Scalar[]) => fn(vector, widths, axis) ?? vector
    const result = { dtype: array.dtype, shape: [shapeOf(padded)[axis]!] }
    return alongAxisLayer(onVector, axis, padded, result)
  }, zeros)
}

function widthsOf(width: PadWidth, ndim: number): readonly SidePair<number>[] {
  const pairs = isByAxis(width) ? widthsByAxis(width, ndim) : sidePairs(width, ndim, 'the width')
  for (const count of pairs.flat()) checkWholeNumber(count, 0, 'pad', 'the width')
  return pairs
}

function isByAxis(width: PadWidth): width is Readonly<Record<number, number | readonly number[]>> {
  return typeof width === 'object' && width !== null && !Array.isArray(width)
}

function widthsByAxis(
  widths: Readonly<Record<number, number | readonly number[]>>,
  ndim: number,
): SidePair<number>[] {
  const pairs = Array.from({ length: ndim }, (): SidePair<number> => [0, 0])
  for (const [axis, own] of Object.entries(widths)) {
    pairs[normalizeAxis(Number(axis), ndim, 'pad')] = sidePairs(own, 1, 'the width')[0]!
  }
  return pairs
}

function sideOf<T>(given: PerSide<T>, what: string, { ndim, axis, isBefore }: End): T {
  return sidePairs(given, ndim, what)[axis]![isBefore ? 0 : 1]
}

function edgeOf(array: ArraySpec, { axis, isBefore }: End): ArraySpec {
  return indexAxis(array, axis, isBefore ? ':1' : '-1:')
}

function repeated(edge: ArraySpec, { axis, width }: End): ArraySpec {
  const shape = shapeOf(edge).map((n, a) => (a === axis ? width : n))
  return broadcastLayer(edge, shape, 'pad')
}

function filled(array: ArraySpec, { axis, width }: End, value: Scalar): ArraySpec {
  const shape = shapeOf(array).map((n, a) => (a === axis ? width : n))
  const chunks = array.chunks.map((sizes, a) => (a === axis ? [width] : sizes))
  return fullLayer('pad', shape, value, { chunks })
}

function constantValues(array: ArraySpec, end: End): ArraySpec {
  return filled(array, end, sideOf(end.options.constantValues ?? 0, 'constantValues', end))
}

/** Makes a vector, as an array with size 1 along the other axes. */
function vector(values: readonly number[], { axis, ndim }: End): ArraySpec {
  const shape = Array.from({ length: ndim }, (_, a) => (a === axis ? values.length : 1))
  return fromArrayLayer(Float64Array.from(values), { shape })
}

/** Goes in equal steps from the edge to a value, which integers reach rounded down. */
function ramp(array: ArraySpec, end: End): ArraySpec {
  const { isBefore, width } = end
  const value = sideOf(end.options.endValues ?? 0, 'endValues', end)
  const edge = edgeOf(array, end)
  const wide = isComplex(array.dtype) ? edge : astypeLayer(edge, 'float64')
  const step = elementwiseLayer('divide', [elementwiseLayer('subtract', [wide, value]), width])
  const counts = Array.from({ length: width }, (_, i) => (isBefore ? i : width - 1 - i))
  const steps = elementwiseLayer('multiply', [vector(counts, end), step])
  const result = elementwiseLayer('add', [steps, value])
  return isInteger(array.dtype) ? elementwiseLayer('floor', [result]) : result
}

/** Returns the elements at an end that a statistic is of. */
function partOf(array: ArraySpec, end: End): ArraySpec {
  const { axis, isBefore, options } = end
  const given = options.statLength ?? undefined
  if (given === undefined) return array
  const length = sideOf(given, 'statLength', end)
  checkWholeNumber(length, 1, 'pad', 'statLength')
  if (length >= shapeOf(array)[axis]!) return array
  return indexAxis(array, axis, isBefore ? `:${length}` : `${-length}:`)
}

/** Repeats a statistic of the elements at an end. */
function statistic(reduce: (array: ArraySpec, axis: number) => ArraySpec): Extension {
  return (array, end) => {
    const { axis } = end
    const result = reduce(partOf(array, end), axis)
    const isRounded = isInteger(array.dtype) && isFloat(result.dtype)
    return repeated(isRounded ? elementwiseLayer('rint', [result]) : result, end)
  }
}

function medianAlong(array: ArraySpec, axis: number): ArraySpec {
  const options = { axis, keepdims: true }
  return quantileLayer(array, { name: 'median', probabilities: 0.5, options })
}

/** Returns the positions of the elements that are added, counted from the first of the array. */
function positionsOf(size: number, { isBefore, width }: End): readonly number[] {
  return Array.from({ length: width }, (_, i) => (isBefore ? i - width : size + i))
}

function wrapped(array: ArraySpec, end: End): ArraySpec {
  assertKnown(array.chunks, 'pad', [end.axis])
  const size = shapeOf(array)[end.axis]!
  const positions = positionsOf(size, end).map((at) => ((at % size) + size) % size)
  return indexAxis(array, end.axis, positions)
}

/** Reflects the elements at an edge. */
function mirrored(array: ArraySpec, end: End, repeatsEdge: boolean): ArraySpec {
  const { axis, options } = end
  assertKnown(array.chunks, 'pad', [axis])
  const size = shapeOf(array)[axis]!
  if (size === 1 && !repeatsEdge) return repeated(edgeOf(array, end), end)
  const found = positionsOf(size, end).map((at) => mirror(at, size, repeatsEdge))
  const taken = indexAxis(
    array,
    axis,
    found.map(({ position }) => position),
  )
  if (options.reflectType !== 'odd') return taken
  // Each period adds twice the last element less the first; a reflection is subtracted from twice the last one.
  const factor = (values: readonly number[]) => astypeLayer(vector(values, end), array.dtype)
  const signs = factor(found.map(({ isReversed }) => (isReversed ? -1 : 1)))
  const lasts = factor(found.map(({ isReversed, periods }) => 2 * periods + (isReversed ? 2 : 0)))
  const firsts = factor(found.map(({ periods }) => -2 * periods))
  const terms = [
    elementwiseLayer('multiply', [signs, taken]),
    elementwiseLayer('multiply', [lasts, indexAxis(array, axis, '-1:')]),
    elementwiseLayer('multiply', [firsts, indexAxis(array, axis, ':1')]),
  ] as const
  return elementwiseLayer('add', [elementwiseLayer('add', [terms[0], terms[1]]), terms[2]])
}
