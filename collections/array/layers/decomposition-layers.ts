/**
 * Layers of decompositions: QR, SVD, LU, Cholesky and eigenvalues. A matrix that is one block, and each matrix of a
 * stack, is decomposed by one task; other matrices by blocks.
 */

import { complexDtype, isComplex, realDtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { type ArraySpec, shapeOf } from './array-spec.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { indexLayer } from './indexing-layers.js'
import { matmulLayer } from './linear-algebra-layers.js'
import { matrixLayers, matrixOperands } from './matrix-layers.js'
import { panelCholesky, panelLu, panelQr } from './panel-layers.js'
import { checkSeed, distributionLayer } from './random-layers.js'
import { rechunkTo } from './rechunk-layers.js'
import { reductionLayer } from './reduction-layers.js'
import { swapAxesLayer } from './shape-layers.js'
import { tallQr } from './tall-qr-layers.js'

/** Returns the conjugate transpose of the last two axes. */
export function adjointLayer(array: ArraySpec): ArraySpec {
  const transposed = swapAxesLayer(array, -1, -2, 'matrixTranspose')
  return isComplex(array.dtype) ? elementwiseLayer('conjugate', [transposed]) : transposed
}

/** Whether an array is one matrix that consists of several blocks. */
export function isBlockedMatrix({ chunks }: ArraySpec): boolean {
  return chunks.length === 2 && chunks.some((sizes) => sizes.length > 1)
}

/** Returns the sizes of the last two axes. */
export function matrixShape(array: ArraySpec): [number, number] {
  return shapeOf(array).slice(-2) as [number, number]
}

/** Returns Q and R. */
export function qrLayers(value: unknown, mode: 'reduced' | 'complete'): [ArraySpec, ArraySpec] {
  const [x] = matrixOperands('qr', [value]) as [ArraySpec]
  const [m, n] = matrixShape(x)
  if (!isBlockedMatrix(x) || mode === 'complete') {
    const width = mode === 'complete' ? m : Math.min(m, n)
    const outputs = [
      { dtype: x.dtype, sizes: [m, width] },
      { dtype: x.dtype, sizes: [width, n] },
    ]
    const options = { operation: 'qr', full: mode === 'complete' }
    return matrixLayers('qr', [x], outputs, options) as [ArraySpec, ArraySpec]
  }
  if (x.chunks[1]!.length === 1 && m >= n) return tallQrLayers(x, 'qr')
  const { q, r } = panelQr(x)
  return [rechunkTo(q, [x.chunks[0]!, q.chunks[1]!]), r]
}

/** Returns Q and R of a matrix whose columns are one chunk, Q in the chunks of the rows. */
export function tallQrLayers(x: ArraySpec, operation: string): [ArraySpec, ArraySpec] {
  const { q, r } = tallQr(x, operation)
  const formed = q()
  return [rechunkTo(formed, [x.chunks[0]!, formed.chunks[1]!]), r]
}

/** The options of the singular value decomposition. */
export interface SvdSpec {
  readonly operation: string
  readonly fullMatrices: boolean
  readonly coerceSigns: boolean
}

/** Returns U, the singular values, and the conjugate transpose of V. */
export function svdLayers(x: ArraySpec, spec: SvdSpec): [ArraySpec, ArraySpec, ArraySpec] {
  const { operation, fullMatrices, coerceSigns } = spec
  const [m, n] = matrixShape(x)
  if (!isBlockedMatrix(x) || fullMatrices) return wholeSvd(x, spec)
  if (m < n) {
    const [v, s, uh] = svdLayers(adjointLayer(x), { ...spec, coerceSigns: false })
    const [u, vh] = [adjointLayer(uh), adjointLayer(v)]
    if (!coerceSigns) return [u, s, vh]
    const sums = reductionLayer(vh, 'sum', { axis: 1, keepdims: true })
    const isUp = elementwiseLayer('greaterEqual', [elementwiseLayer('real', [sums]), 0])
    const sign = astypeLayer(elementwiseLayer('where', [isUp, 1, -1]), x.dtype)
    const row = swapAxesLayer(sign, 0, 1, operation)
    return [elementwiseLayer('multiply', [u, row]), s, elementwiseLayer('multiply', [vh, sign])]
  }
  const { r, times } = tallQr(x, operation)
  const [small, s, vh] = wholeSvd(r, spec)
  const u = times(small)
  return [rechunkTo(u, [x.chunks[0]!, u.chunks[1]!]), s, vh]
}

function wholeSvd(x: ArraySpec, spec: SvdSpec): [ArraySpec, ArraySpec, ArraySpec] {
  const { operation, fullMatrices: full, coerceSigns } = spec
  const [m, n] = matrixShape(x)
  const least = Math.min(m, n)
  const outputs = [
    { dtype: x.dtype, sizes: [m, full ? m : least] },
    { dtype: realDtype(x.dtype), sizes: [least] },
    { dtype: x.dtype, sizes: [full ? n : least, n] },
  ]
  const options = { operation, full, coerceSigns }
  return matrixLayers('svd', [x], outputs, options) as [ArraySpec, ArraySpec, ArraySpec]
}

/** Returns the singular values, in descending order. */
export function svdvalsLayer(x: ArraySpec, operation: string): ArraySpec {
  const [m, n] = matrixShape(x)
  if (isBlockedMatrix(x)) {
    if (m < n) return svdvalsLayer(adjointLayer(x), operation)
    return svdvalsLayer(tallQr(x, operation).r, operation)
  }
  const outputs = [{ dtype: realDtype(x.dtype), sizes: [Math.min(m, n)] }]
  return matrixLayers('svdvals', [x], outputs, { operation })[0]!
}

/** The options of the randomized decomposition. */
export interface CompressedSpec {
  readonly nPowerIter: number
  readonly nOversamples: number
  readonly iterator: 'power' | 'QR'
  readonly coerceSigns: boolean
  readonly seed: number | undefined
}

/** The least number of columns that are sampled. */
const LEAST_SAMPLED = 20

/**
 * Returns the largest `k` singular values with their vectors, approximately.
 * Source: N. Halko, P. G. Martinsson and J. A. Tropp, Finding structure with randomness, SIAM Review 53 (2011).
 */
export function compressedSvdLayers(
  x: ArraySpec,
  k: number,
  { nPowerIter, nOversamples, iterator, coerceSigns, seed }: CompressedSpec,
): [ArraySpec, ArraySpec, ArraySpec] {
  const operation = 'svdCompressed'
  const [m, n] = matrixShape(x)
  const width = Math.min(Math.max(LEAST_SAMPLED, k + nOversamples), m, n)
  const tall = (array: ArraySpec) => rechunkTo(array, [array.chunks[0]!, [width]])
  const basis = (array: ArraySpec) => tallQrLayers(tall(array), operation)[0]
  const adjoint = adjointLayer(x)
  const sample = distributionLayer(
    'normal',
    {},
    {
      operation,
      source: { seed: checkSeed(operation, seed), stream: 0 },
      shape: [n, width],
      chunks: [x.chunks[1]!, width],
    },
  )
  let range = matmulLayer(x, astypeLayer(sample, x.dtype))
  for (let i = 0; i < nPowerIter; i++) {
    // A basis after each product loses no digits where the singular values differ much.
    if (iterator === 'QR') range = basis(matmulLayer(adjoint, basis(range)))
    else range = matmulLayer(adjoint, range)
    range = matmulLayer(x, range)
  }
  const q = basis(range)
  const small = matmulLayer(adjointLayer(q), x)
  const spec = { operation, fullMatrices: false, coerceSigns }
  const [u, s, vh] = svdLayers(rechunkTo(small, [[width], small.chunks[1]!]), spec)
  const columns = indexLayer(matmulLayer(q, u), [':', `:${k}`])
  return [columns, indexLayer(s, [`:${k}`]), indexLayer(vh, [`:${k}`, ':'])]
}

/** Returns P, L and U. */
export function luLayers(value: unknown): [ArraySpec, ArraySpec, ArraySpec] {
  const [x] = matrixOperands('lu', [value]) as [ArraySpec]
  const [m, n] = matrixShape(x)
  if (isBlockedMatrix(x) && m === n) return panelLu(x) as [ArraySpec, ArraySpec, ArraySpec]
  const least = Math.min(m, n)
  const outputs = [
    { dtype: realDtype(x.dtype), sizes: [m, m] },
    { dtype: x.dtype, sizes: [m, least] },
    { dtype: x.dtype, sizes: [least, n] },
  ]
  return matrixLayers('lu', [x], outputs, { operation: 'lu' }) as [ArraySpec, ArraySpec, ArraySpec]
}

/** Returns the Cholesky factor: lower triangular, or its conjugate transpose. */
export function choleskyLayer(value: unknown, lower: boolean): ArraySpec {
  const operation = 'cholesky'
  const [x] = matrixOperands(operation, [value], { square: true }) as [ArraySpec]
  const outputs = [{ dtype: x.dtype, sizes: matrixShape(x) }]
  const factor = isBlockedMatrix(x)
    ? panelCholesky(x, operation)
    : matrixLayers('cholesky', [x], outputs, { operation })[0]!
  return lower ? factor : adjointLayer(factor)
}

/** Returns the eigenvalues of Hermitian matrices, and the eigenvectors. */
export function eighLayers(
  value: unknown,
  operation: 'eigh' | 'eigvalsh',
  uplo: unknown = 'L',
): ArraySpec[] {
  const [x] = matrixOperands(operation, [value], { square: true }) as [ArraySpec]
  if (uplo !== 'L' && uplo !== 'U') {
    throw new TypeError(
      `${operation}: uplo must be 'L' or 'U', the triangle that is read; got ${formatArgument(uplo)}`,
    )
  }
  const [n] = matrixShape(x)
  const values = { dtype: realDtype(x.dtype), sizes: [n] }
  const vectors = { dtype: x.dtype, sizes: [n, n] }
  const outputs = operation === 'eigh' ? [values, vectors] : [values]
  return matrixLayers(operation, [uplo === 'L' ? x : adjointLayer(x)], outputs, { operation })
}

/** Returns the eigenvalues of square matrices as complex numbers, and their eigenvectors for `eig`. */
export function eigLayers(value: unknown, operation: 'eig' | 'eigvals'): ArraySpec[] {
  const [x] = matrixOperands(operation, [value], { square: true }) as [ArraySpec]
  const [n] = matrixShape(x)
  const dtype = complexDtype(x.dtype)
  const values = { dtype, sizes: [n] }
  const outputs = operation === 'eig' ? [values, { dtype, sizes: [n, n] }] : [values]
  return matrixLayers(operation, [x], outputs, { operation })
}
