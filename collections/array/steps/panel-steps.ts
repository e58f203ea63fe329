/**
 * Steps of factorizations of matrices that are chunked along both axes. The matrix is a row of panels, each of some
 * columns and all rows; a step factors one panel, or applies a factored panel to another one.
 * Source: G. H. Golub and C. F. Van Loan, Matrix Computations, 4th edition, sections 3.2, 4.2 and 5.2.
 */
import { operations } from '../../../core/base/operations.js'
import type { BlasData, BlasDtype } from '../blas/blas-library.js'
import { type ColumnMatrix, toBlock, toColumns, triangleOf } from '../blas/column-matrix.js'
import { type Dtype, isComplex } from '../block/dtype.js'
import { copyInto, copyOf, NDArray } from '../block/ndarray.js'
import { elementwise, type LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import {
  assertDefinite,
  assertNonzeroDiagonal,
  type Determinant,
  diagonalProduct,
  permutationOf,
  rowOrder,
  swapRowsLike,
  throwSingular,
} from '../factorizations/matrix-operations.js'
import { triangularFactor } from '../factorizations/reflector-products.js'
import { routinesFor } from '../factorizations/routines.js'
import { matmulChunks } from '../kernels/matmul-kernel.js'

/** A panel whose columns are factored from row `start` on. */
export interface LuPanel {
  /** U above and on the diagonal, L below it without its ones. */
  readonly panel: NDArray
  /** For each column, the row that was swapped with its own, counted from `start`. */
  readonly pivots: Int32Array
  readonly start: number
}

/** Returns a view of some rows. */
function rowsOf(block: NDArray, start: number, size: number): NDArray {
  return block.slice([
    { start, step: 1, size },
    { start: 0, step: 1, size: block.shape[1]! },
  ])
}

/** Returns a column-major copy of a panel, which may be changed. */
function copyPanel(block: NDArray | LazyChunk): ColumnMatrix {
  return toColumns(toChunk(block))
}

function columnsOf({ dtype, data, shape }: NDArray): ColumnMatrix {
  return { dtype: dtype as BlasDtype, data: data as BlasData, rows: shape[0]!, columns: shape[1]! }
}

/** Returns `a.T.conj()`. */
function adjointOf(a: NDArray): NDArray {
  const transposed = a.transpose()
  return isComplex(a.dtype) ? elementwise('conjugate', transposed).chunk() : transposed
}

/** Subtracts a product from some rows of a panel. */
function subtractProduct(target: NDArray, a: NDArray, b: NDArray): void {
  if (target.size === 0) return
  copyInto(target, elementwise('subtract', target, matmulChunks([a], [b])).chunk())
}

/** Factors a panel with partial pivoting. */
export function luPanelStep(block: NDArray | LazyChunk, start: number): LuPanel {
  const panel = copyOf(toChunk(block).transpose()).transpose()
  const below = toColumns(rowsOf(panel, start, panel.shape[0]! - start))
  const { pivots } = routinesFor(below.dtype).lu(below)
  copyInto(rowsOf(panel, start, below.rows), toBlock(below))
  return { panel, pivots, start }
}

/** Applies the swaps and the elimination of a factored panel to another panel. */
export function luUpdateStep(
  { panel, pivots, start }: LuPanel,
  block: NDArray | LazyChunk,
): NDArray {
  const matrix = copyPanel(block)
  swapRowsLike(matrix, pivots, start)
  const target = toBlock(matrix)
  const size = pivots.length
  const top = toColumns(rowsOf(target, start, size))
  const diagonal = toColumns(rowsOf(panel, start, size))
  routinesFor(matrix.dtype).solveTriangular(diagonal, top, { lower: true, unit: true })
  copyInto(rowsOf(target, start, size), toBlock(top))
  const rest = matrix.rows - start - size
  subtractProduct(
    rowsOf(target, start + size, rest),
    rowsOf(panel, start + size, rest),
    toBlock(top),
  )
  return target
}

/** Returns the swaps of a panel. */
export function luPivotsStep({ pivots, start }: LuPanel): Pick<LuPanel, 'pivots' | 'start'> {
  return { pivots, start }
}

/** Returns a panel of L. `later` are the swaps of all panels after it. */
export function luLowerStep(
  { panel, start }: LuPanel,
  later: readonly Pick<LuPanel, 'pivots' | 'start'>[],
): NDArray {
  const [rows, columns] = panel.shape as [number, number]
  const below = toColumns(rowsOf(panel, start, rows - start))
  const out = toColumns(NDArray.zeros(panel.dtype, panel.shape))
  const lower = triangleOf(below, 'lower', below.rows, columns, true)
  copyInto(rowsOf(toBlock(out), start, below.rows), toBlock(lower))
  for (const swaps of later) swapRowsLike(out, swaps.pivots, swaps.start)
  return toBlock(out)
}

/** Returns a panel of U. */
export function luUpperStep({ panel, start }: LuPanel): NDArray {
  const [rows, columns] = panel.shape as [number, number]
  const out = NDArray.zeros(panel.dtype, panel.shape)
  copyInto(rowsOf(out, 0, start), rowsOf(panel, 0, start))
  const below = toColumns(rowsOf(panel, start, rows - start))
  copyInto(rowsOf(out, start, below.rows), toBlock(triangleOf(below, 'upper', below.rows, columns)))
  return out
}

/** Returns the permutation of all swaps: `a = p @ l @ u`. */
export function luPermutationStep(
  all: readonly Pick<LuPanel, 'pivots' | 'start'>[],
  dtype: Dtype,
  rows: number,
): NDArray {
  const pivots = new Int32Array(rows)
  for (const swaps of all) {
    swaps.pivots.forEach((row, k) => {
      pivots[swaps.start + k] = swaps.start + row
    })
  }
  return toBlock(permutationOf(dtype, rowOrder(pivots, rows)))
}

/** Returns the part of the determinant that a panel has. */
export function luDeterminantStep({ panel, pivots, start }: LuPanel): Determinant {
  return diagonalProduct(toColumns(panel), pivots, start)
}

/** Multiplies parts of a determinant. `wanted` is what is returned. */
export function determinantStep(
  parts: readonly Determinant[],
  wanted: keyof Determinant,
): LazyChunk | NDArray {
  const op = wanted === 'log' ? 'add' : 'multiply'
  return parts
    .map((part): NDArray | LazyChunk => part[wanted])
    .reduce((a, b) => elementwise(op, a, b))
}

/** Solves the columns of a factored panel from below, and subtracts them from the rows above. */
export function luSolveStep(
  { panel, start, pivots }: LuPanel,
  block: NDArray | LazyChunk,
  operation: string,
): NDArray {
  const diagonal = toColumns(rowsOf(panel, start, pivots.length))
  return solvePanel(panel, diagonal, copyPanel(block), { start, lower: false, operation })
}

/** Solves the columns of a panel of a triangular matrix, and subtracts them from the other rows. */
export function triangularSolveStep(
  panel: NDArray | LazyChunk,
  block: NDArray | LazyChunk,
  form: { readonly start: number; readonly lower: boolean; readonly operation: string },
): NDArray {
  const matrix = toChunk(panel)
  const diagonal = toColumns(rowsOf(matrix, form.start, matrix.shape[1]!))
  return solvePanel(matrix, diagonal, copyPanel(block), form)
}

function solvePanel(
  panel: NDArray,
  diagonal: ColumnMatrix,
  right: ColumnMatrix,
  form: { readonly start: number; readonly lower: boolean; readonly operation: string },
): NDArray {
  const { start, lower, operation } = form
  assertNonzeroDiagonal(diagonal, operation)
  const target = toBlock(right)
  const size = diagonal.columns
  const part = toColumns(rowsOf(target, start, size))
  routinesFor(right.dtype).solveTriangular(diagonal, part, { lower })
  copyInto(rowsOf(target, start, size), toBlock(part))
  const [from, count] = lower ? [start + size, right.rows - start - size] : [0, start]
  subtractProduct(rowsOf(target, from, count), rowsOf(panel, from, count), toBlock(part))
  return target
}

/** Throws if a factored panel has a zero on its diagonal; returns it. */
export function luRegularStep(factor: LuPanel, operation: string): LuPanel {
  const { panel, pivots, start } = factor
  for (let k = 0; k < pivots.length; k++) {
    const value: unknown = panel.item(start + k, k)
    const isZero =
      typeof value === 'object' ? Math.hypot(...Object.values(value as object)) === 0 : value === 0
    if (isZero) throwSingular(operation)
  }
  return factor
}

/** Factors a panel of a positive definite matrix: L from row `start` on, zeros above. */
export function choleskyPanelStep(
  block: NDArray | LazyChunk,
  start: number,
  operation: string,
): NDArray {
  const source = toChunk(block)
  const [rows, columns] = source.shape as [number, number]
  const diagonal = toColumns(rowsOf(source, start, columns))
  const routines = routinesFor(diagonal.dtype)
  const failedAt = routines.cholesky(diagonal)
  assertDefinite(failedAt < 0 ? failedAt : failedAt + start, operation)
  const out = toBlock(toColumns(NDArray.zeros(source.dtype, source.shape)))
  const lower = triangleOf(diagonal, 'lower', columns, columns)
  copyInto(rowsOf(out, start, columns), toBlock(lower))
  const rest = rows - start - columns
  if (rest > 0) {
    // L21 = A21 inv(L11).H, so L11 L21.H = A21.H.
    const below = toColumns(adjointOf(rowsOf(source, start + columns, rest)))
    routines.solveTriangular(lower, below, { lower: true })
    copyInto(rowsOf(out, start + columns, rest), adjointOf(toBlock(below)))
  }
  return out
}

/** Subtracts the part of a factored panel from a later panel, whose columns begin at `start`. */
export function choleskyUpdateStep(
  factor: NDArray | LazyChunk,
  block: NDArray | LazyChunk,
  start: number,
): NDArray {
  const lower = toChunk(factor)
  const target = toBlock(copyPanel(block))
  const [rows, columns] = target.shape as [number, number]
  const rest = rows - start
  const right = adjointOf(rowsOf(lower, start, columns))
  subtractProduct(rowsOf(target, start, rest), rowsOf(lower, start, rest), right)
  return target
}

/** A panel whose reflections are `I - V T V^H`, on the rows from `start` on. */
export interface QrPanel {
  readonly v: NDArray
  readonly t: NDArray
  /** The panel of R: rows up to the last reflection. */
  readonly r: NDArray
  readonly start: number
}

/** Decomposes a panel from row `start` on. */
export function qrPanelStep(block: NDArray | LazyChunk, start: number): QrPanel {
  const source = toChunk(block)
  const [rows, columns] = source.shape as [number, number]
  const below = toColumns(rowsOf(source, start, rows - start))
  const tau = routinesFor(below.dtype).qr(below)
  const count = Math.min(below.rows, columns)
  const v = toBlock(triangleOf(below, 'lower', below.rows, count, true))
  const t = triangularFactor(columnsOf(v), tau, matmulChunks([adjointOf(v)], [v]))
  const r = NDArray.zeros(source.dtype, [start + count, columns])
  copyInto(rowsOf(r, 0, start), rowsOf(source, 0, start))
  copyInto(rowsOf(r, start, count), toBlock(triangleOf(below, 'upper', count, columns)))
  return { v, t: toBlock(t), r, start }
}

/** Applies the reflections of a panel to another panel: in order, or `back` for the conjugate transpose. */
export function qrApplyStep(
  { v, t, start }: QrPanel,
  block: NDArray | LazyChunk,
  back: boolean,
): NDArray {
  const target = toBlock(copyPanel(block))
  const part = rowsOf(target, start, target.shape[0]! - start)
  const inner = matmulChunks([adjointOf(v)], [part])
  subtractProduct(part, v, matmulChunks([back ? adjointOf(t) : t], [inner]))
  return target
}

/** Returns a panel of R, with `rows` rows, of a decomposed panel. */
export function qrPanelUpperStep({ r }: QrPanel, rows: number): NDArray {
  const out = NDArray.zeros(r.dtype, [rows, r.shape[1]!])
  copyInto(rowsOf(out, 0, Math.min(rows, r.shape[0]!)), r)
  return out
}

/** Returns the first rows of a panel. */
export function firstRowsStep(block: NDArray | LazyChunk, rows: number): NDArray {
  return copyOf(rowsOf(toChunk(block), 0, rows))
}

operations('collections/array/steps/panel-steps', {
  choleskyPanelStep,
  choleskyUpdateStep,
  determinantStep,
  firstRowsStep,
  luDeterminantStep,
  luLowerStep,
  luPanelStep,
  luPermutationStep,
  luPivotsStep,
  luRegularStep,
  luSolveStep,
  luUpdateStep,
  luUpperStep,
  qrApplyStep,
  qrPanelStep,
  qrPanelUpperStep,
  triangularSolveStep,
})
