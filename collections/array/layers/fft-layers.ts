/**
 * Layers of Fourier transforms. The transformed axis is rechunked to one chunk.
 */
import { arg } from '../../../core/graph/recipe.js'
import { type Dtype, isComplex } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { assertKnown } from '../planning/known-sizes.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { type FftSpec, fftStep } from '../steps/fft-steps.js'
import { type ArraySpec, blockwise, shapeOf } from './array-spec.js'
import { elementwiseLayer } from './elementwise-layers.js'
import { assertArray } from './operands.js'
import { wholeAxes } from './rechunk-layers.js'

/**
 * How transforms are scaled: `'backward'` divides the inverse by the length, `'forward'` the transform, `'ortho'` both by
 * its square root.
 */
export type FftNorm = 'backward' | 'ortho' | 'forward'

/** The options of transforms along one axis. */
export interface FftOptions {
  /** The length that the axis is cut or padded with zeros to. The default is its own. */
  readonly n?: number | null | undefined
  /** The axis. The default is the last one. */
  readonly axis?: number | null | undefined
  /** The scaling. The default is `'backward'`. */
  readonly norm?: FftNorm | null | undefined
}

/** The options of transforms along several axes. */
export interface FftAxesOptions {
  /** The lengths that the axes are cut or padded with zeros to. The default is their own. */
  readonly s?: readonly number[] | null | undefined
  /** The axes. */
  readonly axes?: readonly number[] | null | undefined
  /** The scaling. The default is `'backward'`. */
  readonly norm?: FftNorm | null | undefined
}

/** The transforms along one axis. */
export type FftName = 'fft' | 'ifft' | 'rfft' | 'irfft' | 'hfft' | 'ihfft'

/** Transforms an array along an axis. */
export function fftLayer(
  name: FftName,
  array: unknown,
  options: FftOptions,
  operation: string = name,
): ArraySpec {
  assertArray(array, operation)
  const { norm } = options
  const axis = normalizeAxis(options.axis ?? -1, array.chunks.length, operation)
  if (options.n === undefined || options.n === null) assertKnown(array.chunks, operation, [axis])
  const size = shapeOf(array)[axis]!
  const real = name === 'irfft' || name === 'hfft'
  const n = options.n ?? (real ? 2 * (size - 1) : size)
  if (!Number.isSafeInteger(n) || n < 1) {
    throw new RangeError(
      `${operation}: the length of the transform must be an integer of 1 or more; got ${n}`,
    )
  }
  const half = name === 'rfft' || name === 'ihfft'
  if (half && isComplex(array.dtype)) {
    throw new TypeError(`${operation}: the array must be real; got ${array.dtype}`)
  }
  const forward = name === 'fft' || name === 'rfft' || name === 'hfft'
  const scale = scaleOf(operation, norm ?? 'backward', n, forward)
  // Transforms of Hermitian sequences are those of real ones, with the other sign.
  const sign = name === 'fft' || name === 'rfft' || name === 'hfft' ? -1 : 1
  const dtype = resultDtype(array.dtype, real)
  const spec: FftSpec = {
    axis,
    n,
    sign,
    scale,
    kind: real ? 'real' : half ? 'half' : 'complex',
    dtype,
  }
  const whole = wholeAxes(array, [axis])
  const source = real && !isComplex(array.dtype) ? asComplex(whole) : whole
  return blockwise({
    operation,
    fn: fftStep,
    args: [arg.input(0), arg.value(spec)],
    inputs: [{ array: source }],
    dtype,
    chunks: whole.chunks.map((sizes, a) =>
      a === axis ? [half ? Math.floor(n / 2) + 1 : n] : sizes,
    ),
    content: [spec],
    costPerElement: 40,
  })
}

function asComplex(array: ArraySpec): ArraySpec {
  return elementwiseLayer('add', [array, { re: 0, im: 0 }])
}

function resultDtype(dtype: Dtype, real: boolean): Dtype {
  const single = dtype === 'float32' || dtype === 'complex64'
  return real ? (single ? 'float32' : 'float64') : single ? 'complex64' : 'complex128'
}

function scaleOf(operation: string, norm: unknown, n: number, forward: boolean): number {
  switch (norm) {
    case 'backward':
      return forward ? 1 : 1 / n
    case 'forward':
      return forward ? 1 / n : 1
    case 'ortho':
      return 1 / Math.sqrt(n)
    default:
      throw new RangeError(
        `${operation}: norm must be 'backward', 'ortho' or 'forward'; got ${formatArgument(norm)}`,
      )
  }
}

/** Transforms an array along several axes, the last one first. */
export function fftAxesLayer(
  name: 'fft' | 'ifft' | 'rfft' | 'irfft',
  array: unknown,
  options: FftAxesOptions,
  byDefault: readonly number[] | undefined,
  operation: string,
): ArraySpec {
  assertArray(array, operation)
  const { s, norm } = options
  const ndim = array.chunks.length
  const all = byDefault ?? array.chunks.map((_, axis) => axis)
  const list =
    options.axes ?? (s === undefined || s === null ? all : all.slice(all.length - s.length))
  const axes = list.map((axis) => normalizeAxis(axis, ndim, operation))
  if (axes.length === 0 || (s !== undefined && s !== null && s.length !== axes.length)) {
    throw new RangeError(
      `${operation}: expected a length for each axis; got s ${formatArgument(s)} and axes ${formatArgument(list)}`,
    )
  }
  const last = axes.length - 1
  const along = (kind: FftName, source: ArraySpec, i: number) =>
    fftLayer(kind, source, { n: s?.[i], axis: axes[i]!, norm }, operation)
  const complex = name === 'fft' || name === 'rfft' ? 'fft' : 'ifft'
  let result = array
  if (name !== 'irfft') result = along(name, result, last)
  for (let i = last - 1; i >= 0; i--) result = along(complex, result, i)
  return name === 'irfft' ? along(name, result, last) : result
}
