/**
 * The routines of factorizations by LAPACK. The wrappers pass only matrices that they have measured.
 */
import { complexDtype, isComplex } from '../block/dtype.js'
import { allocate } from '../block/ndarray.js'
import {
  BLAS_LETTERS,
  type BlasData,
  type BlasDtype,
  type BlasLibrary,
  type BlasRoutine,
  blasInteger,
  blasLetter,
  blasNumber,
} from './blas-library.js'
import { type ColumnMatrix, zeroColumns } from './column-matrix.js'
import type { MatrixRoutines } from './matrix-routines.js'

const known = new WeakMap<BlasLibrary, Map<BlasDtype, MatrixRoutines>>()

/** Returns the routines of a library for one dtype. */
export function lapackRoutines(library: BlasLibrary, dtype: BlasDtype): MatrixRoutines {
  let ofLibrary = known.get(library)
  if (ofLibrary === undefined) {
    ofLibrary = new Map()
    known.set(library, ofLibrary)
  }
  let routines = ofLibrary.get(dtype)
  if (routines === undefined) {
    routines = makeRoutines(library, dtype)
    ofLibrary.set(dtype, routines)
  }
  return routines
}

function makeRoutines(library: BlasLibrary, dtype: BlasDtype): MatrixRoutines {
  const complex = isComplex(dtype)
  const part = dtype === 'complex64' || dtype === 'float32' ? 'float32' : 'float64'
  const int = (value: number) => blasInteger(library, value).cell
  const integers = (length: number) =>
    library.wide ? new BigInt64Array(length) : new Int32Array(length)
  const width = ({ rows }: ColumnMatrix) => int(Math.max(1, rows))
  /** Returns a function that calls a routine, loading it at the first call. */
  const routine = (name: string, count: number, strings = 0): BlasRoutine => {
    let loaded: BlasRoutine | undefined
    return (...args) => {
      loaded ??= library.routine(BLAS_LETTERS[dtype] + name, count, strings)
      if (args.length !== count + strings) throw new Error(`${name}: ${args.length} arguments`)
      loaded(...args)
    }
  }
  /** Calls a routine with as much memory to work in as it asks for. */
  const withWork = (call: (work: BlasData, size: Int32Array | BigInt64Array) => void) => {
    const wanted = blasNumber(dtype, 0)
    call(wanted, int(-1))
    const size = Math.max(1, Math.ceil(wanted[0]!))
    call(allocate(dtype, size), int(size))
  }
  /** Returns the number that a routine reports; throws for arguments that it refuses. */
  const reported = (info: { get(): number }, name: string) => {
    const value = info.get()
    if (value < 0) throw new Error(`${name}: argument ${-value} was refused`)
    return value
  }

  const getrf = routine('getrf', 6)
  const potrf = routine('potrf', 5, 1)
  const geqrf = routine('geqrf', 8)
  const formQ = routine(complex ? 'ungqr' : 'orgqr', 9)
  const gesdd = routine('gesdd', complex ? 15 : 14, 1)
  const heevd = routine(complex ? 'heevd' : 'syevd', complex ? 13 : 11, 2)
  const geev = routine('geev', 14, 2)
  const trsm = routine('trsm', 11, 4)

  /** Returns singular values, and vectors in `u` and `vh` as `job` says. */
  const decompose = (a: ColumnMatrix, job: 'N' | 'S' | 'A', u: ColumnMatrix, vh: ColumnMatrix) => {
    const [m, n] = [a.rows, a.columns]
    const [least, most] = [Math.min(m, n), Math.max(m, n)]
    const s = allocate(part, least)
    if (least === 0) return s
    const info = blasInteger(library)
    // The sizes that LAPACK's documentation asks for.
    const realWork = complex
      ? [
          allocate(
            part,
            Math.max(
              7 * least,
              5 * least * least + 7 * least,
              2 * most * least + 2 * least * least + least,
            ),
          ),
        ]
      : []
    withWork((work, size) =>
      gesdd(
        ...[
          blasLetter(job),
          int(m),
          int(n),
          a.data,
          width(a),
          s,
          u.data,
          width(u),
          vh.data,
          width(vh),
        ],
        ...[work, size, ...realWork, integers(8 * least), info.cell, 1],
      ),
    )
    // Argument 4 is the matrix, which is refused if it contains NaN.
    if (info.get() === -4 || reported(info, 'gesdd') > 0) {
      throw new RangeError('svd: did not converge')
    }
    return s
  }

  return {
    lu(a) {
      const count = Math.min(a.rows, a.columns)
      if (count === 0) return { pivots: new Int32Array(0), zeroAt: -1 }
      const swaps = integers(count)
      const info = blasInteger(library)
      getrf(int(a.rows), int(a.columns), a.data, width(a), swaps, info.cell)
      const pivots = Int32Array.from(swaps as Int32Array, (row) => Number(row) - 1)
      return { pivots, zeroAt: reported(info, 'getrf') - 1 }
    },

    cholesky(a) {
      if (a.rows === 0) return -1
      const info = blasInteger(library)
      potrf(blasLetter('L'), int(a.rows), a.data, width(a), info.cell, 1)
      return reported(info, 'potrf') - 1
    },

    qr(a) {
      const count = Math.min(a.rows, a.columns)
      const tau = allocate(dtype, count)
      if (count === 0) return tau
      const info = blasInteger(library)
      withWork((work, size) =>
        geqrf(int(a.rows), int(a.columns), a.data, width(a), tau, work, size, info.cell),
      )
      reported(info, 'geqrf')
      return tau
    },

    formQ(a, tau, count) {
      if (a.rows === 0 || a.columns === 0) return
      const info = blasInteger(library)
      const sizes = [int(a.rows), int(a.columns), int(count)]
      withWork((work, size) => formQ(...sizes, a.data, width(a), tau, work, size, info.cell))
      reported(info, 'orgqr')
    },

    svd(a, fullMatrices) {
      const least = Math.min(a.rows, a.columns)
      const u = zeroColumns(dtype, a.rows, fullMatrices ? a.rows : least)
      const vh = zeroColumns(dtype, fullMatrices ? a.columns : least, a.columns)
      if (least === 0) {
        for (const { data, rows, columns } of [u, vh]) {
          for (let i = 0; i < Math.min(rows, columns); i++)
            data[(i * rows + i) * (complex ? 2 : 1)] = 1
        }
        return { u, s: allocate(part, 0), vh }
      }
      return { u, s: decompose(a, fullMatrices ? 'A' : 'S', u, vh), vh }
    },

    svdvals(a) {
      const none = zeroColumns(dtype, 1, 1)
      return decompose(a, 'N', none, none)
    },

    eigh(a, vectors) {
      const n = a.rows
      const values = allocate(part, n)
      if (n === 0) return values
      const info = blasInteger(library)
      const job = blasLetter(vectors ? 'V' : 'N')
      const wholes = vectors ? 5 * n + 3 : 1
      const reals = vectors ? 2 * n * n + 5 * n + 1 : n
      const realWork = complex ? [allocate(part, reals), int(reals)] : []
      withWork((work, size) =>
        heevd(
          ...[job, blasLetter('L'), int(n), a.data, width(a), values, work, size, ...realWork],
          ...[integers(wholes), int(wholes), info.cell, 1, 1],
        ),
      )
      if (reported(info, 'syevd') > 0) throw new RangeError('eigh: did not converge')
      return values
    },

    eig(a, wantsVectors) {
      const n = a.rows
      const as = complexDtype(dtype)
      const values = allocate(as, n)
      const vectors = wantsVectors ? zeroColumns(as, n, n) : undefined
      if (n === 0) return { values, vectors }
      const info = blasInteger(library)
      // Eigenvalues of a real matrix are written as two lists, vectors of conjugate pairs as two columns.
      const [re, im] = [allocate(part, n), allocate(part, n)]
      const found = vectors === undefined ? zeroColumns(dtype, 1, 1) : zeroColumns(dtype, n, n)
      const none = zeroColumns(dtype, 1, 1)
      withWork((work, size) =>
        geev(
          ...[
            blasLetter('N'),
            blasLetter(vectors === undefined ? 'N' : 'V'),
            int(n),
            a.data,
            width(a),
          ],
          ...(complex ? [values] : [re, im]),
          ...[none.data, int(1), found.data, width(found), work, size],
          ...(complex ? [allocate(part, 2 * n)] : []),
          ...[info.cell, 1, 1],
        ),
      )
      // Argument 4 is the matrix, which is refused if it contains NaN.
      if (info.get() === -4 || reported(info, 'geev') > 0)
        throw new RangeError('eig: did not converge')
      if (complex) return { values, vectors: vectors && found }
      for (let k = 0; k < n; k++) {
        values[2 * k] = re[k]!
        values[2 * k + 1] = im[k]!
        if (vectors === undefined) continue
        const isPair = im[k] !== 0
        const first = im[k]! < 0 ? k - 1 : k
        for (let i = 0; i < n; i++) {
          vectors.data[2 * (k * n + i)] = found.data[first * n + i]!
          if (!isPair) continue
          const part = found.data[(first + 1) * n + i]!
          vectors.data[2 * (k * n + i) + 1] = first === k ? part : -part
        }
      }
      return { values, vectors }
    },

    solveTriangular(a, b, { lower, adjoint = false, unit = false }) {
      if (a.rows !== a.columns || a.rows !== b.rows) throw new Error('trsm: sizes differ')
      if (b.rows === 0 || b.columns === 0) return
      trsm(
        ...[blasLetter('L'), blasLetter(lower ? 'L' : 'U'), blasLetter(adjoint ? 'C' : 'N')],
        ...[blasLetter(unit ? 'U' : 'N'), int(b.rows), int(b.columns), blasNumber(dtype, 1)],
        ...[a.data, width(a), b.data, width(b), 1, 1, 1, 1],
      )
    },
  }
}
