/** Fourier transforms of real lines, beside the sums that define them. */
import { expect, test } from 'vitest'
import { RealFft } from '../../../../collections/array/kernels/real-fft-kernel.js'

/** Returns the transform of line `q` of interleaved lines, followed by zeros. */
function transformOf(lines: Float64Array, inner: number, q: number, n: number, sign: number) {
  const spectrum = new Float64Array(2 * n)
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < Math.min(n, lines.length / inner); j++) {
      const angle = (sign * 2 * Math.PI * ((j * k) % n)) / n
      spectrum[2 * k]! += lines[j * inner + q]! * Math.cos(angle)
      spectrum[2 * k + 1]! += lines[j * inner + q]! * Math.sin(angle)
    }
  }
  return spectrum
}

test.each([2, 4, 6, 10, 14, 24, 62, 74])('lines of length %i, padded or cut', (n) => {
  for (const inner of [1, 3]) {
    for (const sign of [1, -1] as const) {
      const fft = new RealFft(n, sign, inner)
      for (const length of [n + 1, n, n - 1, 1]) {
        const lines = Float64Array.from({ length: length * inner }, (_, i) => Math.cos(i ** 1.3))
        for (const size of [n, n / 2 + 1]) {
          const data = new Float64Array(5 + 2 * size * inner)
          fft.run(lines, { data, at: 5, size, scale: 0.5 })
          for (let q = 0; q < inner; q++) {
            const expected = transformOf(lines, inner, q, n, sign)
            for (let k = 0; k < size; k++) {
              for (const part of [0, 1]) {
                const found = data[5 + 2 * (k * inner + q) + part]!
                expect(Math.abs(found - expected[2 * k + part]! / 2)).toBeLessThan(1e-13)
              }
            }
          }
        }
      }
    }
  }
})
