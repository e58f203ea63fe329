/**
 * Discrete Fourier transforms of real numbers of an even length: neighbours are taken as one complex number, and the
 * transform of half the length is split into those of the even and the odd elements. H. V. Sorensen et al., "Real-valued
 * fast Fourier transform algorithms", IEEE Transactions on Acoustics, Speech, and Signal Processing 35 (1987).
 */
import { type FftPlan, fftPlan, rootsOf } from './fft-kernel.js'

/** Where the results of some interleaved lines are written: `size` of each, times `scale`. */
export interface SpectrumTarget {
  readonly data: Float64Array
  readonly at: number
  readonly size: number
  readonly scale: number
}

/** Transforms real lines of one even length. */
export class RealFft {
  private readonly half: number
  private readonly plan: FftPlan
  private readonly roots: Float64Array
  private readonly work: Float64Array
  private readonly other: Float64Array
  private readonly inner: number

  constructor(n: number, sign: 1 | -1, inner: number) {
    this.half = n / 2
    this.plan = fftPlan(this.half, sign)
    this.roots = rootsOf(n, sign)
    this.work = new Float64Array(n * inner)
    this.other = new Float64Array(n * inner)
    this.inner = inner
  }

  /** Transforms interleaved lines of numbers, which are followed by zeros; more than `n` are ignored. */
  run(lines: Float64Array, target: SpectrumTarget): void {
    this.pack(lines)
    this.split(this.plan.run(this.work, this.other, this.inner), target)
  }

  private pack(lines: Float64Array): void {
    const { work, inner } = this
    const used = lines.subarray(0, work.length)
    if (used.length < work.length) work.fill(0)
    if (inner === 1) {
      work.set(used)
      return
    }
    for (let k = 0, at = 0; at < used.length; k++, at += inner) {
      const to = (k >> 1) * 2 * inner + (k & 1)
      for (let q = 0; q < inner; q++) work[to + 2 * q] = used[at + q]!
    }
  }

  private split(spectrum: Float64Array, target: SpectrumTarget): void {
    for (let q = 0; q < this.inner; q++) this.splitLine(spectrum, target, q)
  }

  private splitLine(spectrum: Float64Array, { data, at, size, scale }: SpectrumTarget, q: number) {
    const { half, roots } = this
    const step = 2 * this.inner
    const first = at + 2 * q
    const by = scale / 2
    const isWhole = size > half + 1
    for (let k = 0; k <= half; k++) {
      const wr = roots[2 * k]!
      const wi = roots[2 * k + 1]!
      const near = 2 * q + (k === half ? 0 : step * k)
      const far = 2 * q + (k === 0 ? 0 : step * (half - k))
      const ar = spectrum[near]!
      const ai = spectrum[near + 1]!
      const br = spectrum[far]!
      const bi = spectrum[far + 1]!
      const oddR = ai + bi
      const oddI = br - ar
      const re = (ar + br + (wr * oddR - wi * oddI)) * by
      const im = (ai - bi + (wr * oddI + wi * oddR)) * by
      const to = first + step * k
      data[to] = re
      data[to + 1] = im
      if (isWhole && k > 0) {
        const back = first + step * (2 * half - k)
        data[back] = re
        data[back + 1] = k === half ? im : -im
      }
    }
  }
}
