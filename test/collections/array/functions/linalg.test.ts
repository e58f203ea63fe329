/** Decompositions of chunked matrices: their factors multiply to the matrix, with BLAS and without. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBlas, setBlas } from '../../../../collections/array/blas/blas-library.js'
import * as da from '../../../../collections/array/index.js'
import { get, list, tasks } from '../array-support.js'

type Lazy = da.ChunkedArray<da.Dtype, unknown>

/** A matrix of numbers that look random, real or complex. */
function matrix(rows: number, columns: number, chunks: [number, number], dtype: da.Dtype): Lazy {
  const x = da
    .arange(rows * columns, { dtype: 'float64' })
    .mul(12.9898)
    .add(1)
    .sin()
    .mul(43758.5453)
  const real = x.sub(x.floor()).sub(0.5).reshape(rows, columns).rechunk(chunks)
  if (!dtype.startsWith('complex')) return real.astype(dtype) as Lazy
  return real.add(real.sin().mul(17).cos().mul({ re: 0, im: 1 })).astype(dtype) as Lazy
}

async function expectClose(a: Lazy, b: Lazy, tolerance: number): Promise<void> {
  expect(a.shape).toEqual(b.shape)
  const distance = (await (a as da.ChunkedArray)
    .sub(b as da.ChunkedArray)
    .abs()
    .max()
    .compute({ get })) as number
  expect(distance).toBeLessThan(tolerance)
}

async function expectOrthonormal(q: Lazy, tolerance: number): Promise<void> {
  const columns = q as da.ChunkedArray
  const product = da.matrixTranspose(columns.conj()).matmul(columns)
  await expectClose(product, da.eye(q.shape[1]!), tolerance)
}

const blas = findBlas()
describe.each([
  ['with BLAS', blas === undefined],
  ['without BLAS', false],
] as const)('decompositions %s', (title, skipped) => {
  beforeAll(() => setBlas(title === 'without BLAS' ? null : undefined))
  afterAll(() => setBlas(undefined))

  const shapes: [number, number, [number, number]][] = [
    [13, 4, [3, 4]],
    [40, 3, [1, 3]],
    [4, 13, [4, 3]],
    [9, 9, [4, 2]],
    [9, 9, [2, 9]],
    [14, 9, [5, 4]],
    [9, 14, [5, 4]],
    [7, 5, [7, 5]],
    [6, 1, [2, 1]],
    [1, 6, [1, 2]],
  ]
  const dtypes = ['float32', 'float64', 'complex64', 'complex128'] as const

  describe.skipIf(skipped).each(dtypes)('of %s', (dtype) => {
    const tolerance = dtype === 'float32' || dtype === 'complex64' ? 1e-4 : 1e-12

    test.each(shapes)('%i by %i in chunks of %j', async (m, n, chunks) => {
      const x = matrix(m, n, chunks, dtype) as da.ChunkedArray
      const least = Math.min(m, n)
      const ways: (readonly [da.ChunkedArray, da.ChunkedArray])[] = [
        da.linalg.qr(x),
        da.linalg.sfqr(x),
      ]
      if (m >= n) ways.push(da.linalg.tsqr(x))
      for (const [q, r] of ways) {
        expect([q.dtype, q.shape, r.shape]).toEqual([dtype, [m, least], [least, n]])
        await expectOrthonormal(q, tolerance)
        await expectClose(q.matmul(r), x, tolerance)
        // Signs depend on the chunks.
        await expectClose(r.abs(), da.linalg.qr(x.rechunk(-1))[1].abs(), tolerance)
      }
      const [u, s, vh] = da.linalg.svd(x)
      expect([u.shape, s.shape, vh.shape]).toEqual([[m, least], [least], [least, n]])
      await expectOrthonormal(u, tolerance)
      await expectOrthonormal(da.matrixTranspose(vh), tolerance)
      await expectClose(u.mul(s).matmul(vh), x, tolerance)
      const sums = (await vh.real.sum(1).compute({ get })) as da.NDArray
      expect(Math.min(...Array.from(sums.data, Number))).toBeGreaterThan(-tolerance)
      await expectClose(da.linalg.svdvals(x), s, tolerance)
    })

    test('of square matrices, by panels', async () => {
      for (const chunks of [
        [4, 3],
        [11, 11],
        [11, 2],
        [3, 11],
      ] as [number, number][]) {
        const x = matrix(11, 11, chunks, dtype) as da.ChunkedArray
        const [p, l, u] = da.linalg.lu(x)
        await expectClose(p.matmul(l).matmul(u), x, tolerance)
        const positive = x.matmul(da.matrixTranspose(x.conj())).add(da.eye(11)) as da.ChunkedArray
        const lower = da.linalg.cholesky(positive, { lower: true })
        await expectClose(lower.matmul(da.matrixTranspose(lower.conj())), positive, tolerance)
        await expectClose(da.linalg.cholesky(positive), da.matrixTranspose(lower.conj()), tolerance)
        const b = matrix(11, 5, [2, 3], dtype) as da.ChunkedArray
        for (const assumeA of ['gen', 'pos'] as const) {
          const solution = da.linalg.solve(positive, b, { assumeA })
          expect(solution.chunks).toEqual(b.chunks)
          await expectClose(positive.matmul(solution), b, tolerance * 10)
        }
        const [values, vectors] = da.linalg.eigh(positive)
        await expectOrthonormal(vectors, tolerance)
        await expectClose(positive.matmul(vectors), vectors.mul(values), tolerance * 50)
        const [any, pairs] = da.linalg.eig(x)
        expect(any.dtype).toBe(/^(float32|complex64)$/.test(x.dtype) ? 'complex64' : 'complex128')
        await expectClose(x.matmul(pairs), pairs.mul(any), tolerance * 50)
        await expectClose(da.linalg.eigvals(x).sum(), da.trace(x), tolerance * 50)
      }
    })
  })

  test.skipIf(skipped)('of singular matrices fail when they are computed', async () => {
    const x = da.ones([6, 6], { chunks: [2, 3] })
    await expect(da.linalg.inv(x).compute({ get })).rejects.toThrow(/inv: the matrix is singular/)
    await expect(da.linalg.solve(x, da.ones(6)).compute({ get })).rejects.toThrow(
      /solve: the matrix is singular/,
    )
    await expect(da.linalg.cholesky(x.neg()).compute({ get })).rejects.toThrow(
      /not positive definite/,
    )
    expect(await list(da.linalg.det(x))).toBe(0)
    expect(await list(da.linalg.slogdet(x)[1])).toBe(-Infinity)
    const nan = da.full([4, 4], NaN)
    await expect(da.linalg.svdvals(nan).compute({ get })).rejects.toThrow(/svd: did not converge/)
  })

  test.skipIf(skipped)('finds the largest singular values by random products', async () => {
    const x = matrix(60, 4, [20, 4], 'float64').matmul(
      matrix(4, 50, [4, 25], 'float64'),
    ) as da.ChunkedArray
    for (const iterator of ['power', 'QR'] as const) {
      const [u, s, vh] = da.linalg.svdCompressed(x, 4, { seed: 1, iterator, nPowerIter: 1 })
      expect([u.shape, s.shape, vh.shape]).toEqual([[60, 4], [4], [4, 50]])
      await expectClose(u.mul(s).matmul(vh), x, 1e-10)
      await expectClose(s, da.linalg.svdvals(x).at(':4'), 1e-10)
    }
  })

  test.skipIf(skipped)('take complete bases', async () => {
    const x = matrix(6, 4, [2, 4], 'complex128') as da.ChunkedArray
    const [q, r] = da.linalg.qr(x, { mode: 'complete' })
    expect([q.shape, r.shape]).toEqual([
      [6, 6],
      [6, 4],
    ])
    await expectOrthonormal(q, 1e-12)
    await expectClose(q.matmul(r), x, 1e-12)
    const [u, s, vh] = da.linalg.svd(x, { fullMatrices: true })
    expect([u.shape, s.shape, vh.shape]).toEqual([[6, 6], [4], [4, 4]])
    await expectOrthonormal(u, 1e-12)
    await expectClose(u.at(':', ':4').mul(s).matmul(vh), x, 1e-12)
  })
})

describe('graphs', () => {
  test('a tall matrix is decomposed by chunks, and Q is formed only where it is used', () => {
    const x = da.ones([400, 2], { chunks: [10, 2] })
    const [q, r] = da.linalg.qr(x)
    expect(tasks(r)[0]).toMatch(/ 40$/)
    expect(tasks(r).map((task) => task.split(' ')[0])).not.toContain('qr-q')
    expect(tasks(q).map((task) => task.split(' ')[0])).toContain('qr-q')
  })
})

describe('refusals', () => {
  const x = da.ones([3, 4])
  test.each([
    [() => da.linalg.inv(x), /inv: the matrices must be square; got shape \[3,4\]/],
    [
      () => da.linalg.qr(da.ones(3)),
      /qr: expected a matrix, or a stack of matrices; got an array of shape \[3\]/,
    ],
    [
      () => da.linalg.qr(x, { mode: 'raw' as never }),
      /mode must be 'reduced' or 'complete'; got "raw"/,
    ],
    [() => da.linalg.svd(x, { full: true } as never), /full/],
    [() => da.linalg.norm(x, { ord: 5 }), /1, -1, 2, -2, Infinity/],
    [
      () => da.linalg.norm(da.ones([2, 2, 2]), { ord: 2 }),
      /one axis for vectors or two for matrices/,
    ],
    [() => da.linalg.solve(da.ones([3, 3]), da.ones(4)), /\[3,3\] and \[4\] do not fit/],
    [() => da.linalg.cholesky(da.ones([3, 3]), { lower: true, upper: true }), /contradict/],
    [() => da.linalg.svdCompressed(x, 9), /from 1 to 3; got 9/],
    [() => da.linalg.matrixPower(da.ones([2, 2]), 0.5), /exponent must be an integer; got 0.5/],
    [() => da.linalg.lstsq(da.ones([2, 2, 2]), da.ones(2)), /shapes \[2,2,2\] and \[2\]/],
    [() => da.tensordot(x, x, { axes: [[0], [1]] }), /of equal sizes/],
    [() => da.einsum('ij,jk', x), /has 2 operands; 1 arrays are given/],
    [() => da.einsum('i.j', x), /dot/],
    [() => da.cross(x, x), /must have size 3/],
    [() => da.linalg.eigh(da.ones([2, 2]), { uplo: 'X' as never }), /'L' or 'U'/],
  ])('%# %s', (call, message) => {
    expect(call).toThrow(message)
  })
})
