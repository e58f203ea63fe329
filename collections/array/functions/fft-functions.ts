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

function along<A>(name: FftName, x: unknown, options: FftOptions, args: ArrayLike<unknown>): A {
  const operation = `fft.${name}`
  checkArguments(operation, args, 2, `da.${operation}(x, { n, axis, norm })`)
  checkOptions(options, ['n', 'axis', 'norm'], operation)
  return new ChunkedArray(fftLayer(name, x, options, operation)) as A
}

function over<A>(
  name: 'fft' | 'ifft' | 'rfft' | 'irfft',
  suffix: '2' | 'n',
  x: unknown,
  options: FftAxesOptions,
  args: ArrayLike<unknown>,
): A {
  const operation = `fft.${name}${suffix}`
  checkArguments(operation, args, 2, `da.${operation}(x, { s, axes, norm })`)
  checkOptions(options, ['s', 'axes', 'norm'], operation)
  const axes = suffix === '2' ? [-2, -1] : undefined
  return new ChunkedArray(fftAxesLayer(name, x, options, axes, operation)) as A
}

/**
 * Discrete Fourier transforms along the last axis, or along the option `axis`, which is rechunked to one chunk. The option
 * `n` cuts the axis or pads it with zeros, and `norm` (`'backward'`, `'ortho'`, `'forward'`) says how results are scaled.
 * @example da.fft.fft(x, { axis: 0, norm: 'ortho' })
 */
export const fft = {
  /** Returns the discrete Fourier transform. */
  fft<A extends AnyArray>(x: A, options: FftOptions = {}): ChunkedArray<SpectrumDtype<A['dtype']>> {
    return along('fft', x, options, arguments)
  },

  /** Returns the inverse of `fft`. */
  ifft<A extends AnyArray>(
    x: A,
    options: FftOptions = {},
  ): ChunkedArray<SpectrumDtype<A['dtype']>> {
    return along('ifft', x, options, arguments)
  },

  /** Returns the transform of real numbers: the first half, from which the other follows. */
  rfft<A extends AnyArray>(
    x: A,
    options: FftOptions = {},
  ): ChunkedArray<SpectrumDtype<A['dtype']>> {
    return along('rfft', x, options, arguments)
  },

  /** Returns the inverse of `rfft`; give `n` for an odd length. */
  irfft<A extends AnyArray>(x: A, options: FftOptions = {}): ChunkedArray<SignalDtype<A['dtype']>> {
    return along('irfft', x, options, arguments)
  },

  /** Returns the transform of half a Hermitian sequence, which is real. */
  hfft<A extends AnyArray>(x: A, options: FftOptions = {}): ChunkedArray<SignalDtype<A['dtype']>> {
    return along('hfft', x, options, arguments)
  },

  /** Returns the inverse of `hfft`. */
  ihfft<A extends AnyArray>(
    x: A,
    options: FftOptions = {},
  ): ChunkedArray<SpectrumDtype<A['dtype']>> {
    return along('ihfft', x, options, arguments)
  },

  /** Returns the discrete Fourier transform, along the last two axes or those given. */
  fft2<A extends AnyArray>(
    x: A,
    options: FftAxesOptions = {},
  ): ChunkedArray<SpectrumDtype<A['dtype']>> {
    return over('fft', '2', x, options, arguments)
  },

  /** Returns the inverse of `fft2`, along the last two axes or those given. */
  ifft2<A extends AnyArray>(
    x: A,
    options: FftAxesOptions = {},
  ): ChunkedArray<SpectrumDtype<A['dtype']>> {
    return over('ifft', '2', x, options, arguments)
  },

  /** Returns the transform of real numbers, along the last two axes or those given. */
  rfft2<A extends AnyArray>(
    x: A,
    options: FftAxesOptions = {},
  ): ChunkedArray<SpectrumDtype<A['dtype']>> {
    return over('rfft', '2', x, options, arguments)
  },

  /** Returns the inverse of `rfft2`, along the last two axes or those given. */
  irfft2<A extends AnyArray>(
    x: A,
    options: FftAxesOptions = {},
  ): ChunkedArray<SignalDtype<A['dtype']>> {
    return over('irfft', '2', x, options, arguments)
  },

  /** Returns the discrete Fourier transform, along all axes or those given. */
  fftn<A extends AnyArray>(
    x: A,
    options: FftAxesOptions = {},
  ): ChunkedArray<SpectrumDtype<A['dtype']>> {
    return over('fft', 'n', x, options, arguments)
  },

  /** Returns the inverse of `fftn`, along all axes or those given. */
  ifftn<A extends AnyArray>(
    x: A,
    options: FftAxesOptions = {},
  ): ChunkedArray<SpectrumDtype<A['dtype']>> {
    return over('ifft', 'n', x, options, arguments)
  },

  /** Returns the transform of real numbers, along all axes or those given. */
  rfftn<A extends AnyArray>(
    x: A,
    options: FftAxesOptions = {},
  ): ChunkedArray<SpectrumDtype<A['dtype']>> {
    return over('rfft', 'n', x, options, arguments)
  },

  /** Returns the inverse of `rfftn`, along all axes or those given. */
  irfftn<A extends AnyArray>(
    x: A,
    options: FftAxesOptions = {},
  ): ChunkedArray<SignalDtype<A['dtype']>> {
    return over('irfft', 'n', x, options, arguments)
  },

  /** Makes the frequencies of the results of `fft`, in cycles per unit of the spacing `d` (1). */
  fftfreq(n: number, options: FrequencyOptions = {}): ChunkedArray<'float64'> {
    const { d, chunks } = frequencyArguments('fft.fftfreq', n, options, arguments)
    const index = arange(n, { chunks })
    return index.sub(index.ge(Math.ceil(n / 2)).mul(n)).mul(1 / (n * d)) as ChunkedArray<'float64'>
  },

  /** Makes the frequencies of the results of `rfft`, in cycles per unit of the spacing `d` (1). */
  rfftfreq(n: number, options: FrequencyOptions = {}): ChunkedArray<'float64'> {
    const { d, chunks } = frequencyArguments('fft.rfftfreq', n, options, arguments)
    return arange(Math.floor(n / 2) + 1, { chunks }).mul(1 / (n * d)) as ChunkedArray<'float64'>
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

/** The options of frequencies. */
export interface FrequencyOptions {
  /** The spacing of the samples. The default is 1. */
  readonly d?: number | undefined
  /** The chunk sizes. */
  readonly chunks?: ChunksSpec | undefined
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
): { readonly d: number; readonly chunks: ChunksSpec | undefined } {
  checkArguments(operation, args, 2, `da.${operation}(n, { d })`)
  checkOptions(options, ['d', 'chunks'], operation)
  const { d = 1, chunks } = options
  if (!Number.isSafeInteger(n) || (n as number) < 1 || typeof d !== 'number') {
    throw new RangeError(
      `${operation}: expected an integer of 1 or more and a spacing; got ${formatArgument(n)} and ${formatArgument(d)}`,
    )
  }
  return { d, chunks }
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
