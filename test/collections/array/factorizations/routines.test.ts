/** Factorizations of single matrices, by LAPACK and in JavaScript: factors multiply to the matrix. */
import { describe, expect, test } from 'vitest'
import { type BlasDtype, findBlas } from '../../../../collections/array/blas/blas-library.js'
import {
  type ColumnMatrix,
  copyColumns,
  toBlock,
  toColumns,
  triangleOf,
} from '../../../../collections/array/blas/column-matrix.js'
import { lapackRoutines } from '../../../../collections/array/blas/lapack-routines.js'
import type { MatrixRoutines } from '../../../../collections/array/blas/matrix-routines.js'
import { isComplex } from '../../../../collections/array/block/dtype.js'
import { NDArray } from '../../../../collections/array/block/ndarray.js'
import {
  identityColumns,
  ownRoutines,
} from '../../../../collections/array/factorizations/routines.js'

type Value = { re: number; im: number }

/** Numbers from -1 to 1 that look random. */
function scrambled(count: number, seed: number): Float64Array {
  let state = seed
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state / 2 ** 31
  })
}

function matrix(dtype: BlasDtype, rows: number, columns: number, seed = 1): ColumnMatrix {
  const out = identityColumns(dtype, rows, columns)
  out.data.set(scrambled(out.data.length, seed))
  return out
}

const copy = (a: ColumnMatrix) => copyColumns(a, 0, a.columns)

function at(a: ColumnMatrix, i: number, j: number): Value {
  const value = toBlock(a).item(i, j) as number | Value
  return typeof value === 'number' ? { re: value, im: 0 } : value
}

/** The naive product, of the conjugate transpose of `a` if `adjoint` says so. */
function times(a: ColumnMatrix, b: ColumnMatrix, adjoint = false): ColumnMatrix {
  const rows = adjoint ? a.columns : a.rows
  const depth = adjoint ? a.rows : a.columns
  const out = identityColumns(a.dtype, rows, b.columns)
  const width = isComplex(a.dtype) ? 2 : 1
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < b.columns; j++) {
      const sum = { re: 0, im: 0 }
      for (let k = 0; k < depth; k++) {
        const x = adjoint ? at(a, k, i) : at(a, i, k)
        const im = adjoint ? -x.im : x.im
        const y = at(b, k, j)
        sum.re += x.re * y.re - im * y.im
        sum.im += x.re * y.im + im * y.re
      }
      out.data[(j * rows + i) * width] = sum.re
      if (width === 2) out.data[(j * rows + i) * 2 + 1] = sum.im
    }
  }
  return out
}

function expectClose(a: ColumnMatrix, b: ColumnMatrix, single = 2e-5): void {
  expect([a.rows, a.columns]).toEqual([b.rows, b.columns])
  const tolerance = a.data instanceof Float32Array ? single : 1e-12
  let worst = 0
  for (let i = 0; i < a.data.length; i++) worst = Math.max(worst, Math.abs(a.data[i]! - b.data[i]!))
  expect(worst).toBeLessThan(tolerance)
}

/** The matrix with column `j` multiplied by `s[j]`. */
function scaled(a: ColumnMatrix, s: ArrayLike<number>): ColumnMatrix {
  const out = copyColumns(a, 0, s.length)
  const height = out.data.length / s.length
  out.data.forEach((v, i) => {
    out.data[i] = v * s[Math.floor(i / height)]!
  })
  return out
}

const blas = findBlas()
const providers: [string, ((dtype: BlasDtype) => MatrixRoutines) | undefined][] = [
  ['own loops', ownRoutines],
  ['LAPACK', blas && ((dtype) => lapackRoutines(blas, dtype))],
]
const dtypes = ['float32', 'float64', 'complex64', 'complex128'] as const
const shapes = [
  [1, 1],
  [5, 5],
  [9, 4],
  [4, 9],
  [33, 17],
] as const

describe.each(providers)('%s', (_, provide) => {
  describe.skipIf(provide === undefined).each(dtypes)('%s', (dtype) => {
    const routines = provide?.(dtype) as MatrixRoutines

    test.each(shapes)('LU of %i by %i', (m, n) => {
      const a = matrix(dtype, m, n)
      const factors = copy(a)
      const { pivots, zeroAt } = routines.lu(factors)
      expect(zeroAt).toBe(-1)
      const least = Math.min(m, n)
      const product = times(
        triangleOf(factors, 'lower', m, least, true),
        triangleOf(factors, 'upper', least, n),
      )
      // The swaps, undone from the last.
      const width = isComplex(dtype) ? 2 : 1
      for (let k = least - 1; k >= 0; k--) {
        for (let j = 0; j < n; j++) {
          for (let part = 0; part < width; part++) {
            const [p, q] = [k, pivots[k]!].map((i) => (j * m + i) * width + part) as [
              number,
              number,
            ]
            const value = product.data[p]!
            product.data[p] = product.data[q]!
            product.data[q] = value
          }
        }
      }
      expectClose(product, a)
    })

    test.each(shapes)('QR of %i by %i', (m, n) => {
      const a = matrix(dtype, m, n)
      const factors = copy(a)
      const tau = routines.qr(factors)
      const least = Math.min(m, n)
      const r = triangleOf(factors, 'upper', least, n)
      const q = copyColumns(factors, 0, least)
      routines.formQ(q, tau, least)
      expectClose(times(q, r), a)
      expectClose(times(q, q, true), identityColumns(dtype, least, least))
    })

    test.each(shapes)('SVD of %i by %i', (m, n) => {
      const a = matrix(dtype, m, n)
      for (const full of [false, true]) {
        const { u, s, vh } = routines.svd(copy(a), full)
        expect(Array.from(s)).toEqual(Array.from(s).sort((x, y) => y - x))
        expect([u.columns, vh.rows]).toEqual(full ? [m, n] : [Math.min(m, n), Math.min(m, n)])
        expectClose(times(u, u, true), identityColumns(dtype, u.columns, u.columns))
        const least = toColumns(
          toBlock(vh).slice([
            { start: 0, step: 1, size: s.length },
            { start: 0, step: 1, size: n },
          ]),
        )
        expectClose(times(scaled(u, s), least), a)
        const values = routines.svdvals(copy(a))
        values.forEach((v, i) => {
          expect(v).toBeCloseTo(s[i]!, 4)
        })
      }
    })

    test('SVD of matrices without full rank', () => {
      for (const a of [
        identityColumns(dtype, 6, 3),
        times(matrix(dtype, 7, 1), matrix(dtype, 1, 4)),
      ]) {
        const { u, s, vh } = routines.svd(copy(a), false)
        expectClose(times(u, u, true), identityColumns(dtype, u.columns, u.columns))
        expectClose(times(scaled(u, s), vh), a)
      }
      const zero = matrix(dtype, 4, 3)
      zero.data.fill(0)
      const { u, s } = routines.svd(copy(zero), false)
      expect(Array.from(s)).toEqual([0, 0, 0])
      expectClose(times(u, u, true), identityColumns(dtype, 3, 3))
    })

    test.each([1, 2, 5, 24])('eigenvalues of a Hermitian matrix of %i', (n) => {
      const b = matrix(dtype, n, n)
      const a = times(b, b, true)
      const vectors = copy(a)
      const values = routines.eigh(vectors, true)
      expect(Array.from(values)).toEqual(Array.from(values).sort((x, y) => x - y))
      expectClose(times(vectors, vectors, true), identityColumns(dtype, n, n))
      expectClose(times(a, vectors), scaled(vectors, values))
      const alone = routines.eigh(copy(a), false)
      alone.forEach((v, i) => {
        expect(v).toBeCloseTo(values[i]!, 4)
      })
    })

    const complexOf = (a: ColumnMatrix): ColumnMatrix => {
      if (isComplex(dtype)) return a
      const as = dtype === 'float32' ? 'complex64' : 'complex128'
      const out = identityColumns(as, a.rows, a.columns)
      a.data.forEach((v, i) => {
        out.data[2 * i] = v
        out.data[2 * i + 1] = 0
      })
      return out
    }

    /** Checks that the vectors have length 1, and that the matrix multiplies each by its value. */
    function expectEigenpairs(a: ColumnMatrix): void {
      const { values, vectors } = routines.eig(copy(a), true)
      const n = a.rows
      const product = times(complexOf(a), vectors!)
      const expected = copy(vectors!)
      for (let k = 0; k < n * n; k++) {
        const [re, im] = [vectors!.data[2 * k]!, vectors!.data[2 * k + 1]!]
        const [a, b] = [values[2 * Math.floor(k / n)]!, values[2 * Math.floor(k / n) + 1]!]
        expected.data[2 * k] = re * a - im * b
        expected.data[2 * k + 1] = re * b + im * a
      }
      expectClose(product, expected, 1e-4)
      const lengths = times(vectors!, vectors!, true)
      for (let k = 0; k < n; k++) expect(at(lengths, k, k).re).toBeCloseTo(1, 5)
      const alone = routines.eig(copy(a), false)
      expect(alone.vectors).toBe(undefined)
      alone.values.forEach((v, i) => {
        expect(v).toBeCloseTo(values[i]!, 3)
      })
    }

    test.each([0, 1, 2, 3, 5, 24])('eigenvalues of a matrix of %i', (n) => {
      expectEigenpairs(matrix(dtype, n, n))
    })

    test('eigenvalues of a triangular, a zero, a permutation and a badly scaled matrix', () => {
      const part = isComplex(dtype) ? 2 : 1
      const from = (rows: readonly (readonly number[])[]) => {
        const out = identityColumns(dtype, rows.length, rows.length)
        rows.forEach((row, i) => {
          row.forEach((v, j) => {
            out.data[(j * rows.length + i) * part] = v
          })
        })
        return out
      }
      const triangular = from([
        [1, 2, 3],
        [0, 1, 4],
        [0, 0, 2],
      ])
      expectEigenpairs(triangular)
      expectEigenpairs(
        from(
          Array.from({ length: 30 }, (_, i) =>
            Array.from({ length: 30 }, (_, j) => Number(j === i + 1)),
          ),
        ),
      )
      expectEigenpairs(
        from([
          [0, 0],
          [0, 0],
        ]),
      )
      expectEigenpairs(
        from([
          [1, 1e-3],
          [1e3, 1],
        ]),
      )
      const cycle = from([
        [0, 0, 0, 1],
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ])
      expectEigenpairs(cycle)
      // The fourth roots of 1.
      const { values } = routines.eig(copy(cycle), false)
      const roots = [0, 1, 2, 3].map((k) => {
        const near = (v: number) => Math.round(v * 1e4) / 1e4 + 0
        return `${near(values[2 * k]!)} ${near(values[2 * k + 1]!)}`
      })
      expect(roots.sort()).toEqual(['-1 0', '0 -1', '0 1', '1 0'])
    })

    test('eigenvalues of NaN fail', () => {
      const a = matrix(dtype, 4, 4)
      a.data[0] = NaN
      expect(() => routines.eig(a, true)).toThrow(/eig: did not converge/)
    })

    test('Cholesky, and triangular systems', () => {
      const n = 11
      const b = matrix(dtype, n, n)
      const a = times(b, b, true)
      for (let k = 0; k < n; k++) a.data[(k * n + k) * (isComplex(dtype) ? 2 : 1)]! += 1
      const factor = copy(a)
      expect(routines.cholesky(factor)).toBe(-1)
      const l = triangleOf(factor, 'lower', n, n)
      const x = matrix(dtype, n, 3, 5)
      const right = times(a, x)
      routines.solveTriangular(l, right, { lower: true })
      routines.solveTriangular(l, right, { lower: true, adjoint: true })
      const tolerance = l.data instanceof Float32Array ? 1e-3 : 1e-10
      right.data.forEach((v, i) => {
        expect(Math.abs(v - x.data[i]!)).toBeLessThan(tolerance)
      })
      const unit = triangleOf(factor, 'upper', n, n, true)
      const y = times(unit, x)
      routines.solveTriangular(factor, y, { lower: false, unit: true })
      expectClose(y, x, 1e-3)
      const indefinite = copy(a)
      indefinite.data[(4 * n + 4) * (isComplex(dtype) ? 2 : 1)] = -1
      expect(routines.cholesky(indefinite)).toBe(4)
    })

    test('a singular matrix is reported', () => {
      const a = matrix(dtype, 3, 3)
      a.data.fill(1)
      expect(routines.lu(a).zeroAt).toBe(1)
    })
  })
})

test.skipIf(blas === undefined)('R has the signs of LAPACK', () => {
  for (const dtype of ['float64', 'complex128'] as const) {
    const a = matrix(dtype, 6, 6, 3)
    const [own, other] = [copy(a), copy(a)]
    ownRoutines(dtype).qr(own)
    lapackRoutines(blas!, dtype).qr(other)
    expectClose(own, other)
  }
})

test('blocks of any strides become column-major', () => {
  const block = new NDArray('float64', scrambled(20 * 7, 2), [20, 7])
  for (const part of [block, block.transpose()]) {
    expect(toBlock(toColumns(part)).toArray()).toEqual(part.toArray())
  }
})
