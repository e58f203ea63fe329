/**
 * Matrix products by BLAS: `gemm`, for matrices that are row-major or column-major in memory.
 */
import { isComplex } from '../block/dtype.js'
import { copyOf, type NDArray } from '../block/ndarray.js'
import {
  BLAS_LETTERS,
  type BlasData,
  type BlasDtype,
  type BlasInteger,
  type BlasLibrary,
  type BlasRoutine,
  blasInteger,
  blasLetter,
  blasNumber,
} from './blas-library.js'

const PLAIN = blasLetter('N')
const TRANSPOSED = blasLetter('T')

/** The routine of one dtype, and the memory of its arguments, which each call writes anew. */
interface Gemm {
  readonly run: BlasRoutine
  readonly sizes: readonly BlasInteger[]
  readonly one: BlasData
  readonly zero: BlasData
}

const routines = new WeakMap<BlasLibrary, Map<BlasDtype, Gemm>>()

function gemmOf(library: BlasLibrary, dtype: BlasDtype): Gemm {
  let ofLibrary = routines.get(library)
  if (ofLibrary === undefined) {
    ofLibrary = new Map()
    routines.set(library, ofLibrary)
  }
  let gemm = ofLibrary.get(dtype)
  if (gemm === undefined) {
    gemm = {
      run: library.routine(`${BLAS_LETTERS[dtype]}gemm`, 13, 2),
      sizes: Array.from({ length: 6 }, () => blasInteger(library)),
      one: blasNumber(dtype, 1),
      zero: blasNumber(dtype, 0),
    }
    ofLibrary.set(dtype, gemm)
  }
  return gemm
}

/** A matrix as BLAS, which is column-major, sees it. */
interface Operand {
  readonly data: BlasData
  readonly transposed: boolean
  readonly width: number
}

/**
 * Sets a row-major matrix to `a @ b`, or adds `a @ b` to it. All three have one dtype; `a` and `b` may have any
 * strides.
 * @throws RangeError if the shapes do not match or elements are missing.
 */
export function blasGemm(
  library: BlasLibrary,
  out: NDArray,
  a: NDArray,
  b: NDArray,
  accumulate: boolean,
): void {
  const dtype = out.dtype as BlasDtype
  const [rows, columns] = out.shape as [number, number]
  const depth = a.shape[1]!
  const fits =
    a.dtype === dtype &&
    b.dtype === dtype &&
    a.shape[0] === rows &&
    b.shape[0] === depth &&
    b.shape[1] === columns
  if (!fits || !out.isContiguous) {
    throw new RangeError(`matmul: [${a.shape}] times [${b.shape}] does not give [${out.shape}]`)
  }
  if (rows === 0 || columns === 0) return
  const target = elements(out, out.size)
  if (depth === 0) {
    if (!accumulate) target.fill(0, 0, out.size * (isComplex(dtype) ? 2 : 1))
    return
  }
  const { run, sizes, one, zero } = gemmOf(library, dtype)
  // A row-major matrix is its transpose to BLAS: out.T = b.T @ a.T.
  const left = operand(b)
  const right = operand(a)
  const [m, n, k, lda, ldb, ldc] = sizes as [
    BlasInteger,
    BlasInteger,
    BlasInteger,
    BlasInteger,
    BlasInteger,
    BlasInteger,
  ]
  run(
    left.transposed ? TRANSPOSED : PLAIN,
    right.transposed ? TRANSPOSED : PLAIN,
    m.set(columns).cell,
    n.set(rows).cell,
    k.set(depth).cell,
    one,
    left.data,
    lda.set(left.width).cell,
    right.data,
    ldb.set(right.width).cell,
    accumulate ? one : zero,
    target,
    ldc.set(columns).cell,
    1,
    1,
  )
}

/** Returns how BLAS reads a matrix; copies it if neither its rows nor its columns are contiguous. */
function operand(matrix: NDArray): Operand {
  const [rows, columns] = matrix.shape as [number, number]
  const [down, across] = matrix.strides as [number, number]
  if ((across === 1 || columns === 1) && (down >= columns || rows === 1)) {
    const width = rows === 1 ? columns : down
    return { data: elements(matrix, (rows - 1) * width + columns), transposed: false, width }
  }
  if ((down === 1 || rows === 1) && (across >= rows || columns === 1)) {
    const width = columns === 1 ? rows : across
    return { data: elements(matrix, (columns - 1) * width + rows), transposed: true, width }
  }
  return operand(copyOf(matrix))
}

/** Returns the memory from the first element on. Throws a RangeError if it holds fewer than `count` elements. */
function elements({ data, offset, dtype }: NDArray, count: number): BlasData {
  const numbers = isComplex(dtype) ? 2 : 1
  const rest = (data as BlasData).subarray(offset * numbers)
  if (offset < 0 || rest.length < count * numbers) {
    throw new RangeError('matmul: a matrix exceeds its memory')
  }
  return rest
}
