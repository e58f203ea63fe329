/**
 * Discrete Fourier transforms of complex numbers, of any length: by Stockham's algorithm in radices up to 31, Stockham,
 * "High-speed convolution and correlation" (1966), else by Bluestein's, "A linear filtering approach to the computation of
 * the discrete Fourier transform" (1970). Real and imaginary parts take turns.
 */

/** The largest prime factor of lengths that are transformed directly. */
const LARGEST_RADIX = 31

/** Transforms `inner` interleaved lines of some length; the sign of the exponent is that of the plan. */
export interface FftPlan {
  /** Transforms the numbers in `data`, and returns the array that holds the result: `data` or `other`. */
  run(data: Float64Array, other: Float64Array, inner: number): Float64Array
}

const plans = new Map<string, FftPlan>()

/** Returns the plan for a length; `sign` is -1 for the transform and 1 for its inverse, which is not scaled. */
export function fftPlan(n: number, sign: 1 | -1): FftPlan {
  const name = `${n} ${sign}`
  let plan = plans.get(name)
  if (plan === undefined) {
    const radices = radicesOf(n)
    const direct = radices.every((radix) => radix <= LARGEST_RADIX)
    plan = direct ? stockham(n, radices, sign) : bluestein(n, sign)
    if (plans.size >= 16) plans.delete(plans.keys().next().value as string)
    plans.set(name, plan)
  }
  return plan
}

/** Returns factors of a length: fours first, then primes. */
function radicesOf(n: number): number[] {
  const radices: number[] = []
  let rest = n
  while (rest % 4 === 0) {
    radices.push(4)
    rest /= 4
  }
  for (let p = 2; p * p <= rest; p++) {
    while (rest % p === 0) {
      radices.push(p)
      rest /= p
    }
  }
  if (rest > 1) radices.push(rest)
  return radices
}

/** Returns the powers of `exp(sign * 2πi / n)`. */
export function rootsOf(n: number, sign: 1 | -1): Float64Array {
  const roots = new Float64Array(2 * n)
  for (let k = 0; k < n; k++) {
    // Angles up to an eighth of a turn are exact enough; others are mirrored.
    const eighth = (8 * k) / n
    const octant = Math.floor(eighth)
    const mirrored = octant % 2 === 1
    const turns = mirrored ? (octant + 1) * n - 8 * k : 8 * k - octant * n
    const angle = (turns / n) * (Math.PI / 4)
    const [c, s] = mirrored
      ? [Math.sin(angle), Math.cos(angle)]
      : [Math.cos(angle), Math.sin(angle)]
    const quarter = octant >> 1
    const re = [c, -s, -c, s][quarter]!
    const im = [s, c, -s, -c][quarter]!
    roots[2 * k] = re
    roots[2 * k + 1] = sign * im
  }
  return roots
}

function stockham(n: number, radices: readonly number[], sign: 1 | -1): FftPlan {
  const roots = rootsOf(n, sign)
  return {
    run(data, other, inner) {
      let from = data
      let to = other
      let length = n
      let stride = inner
      for (const radix of radices) {
        const stage = { from, to, m: length / radix, stride, roots, step: n / length }
        if (radix === 4) radixFour(stage, sign)
        else if (radix === 2) radixTwo(stage)
        else if (radix === 5) radixFive(stage, sign)
        else anyRadix(stage, radix, n)
        length /= radix
        stride *= radix
        const swap = from
        from = to
        to = swap
      }
      return from
    },
  }
}

/** One stage: element `q + stride * (p + m * j)` of `from` is input j of butterfly p of line q. */
interface Stage {
  readonly from: Float64Array
  readonly to: Float64Array
  readonly m: number
  readonly stride: number
  readonly roots: Float64Array
  /** The root of the stage's length is this power of the first root. */
  readonly step: number
}

function radixTwo({ from, to, m, stride, roots, step }: Stage): void {
  const far = 2 * stride * m
  for (let p = 0; p < m; p++) {
    const wr = roots[2 * p * step]!
    const wi = roots[2 * p * step + 1]!
    let a = 2 * stride * p
    let y = 4 * stride * p
    for (let q = 0; q < stride; q++, a += 2, y += 2) {
      const ar = from[a]!
      const ai = from[a + 1]!
      const br = from[a + far]!
      const bi = from[a + far + 1]!
      const dr = ar - br
      const di = ai - bi
      to[y] = ar + br
      to[y + 1] = ai + bi
      to[y + 2 * stride] = dr * wr - di * wi
      to[y + 2 * stride + 1] = dr * wi + di * wr
    }
  }
}

function radixFour({ from, to, m, stride, roots, step }: Stage, sign: 1 | -1): void {
  const far = 2 * stride * m
  const near = 2 * stride
  for (let p = 0; p < m; p++) {
    const at = 2 * p * step
    const w1r = roots[at]!
    const w1i = roots[at + 1]!
    const w2r = roots[2 * at]!
    const w2i = roots[2 * at + 1]!
    const w3r = roots[3 * at]!
    const w3i = roots[3 * at + 1]!
    let a = 2 * stride * p
    let y = 8 * stride * p
    for (let q = 0; q < stride; q++, a += 2, y += 2) {
      const ar = from[a]!
      const ai = from[a + 1]!
      const br = from[a + far]!
      const bi = from[a + far + 1]!
      const cr = from[a + 2 * far]!
      const ci = from[a + 2 * far + 1]!
      const dr = from[a + 3 * far]!
      const di = from[a + 3 * far + 1]!
      const sumR = ar + cr
      const sumI = ai + ci
      const subR = ar - cr
      const subI = ai - ci
      const oddR = br + dr
      const oddI = bi + di
      // The difference of the odd inputs times i, with the sign of the transform.
      const turnR = sign * (di - bi)
      const turnI = sign * (br - dr)
      to[y] = sumR + oddR
      to[y + 1] = sumI + oddI
      const xr = subR + turnR
      const xi = subI + turnI
      to[y + near] = xr * w1r - xi * w1i
      to[y + near + 1] = xr * w1i + xi * w1r
      const zr = sumR - oddR
      const zi = sumI - oddI
      to[y + 2 * near] = zr * w2r - zi * w2i
      to[y + 2 * near + 1] = zr * w2i + zi * w2r
      const vr = subR - turnR
      const vi = subI - turnI
      to[y + 3 * near] = vr * w3r - vi * w3i
      to[y + 3 * near + 1] = vr * w3i + vi * w3r
    }
  }
}

const [C1, S1] = [Math.cos((2 * Math.PI) / 5), Math.sin((2 * Math.PI) / 5)]
const [C2, S2] = [Math.cos((4 * Math.PI) / 5), Math.sin((4 * Math.PI) / 5)]

function radixFive({ from, to, m, stride, roots, step }: Stage, sign: 1 | -1): void {
  const far = 2 * stride * m
  const near = 2 * stride
  const put = (y: number, re: number, im: number, at: number) => {
    to[y] = re * roots[at]! - im * roots[at + 1]!
    to[y + 1] = re * roots[at + 1]! + im * roots[at]!
  }
  for (let p = 0; p < m; p++) {
    const at = 2 * p * step
    let a = near * p
    let y = 5 * near * p
    for (let q = 0; q < stride; q++, a += 2, y += 2) {
      const ar = from[a]!
      const ai = from[a + 1]!
      const br = from[a + far]!
      const bi = from[a + far + 1]!
      const cr = from[a + 2 * far]!
      const ci = from[a + 2 * far + 1]!
      const dr = from[a + 3 * far]!
      const di = from[a + 3 * far + 1]!
      const er = from[a + 4 * far]!
      const ei = from[a + 4 * far + 1]!
      const beR = br + er
      const beI = bi + ei
      const cdR = cr + dr
      const cdI = ci + di
      const subR = br - er
      const subI = bi - ei
      const difR = cr - dr
      const difI = ci - di
      to[y] = ar + beR + cdR
      to[y + 1] = ai + beI + cdI
      const evenR = ar + C1 * beR + C2 * cdR
      const evenI = ai + C1 * beI + C2 * cdI
      const oddR = -sign * (S1 * subI + S2 * difI)
      const oddI = sign * (S1 * subR + S2 * difR)
      const otherR = ar + C2 * beR + C1 * cdR
      const otherI = ai + C2 * beI + C1 * cdI
      const turnR = -sign * (S2 * subI - S1 * difI)
      const turnI = sign * (S2 * subR - S1 * difR)
      put(y + near, evenR + oddR, evenI + oddI, at)
      put(y + 2 * near, otherR + turnR, otherI + turnI, 2 * at)
      put(y + 3 * near, otherR - turnR, otherI - turnI, 3 * at)
      put(y + 4 * near, evenR - oddR, evenI - oddI, 4 * at)
    }
  }
}

function anyRadix({ from, to, m, stride, roots, step }: Stage, radix: number, n: number): void {
  const far = 2 * stride * m
  const turn = n / radix
  for (let p = 0; p < m; p++) {
    for (let k = 0; k < radix; k++) {
      const wr = roots[2 * p * k * step]!
      const wi = roots[2 * p * k * step + 1]!
      let y = 2 * stride * (radix * p + k)
      for (let q = 0; q < stride; q++, y += 2) {
        let a = 2 * (q + stride * p)
        let re = 0
        let im = 0
        for (let j = 0, at = 0; j < radix; j++, a += far) {
          const cr = roots[2 * at * turn]!
          const ci = roots[2 * at * turn + 1]!
          re += from[a]! * cr - from[a + 1]! * ci
          im += from[a]! * ci + from[a + 1]! * cr
          at += k
          if (at >= radix) at -= radix
        }
        to[y] = re * wr - im * wi
        to[y + 1] = re * wi + im * wr
      }
    }
  }
}

/** Makes a convolution of a transform, of a length that is a power of two. */
function bluestein(n: number, sign: 1 | -1): FftPlan {
  let size = 1
  while (size < 2 * n - 1) size *= 2
  const forward = fftPlan(size, -1)
  const inverse = fftPlan(size, 1)
  const roots = rootsOf(2 * n, sign)
  // Element k of the chirp is root k * k, found without large squares.
  const chirp = new Float64Array(2 * n)
  for (let k = 0, square = 0; k < n; k++) {
    chirp[2 * k] = roots[2 * square]!
    chirp[2 * k + 1] = roots[2 * square + 1]!
    square = (square + 2 * k + 1) % (2 * n)
  }
  const first = new Float64Array(2 * size)
  for (let k = 0; k < n; k++) {
    for (const at of k === 0 ? [0] : [k, size - k]) {
      first[2 * at] = chirp[2 * k]!
      first[2 * at + 1] = -chirp[2 * k + 1]!
    }
  }
  const filter = forward.run(first, new Float64Array(2 * size), 1).slice()
  const a = new Float64Array(2 * size)
  const b = new Float64Array(2 * size)
  const multiply = (
    to: Float64Array,
    at: number,
    xr: number,
    xi: number,
    w: Float64Array,
    k: number,
  ) => {
    to[at] = xr * w[k]! - xi * w[k + 1]!
    to[at + 1] = xr * w[k + 1]! + xi * w[k]!
  }
  return {
    run(data, _other, inner) {
      for (let q = 0; q < inner; q++) {
        a.fill(0)
        for (let k = 0; k < n; k++) {
          const at = 2 * (q + inner * k)
          multiply(a, 2 * k, data[at]!, data[at + 1]!, chirp, 2 * k)
        }
        const spectrum = forward.run(a, b, 1)
        for (let k = 0; k < size; k++) {
          multiply(spectrum, 2 * k, spectrum[2 * k]!, spectrum[2 * k + 1]!, filter, 2 * k)
        }
        const product = inverse.run(spectrum, spectrum === a ? b : a, 1)
        for (let k = 0; k < n; k++) {
          const re = product[2 * k]! / size
          multiply(data, 2 * (q + inner * k), re, product[2 * k + 1]! / size, chirp, 2 * k)
        }
      }
      return data
    },
  }
}
