/**
 * The functions of `da.fft`: discrete Fourier transforms of any length.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import type { Dtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { ChunkedArray } from '../chunked-array.js'
import {
  type FftAxesOptions,
  type FftName,
  type FftOptions,
  fftAxesLayer,
  fftLayer,
} from '../layers/fft-layers.js'
import { assertArray } from '../layers/operands.js'
import { rollLayer } from '../layers/shape-layers.js'
import type { ChunksSpec } from '../planning/chunks-argument.js'
import { assertKnown } from '../planning/known-sizes.js'
import { normalizeAxes } from '../planning/shape-arguments.js'
import { arange } from './creation-functions.js'

/** The dtype of transforms that are complex. */
export type SpectrumDtype<D extends Dtype> = D extends 'float32' | 'complex64'
  ? 'complex64'
  : 'complex128'

/** The dtype of transforms that are real. */
export type SignalDtype<D extends Dtype> = D extends 'float32' | 'complex64' ? 'float32' : 'float64'

/** A transform whose results are complex. */
export type SpectrumTransform<Options> = <A extends AnyArray>(
  x: A,
  options?: Options,
) => ChunkedArray<SpectrumDtype<A['dtype']>>

/** A transform whose results are real. */
export type SignalTransform<Options> = <A extends AnyArray>(
  x: A,
  options?: Options,
) => ChunkedArray<SignalDtype<A['dtype']>>

/** Makes a transform along one axis. */
function along<Transform>(name: FftName): Transform {
  const operation = `fft.${name}`
  const transform = (...args: unknown[]) => {
    checkArguments(operation, args, 2, `da.${operation}(x, { n, axis, norm })`)
    const [x, options = {}] = args as [unknown, FftOptions?]
    checkOptions(options, ['n', 'axis', 'norm'], operation)
    return new ChunkedArray(fftLayer(name, x, options, operation))
  }
  return transform as Transform
}

/** Makes a transform along the last two axes or all, unless axes are given. */
function over<Transform>(name: 'fft' | 'ifft' | 'rfft' | 'irfft', suffix: '2' | 'n'): Transform {
  const operation = `fft.${name}${suffix}`
  const axes = suffix === '2' ? [-2, -1] : undefined
  const transform = (...args: unknown[]) => {
    checkArguments(operation, args, 2, `da.${operation}(x, { s, axes, norm })`)
    const [x, options = {}] = args as [unknown, FftAxesOptions?]
    checkOptions(options, ['s', 'axes', 'norm'], operation)
    return new ChunkedArray(fftAxesLayer(name, x, options, axes, operation))
  }
  return transform as Transform
}

/**
 * Discrete Fourier transforms along the last axis, or along the option `axis`, which is rechunked to one chunk. The option
 * `n` cuts the axis or pads it with zeros, and `norm` (`'backward'`, `'ortho'`, `'forward'`) says how results are scaled.
 * @example da.fft.fft(x, { axis: 0, norm: 'ortho' })
 */
export const fft = {
  /** Returns the discrete Fourier transform. */
  fft: along<SpectrumTransform<FftOptions>>('fft'),

  /** Returns the inverse of `fft`. */
  ifft: along<SpectrumTransform<FftOptions>>('ifft'),

  /** Returns the transform of real numbers: the first half, from which the other follows. */
  rfft: along<SpectrumTransform<FftOptions>>('rfft'),

  /** Returns the inverse of `rfft`; give `n` for an odd length. */
  irfft: along<SignalTransform<FftOptions>>('irfft'),

  /** Returns the transform of half a Hermitian sequence, which is real. */
  hfft: along<SignalTransform<FftOptions>>('hfft'),

  /** Returns the inverse of `hfft`. */
  ihfft: along<SpectrumTransform<FftOptions>>('ihfft'),

  /** Returns the discrete Fourier transform, along the last two axes or those given. */
  fft2: over<SpectrumTransform<FftAxesOptions>>('fft', '2'),

  /** Returns the inverse of `fft2`, along the last two axes or those given. */
  ifft2: over<SpectrumTransform<FftAxesOptions>>('ifft', '2'),

  /** Returns the transform of real numbers, along the last two axes or those given. */
  rfft2: over<SpectrumTransform<FftAxesOptions>>('rfft', '2'),

  /** Returns the inverse of `rfft2`, along the last two axes or those given. */
  irfft2: over<SignalTransform<FftAxesOptions>>('irfft', '2'),

  /** Returns the discrete Fourier transform, along all axes or those given. */
  fftn: over<SpectrumTransform<FftAxesOptions>>('fft', 'n'),

  /** Returns the inverse of `fftn`, along all axes or those given. */
  ifftn: over<SpectrumTransform<FftAxesOptions>>('ifft', 'n'),

  /** Returns the transform of real numbers, along all axes or those given. */
  rfftn: over<SpectrumTransform<FftAxesOptions>>('rfft', 'n'),

  /** Returns the inverse of `rfftn`, along all axes or those given. */
  irfftn: over<SignalTransform<FftAxesOptions>>('irfft', 'n'),

  /** Makes the frequencies of the results of `fft`, in cycles per unit of the spacing `d` (1). */
  fftfreq<D extends FrequencyDtype = 'float64'>(
    n: number,
    options: FrequencyOptions<D> = {},
  ): ChunkedArray<D> {
    const { d, chunks, dtype } = frequencyArguments('fft.fftfreq', n, options, arguments)
    const index = arange(n, { chunks })
    const frequencies = index.sub(index.ge(Math.ceil(n / 2)).mul(n)).mul(1 / (n * d))
    return frequencies.astype(dtype as D)
  },

  /** Makes the frequencies of the results of `rfft`, in cycles per unit of the spacing `d` (1). */
  rfftfreq<D extends FrequencyDtype = 'float64'>(
    n: number,
    options: FrequencyOptions<D> = {},
  ): ChunkedArray<D> {
    const { d, chunks, dtype } = frequencyArguments('fft.rfftfreq', n, options, arguments)
    const index = arange(Math.floor(n / 2) + 1, { chunks })
    return index.mul(1 / (n * d)).astype(dtype as D)
  },

  /** Moves the frequency 0 to the middle of each axis, or of the axes given. */
  fftshift<A extends AnyArray>(x: A, options: ShiftOptions = {}): ChunkedArray<A['dtype']> {
    checkArguments('fft.fftshift', arguments, 2, 'da.fft.fftshift(x, { axes })')
    return shifted('fft.fftshift', x, options, (size) => Math.floor(size / 2))
  },

  /** Undoes `fftshift`. */
  ifftshift<A extends AnyArray>(x: A, options: ShiftOptions = {}): ChunkedArray<A['dtype']> {
    checkArguments('fft.ifftshift', arguments, 2, 'da.fft.ifftshift(x, { axes })')
    return shifted('fft.ifftshift', x, options, (size) => -Math.floor(size / 2))
  },
} as const

/** The dtypes of frequencies. */
export type FrequencyDtype = 'float32' | 'float64'

/** The options of frequencies. */
export interface FrequencyOptions<D extends FrequencyDtype = FrequencyDtype> {
  /** The spacing of the samples. The default is 1. */
  readonly d?: number | undefined
  /** The chunk sizes. */
  readonly chunks?: ChunksSpec | undefined
  /** The dtype. The default is float64. */
  readonly dtype?: D | undefined
}

/** The options of `fftshift`. */
export interface ShiftOptions {
  /** The axes. The default is all axes. */
  readonly axes?: number | readonly number[] | null | undefined
}

function frequencyArguments(
  operation: string,
  n: unknown,
  options: FrequencyOptions,
  args: ArrayLike<unknown>,
): { readonly d: number; readonly chunks: ChunksSpec | undefined; readonly dtype: FrequencyDtype } {
  checkArguments(operation, args, 2, `da.${operation}(n, { d })`)
  checkOptions(options, ['d', 'chunks', 'dtype'], operation)
  const { d = 1, chunks, dtype = 'float64' } = options
  if (dtype !== 'float32' && dtype !== 'float64') {
    throw new TypeError(
      `${operation}: dtype must be 'float32' or 'float64'; got ${formatArgument(dtype)}`,
    )
  }
  if (!Number.isSafeInteger(n) || (n as number) < 1 || typeof d !== 'number') {
    throw new RangeError(
      `${operation}: expected an integer of 1 or more and a spacing; got ${formatArgument(n)} and ${formatArgument(d)}`,
    )
  }
  return { d, chunks, dtype }
}

function shifted<A extends AnyArray>(
  operation: string,
  x: A,
  options: ShiftOptions,
  shiftOf: (size: number) => number,
): ChunkedArray<A['dtype']> {
  assertArray(x, operation)
  checkOptions(options, ['axes'], operation)
  const axes = normalizeAxes(options.axes, x.chunks.length, operation)
  assertKnown(x.chunks, operation, axes)
  const shifts = axes.map((axis) => shiftOf(x.chunks[axis]!.reduce((a, b) => a + b, 0)))
  return new ChunkedArray(rollLayer(x, shifts, axes))
}
