/**
 * The functions of `da`, under NumPy's names: elementwise operations, reductions, and what joins
 * arrays. Each is the method of the same meaning, or has no array to be a method of.
 */
import { checkOptions } from '../base/argument-checks.js'
import type {
  AnyArray,
  Binary,
  DotProduct,
  Fractional,
  MeetBoth,
  Numeric,
  Operand,
  Product,
  Reduced,
  ReductionArgument,
  Summed,
} from './array-types.js'
import type { Chunk } from './block/chunk.js'
import { type Dtype, promote } from './block/dtype.js'
import { ChunkedArray } from './chunked-array.js'
import type { OperatorName } from './expressions/elementwise-operators.js'
import type { ReductionName } from './kernels/partial-reductions.js'
import { type ArraySpec, shapeOf } from './layers/array-spec.js'
import { type MapBlocksOptions, mapBlocksLayer } from './layers/creation-layers.js'
import {
  assertOperand,
  astypeLayer,
  elementwiseLayer,
  evaluateLayer,
  isSpec,
} from './layers/elementwise-layers.js'
import { histogramLayers } from './layers/histogram-layers.js'
import { concatenateLayer, expandLayer } from './layers/rechunk-layers.js'
import { normalizeAxis, show } from './planning/chunk-grid.js'

type Same = <A extends Operand, B extends Operand>(x: A, y: B) => Binary<MeetBoth<A, B>, A, B>
type Whole = <A extends Operand, B extends Operand>(
  x: A,
  y: B,
) => Binary<Numeric<MeetBoth<A, B>>, A, B>
type Fraction = <A extends Operand, B extends Operand>(
  x: A,
  y: B,
) => Binary<Fractional<MeetBoth<A, B>>, A, B>
type Question = <A extends Operand, B extends Operand>(x: A, y: B) => Binary<'bool', A, B>
type SameOf = <A extends AnyArray>(x: A) => Binary<A['dtype'], A, A>
type NumberOf = <A extends AnyArray>(x: A) => Binary<Numeric<A['dtype']>, A, A>
type FractionOf = <A extends AnyArray>(x: A) => Binary<Fractional<A['dtype']>, A, A>
type QuestionOf = <A extends AnyArray>(x: A) => Binary<'bool', A, A>

/** One elementwise operation as a function. */
function operation<F>(op: OperatorName): F {
  const apply = (...operands: readonly unknown[]) =>
    new ChunkedArray(elementwiseLayer(op, operands))
  return apply as F
}

export const add = operation<Same>('add')
export const subtract = operation<Same>('subtract')
export const multiply = operation<Same>('multiply')
export const divide = operation<Fraction>('divide')
export const trueDivide = divide
export const floorDivide = operation<Whole>('floorDivide')
export const mod = operation<Whole>('remainder')
export const remainder = mod
export const power = operation<Whole>('power')
export const minimum = operation<Same>('minimum')
export const maximum = operation<Same>('maximum')
export const fmin = operation<Same>('fmin')
export const fmax = operation<Same>('fmax')
export const hypot = operation<Fraction>('hypot')
export const arctan2 = operation<Fraction>('arctan2')
export const copysign = operation<Fraction>('copysign')
export const equal = operation<Question>('equal')
export const notEqual = operation<Question>('notEqual')
export const less = operation<Question>('less')
export const lessEqual = operation<Question>('lessEqual')
export const greater = operation<Question>('greater')
export const greaterEqual = operation<Question>('greaterEqual')
export const logicalAnd = operation<Question>('logicalAnd')
export const logicalOr = operation<Question>('logicalOr')
export const logicalXor = operation<Question>('logicalXor')
export const bitwiseAnd = operation<Same>('bitwiseAnd')
export const bitwiseOr = operation<Same>('bitwiseOr')
export const bitwiseXor = operation<Same>('bitwiseXor')

export const logicalNot = operation<QuestionOf>('logicalNot')
export const invert = operation<SameOf>('invert')
export const bitwiseNot = invert
export const negative = operation<SameOf>('negative')
export const absolute = operation<SameOf>('absolute')
export const abs = absolute
export const sign = operation<SameOf>('sign')
export const square = operation<NumberOf>('square')
export const reciprocal = operation<NumberOf>('reciprocal')
export const sqrt = operation<FractionOf>('sqrt')
export const cbrt = operation<FractionOf>('cbrt')
export const exp = operation<FractionOf>('exp')
export const exp2 = operation<FractionOf>('exp2')
export const expm1 = operation<FractionOf>('expm1')
export const log = operation<FractionOf>('log')
export const log2 = operation<FractionOf>('log2')
export const log10 = operation<FractionOf>('log10')
export const log1p = operation<FractionOf>('log1p')
export const sin = operation<FractionOf>('sin')
export const cos = operation<FractionOf>('cos')
export const tan = operation<FractionOf>('tan')
export const arcsin = operation<FractionOf>('arcsin')
export const arccos = operation<FractionOf>('arccos')
export const arctan = operation<FractionOf>('arctan')
export const sinh = operation<FractionOf>('sinh')
export const cosh = operation<FractionOf>('cosh')
export const tanh = operation<FractionOf>('tanh')
export const arcsinh = operation<FractionOf>('arcsinh')
export const arccosh = operation<FractionOf>('arccosh')
export const arctanh = operation<FractionOf>('arctanh')
export const deg2rad = operation<FractionOf>('deg2rad')
export const rad2deg = operation<FractionOf>('rad2deg')
export const rint = operation<FractionOf>('rint')
export const floor = operation<SameOf>('floor')
export const ceil = operation<SameOf>('ceil')
export const trunc = operation<SameOf>('trunc')
export const isnan = operation<QuestionOf>('isnan')
export const isfinite = operation<QuestionOf>('isfinite')
export const isinf = operation<QuestionOf>('isinf')
export const signbit = operation<QuestionOf>('signbit')

/** `x` where the condition holds, else `y`. */
export const where =
  operation<
    <A extends Operand, B extends Operand>(
      condition: Operand,
      x: A,
      y: B,
    ) => ChunkedArray<
      A extends AnyArray ? MeetBoth<A, B> : B extends AnyArray ? MeetBoth<A, B> : Dtype
    >
  >('where')

/** Rounded to some decimals, halves to the even neighbour. */
export function round(x: AnyArray, decimals = 0): ChunkedArray {
  return face(x, 'round').round(decimals) as ChunkedArray
}
/** No smaller than `low` and no larger than `high`; null leaves a side open. */
export function clip(x: AnyArray, low: Operand | null, high: Operand | null = null): ChunkedArray {
  return face(x, 'clip').clip(low, high) as ChunkedArray
}

type Summing = <A extends AnyArray, const H extends ReductionArgument = {}>(
  x: A,
  how?: H,
) => Reduced<Summed<A['dtype']>, H>
type Averaging = <A extends AnyArray, const H extends ReductionArgument = {}>(
  x: A,
  how?: H,
) => Reduced<Fractional<A['dtype']>, H>
type Choosing = <A extends AnyArray, const H extends ReductionArgument = {}>(
  x: A,
  how?: H,
) => Reduced<A['dtype'], H>
type Asking = <A extends AnyArray, const H extends ReductionArgument = {}>(
  x: A,
  how?: H,
) => Reduced<'bool', H>
type Placing = <A extends AnyArray, const H extends ReductionArgument = {}>(
  x: A,
  how?: H,
) => Reduced<'int64', H>

/** One reduction as a function. */
function reduction<F>(name: ReductionName): F {
  const apply = (x: unknown, how?: ReductionArgument) => face(x, name)[name](how as {})
  return apply as F
}

export const sum = reduction<Summing>('sum')
export const prod = reduction<Summing>('prod')
export const mean = reduction<Averaging>('mean')
export const std = reduction<Averaging>('std')
const variance = reduction<Averaging>('var')

export { variance as var }
export const min = reduction<Choosing>('min')
export const max = reduction<Choosing>('max')
export const any = reduction<Asking>('any')
export const all = reduction<Asking>('all')
export const argmin = reduction<Placing>('argmin')
export const argmax = reduction<Placing>('argmax')

/** The matrix product. */
export function matmul<A extends AnyArray, B extends AnyArray>(x: A, y: B): Product<A, B> {
  return face(x, 'matmul').matmul(y) as Product<A, B>
}
/** The product of vectors and matrices. */
export function dot<A extends AnyArray, B extends AnyArray>(x: A, y: B): DotProduct<A, B> {
  return face(x, 'dot').dot(y) as DotProduct<A, B>
}
/** The array with its axes in another order, by default reversed. */
export function transpose<A extends AnyArray>(
  x: A,
  axes?: readonly number[],
): ChunkedArray<A['dtype']> {
  const array = face(x, 'transpose')
  return (axes === undefined ? array.T : array.transpose(axes)) as ChunkedArray<A['dtype']>
}
/** The elements in row-major order under another shape. */
export function reshape<A extends AnyArray>(
  x: A,
  shape: readonly number[],
): ChunkedArray<A['dtype']> {
  return face(x, 'reshape').reshape(shape) as ChunkedArray<A['dtype']>
}

/**
 * A function of yours on the matching blocks of several arrays, which broadcast; or an expression, as
 * for `evaluate`, in which the arrays are `x`, `y` and `z`.
 */
export function mapBlocks<const A extends readonly AnyArray[], E extends Dtype = A[0]['dtype']>(
  fn: (...blocks: { -readonly [K in keyof A]: Chunk<A[K]['dtype']> }) => unknown,
  arrays: A,
  options?: MapBlocksOptions<E>,
): ChunkedArray<E>
export function mapBlocks(expression: string, arrays: readonly AnyArray[]): ChunkedArray
export function mapBlocks(
  fn: Function | string,
  arrays: readonly AnyArray[],
  options: MapBlocksOptions = {},
): ChunkedArray {
  assertArrays(arrays, 'mapBlocks')
  if (typeof fn === 'string') return mapFormula(fn, arrays, options)
  return new ChunkedArray(mapBlocksLayer(fn, arrays, options))
}

function mapFormula(text: string, arrays: readonly AnyArray[], options: object): ChunkedArray {
  if (Object.keys(options).length > 0 || arrays.length > 3) {
    throw new TypeError(
      'mapBlocks: an expression takes up to three arrays, x, y and z, and no options; see evaluate and astype',
    )
  }
  const [x, y, z] = arrays
  const given = Object.entries({ x, y, z }).filter(([, array]) => array !== undefined)
  return evaluate(text, Object.fromEntries(given) as Record<string, AnyArray>)
}

/** Which axis to join along. */
export type AxisArgument = number | { readonly axis?: number | undefined }

/** Arrays end to end along an axis, which they have already. */
export function concatenate<A extends AnyArray>(
  arrays: readonly A[],
  how: AxisArgument = 0,
): ChunkedArray<A['dtype']> {
  const specs = promoted(arrays, 'concatenate')
  const ndim = specs[0]!.chunks.length
  if (ndim === 0)
    throw new RangeError('concatenate: arrays without axes cannot be joined; use stack')
  return new ChunkedArray(concatenateLayer(specs, axisOf(how, ndim, 'concatenate')))
}

/** Arrays of one shape along a new axis. */
export function stack<A extends AnyArray>(
  arrays: readonly A[],
  how: AxisArgument = 0,
): ChunkedArray<A['dtype']> {
  const specs = promoted(arrays, 'stack')
  const shape = shapeOf(specs[0]!)
  specs.forEach((spec, i) => {
    if (shapeOf(spec).join() !== shape.join()) {
      throw new RangeError(
        `stack: array ${i} has shape [${shapeOf(spec)}], the first [${shape}]; they must be equal`,
      )
    }
  })
  const axis = axisOf(how, shape.length + 1, 'stack')
  return new ChunkedArray(
    concatenateLayer(
      specs.map((spec) => expandLayer(spec, axis)),
      axis,
    ),
  )
}

function promoted(arrays: readonly unknown[], name: string): ArraySpec[] {
  assertArrays(arrays, name)
  const specs = arrays as readonly ArraySpec[]
  const dtype = specs.map((spec) => spec.dtype).reduce(promote)
  return specs.map((spec) => astypeLayer(spec, dtype))
}

function assertArrays(arrays: unknown, name: string): void {
  if (!Array.isArray(arrays) || arrays.length === 0) {
    throw new TypeError(`${name}: expected a list of one array or more; got ${show(arrays)}`)
  }
  for (const array of arrays) face(array, name)
}

function axisOf(how: AxisArgument, ndim: number, name: string): number {
  if (typeof how !== 'object' || how === null) return normalizeAxis(how, ndim, name)
  checkOptions(how, ['axis'], name)
  return normalizeAxis(how.axis ?? 0, ndim, name)
}

/** An argument as the array it must be. */
function face(x: unknown, name: string): ChunkedArray<Dtype, unknown> {
  if (x instanceof ChunkedArray) return x
  assertOperand(x, name)
  throw new TypeError(`${name}: expected an array; got ${show(isSpec(x) ? x.dtype : x)}`)
}

/**
 * A formula in mathjs's language over arrays and plain values.
 * @example da.evaluate('sqrt(x^2 + y^2)', { x, y })
 */
export function evaluate(
  expression: string,
  variables: Readonly<Record<string, Operand>>,
): ChunkedArray {
  return new ChunkedArray(evaluateLayer(expression, variables))
}

/**
 * How many elements lie in each bin, and the edges of the bins. `bins` are the edges, or a number of
 * bins of equal width over `range`.
 */
export function histogram(
  x: AnyArray,
  options: {
    readonly bins: number | readonly number[]
    readonly range?: readonly [number, number]
  },
): readonly [counts: ChunkedArray<'int64'>, edges: readonly number[]] {
  const [counts, edges] = histogramLayers(face(x, 'histogram'), options)
  return [new ChunkedArray(counts), edges]
}
