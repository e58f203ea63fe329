/**
 * Steps of Fourier transforms along one axis of a block.
 */
import { operations } from '../../../core/base/operations.js'
import { type Dtype, isComplex } from '../block/dtype.js'
import type { NDArray } from '../block/ndarray.js'
import { borrowChunk } from '../expressions/borrowed-memory.js'
import { astype, type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import { fftPlan } from '../kernels/fft-kernel.js'
import { RealFft } from '../kernels/real-fft-kernel.js'

/** A transform along an axis. */
export interface FftSpec {
  readonly axis: number
  /** The length that the axis is cut or padded to. */
  readonly n: number
  /** The sign of the exponent. */
  readonly sign: 1 | -1
  readonly scale: number
  /** `half` keeps the first half of the result, `real` its real part; input is half a Hermitian sequence for `real`. */
  readonly kind: 'complex' | 'half' | 'real'
  readonly dtype: Dtype
}

/** Transforms a block along an axis. */
export function fftStep(block: NDArray | LazyChunk, spec: FftSpec): LazyChunk {
  const { axis, n, sign, scale, kind, dtype } = spec
  const own = toChunk(block)
  const source = toChunk(astype(own, isComplex(own.dtype) ? 'complex128' : 'float64')).contiguous()
  const inner = source.shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  const outer = source.shape.slice(0, axis).reduce((a, b) => a * b, 1)
  const length = source.shape[axis]!
  const size = kind === 'half' ? Math.floor(n / 2) + 1 : n
  const shape = source.shape.map((s, a) => (a === axis ? size : s))
  const result = borrowChunk(kind === 'real' ? 'float64' : 'complex128', shape)
  const width = kind === 'real' ? 1 : 2
  if (!isComplex(source.dtype) && kind !== 'real' && n % 2 === 0) {
    const real = new RealFft(n, sign, inner)
    const data = source.data as Float64Array
    const target = { data: result.data as Float64Array, size, scale }
    for (let o = 0; o < outer; o++) {
      const lines = data.subarray(o * length * inner, (o + 1) * length * inner)
      real.run(lines, { ...target, at: 2 * o * size * inner })
    }
    return astype(lazy(result), dtype)
  }
  const plan = fftPlan(n, sign)
  const work = new Float64Array(2 * n * inner)
  const other = new Float64Array(2 * n * inner)
  const read = { data: source.data as Float64Array, length, inner, n }
  for (let o = 0; o < outer; o++) {
    if (isComplex(source.dtype)) readComplex(work, read, o, kind === 'real')
    else readReal(work, read, o)
    const done = plan.run(work, other, inner)
    const at = o * size * inner * width
    const target = result.data as Float64Array
    const count = size * inner * width
    if (width === 2) for (let i = 0; i < count; i++) target[at + i] = done[i]! * scale
    else for (let i = 0; i < count; i++) target[at + i] = done[2 * i]! * scale
  }
  return astype(lazy(result), dtype)
}

interface Lines {
  readonly data: Float64Array
  readonly length: number
  readonly inner: number
  readonly n: number
}

function readReal(work: Float64Array, { data, length, inner, n }: Lines, o: number): void {
  const count = Math.min(length, n) * inner
  const from = o * length * inner
  for (let i = 0; i < count; i++) {
    work[2 * i] = data[from + i]!
    work[2 * i + 1] = 0
  }
  work.fill(0, 2 * count)
}

/** Copies lines; of half a Hermitian sequence, the other half is filled in. */
function readComplex(
  work: Float64Array,
  { data, length, inner, n }: Lines,
  o: number,
  hermitian: boolean,
): void {
  const half = hermitian ? Math.floor(n / 2) + 1 : n
  const count = Math.min(length, half) * inner * 2
  const from = o * length * inner * 2
  work.set(data.subarray(from, from + count))
  work.fill(0, count)
  if (!hermitian) return
  for (let q = 0; q < inner; q++) {
    work[2 * q + 1] = 0
    if (n % 2 === 0) work[2 * ((n / 2) * inner + q) + 1] = 0
  }
  for (let k = Math.floor(n / 2) + 1; k < n; k++) {
    for (let q = 0; q < inner; q++) {
      const at = 2 * (k * inner + q)
      const mirrored = 2 * ((n - k) * inner + q)
      work[at] = work[mirrored]!
      work[at + 1] = -work[mirrored + 1]!
    }
  }
}

operations('collections/array/steps/fft-steps', { fftStep })
