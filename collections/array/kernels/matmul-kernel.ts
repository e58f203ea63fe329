/**
 * The kernels of matrix products. Parts of both matrices are packed into narrow panels, so that the
 * innermost loop reads memory in order and keeps a tile of 4 by 4 results in registers.
 *
 * There is one kernel for each dtype in which products are accumulated: float64 (also for float32;
 * WebAssembly), int32 (for bool and all integers of up to 32 bits; generated) and int64 (also for uint64;
 * generated). Sums of integers wrap, so their sign does not matter. Matrices may have
 * any strides, so a transposed matrix needs no copy.
 */

import { blasGemm } from '../blas/blas-gemm.js'
import { type BlasLibrary, findBlas, isBlasDtype } from '../blas/blas-library.js'
import { type Dtype, isBig, isComplex, isFloat, promote, type TypedArray } from '../block/dtype.js'
import { allocate, NDArray, rowMajor, sizeOf } from '../block/ndarray.js'
import { borrowElements } from '../expressions/borrowed-memory.js'
import { astype, elementwise } from '../expressions/lazy-chunk.js'
import { broadcastStrides, collapseLoops } from '../expressions/loop-layout.js'
import { commonShape } from '../planning/broadcast.js'
import { makeWasmMatmul } from './matmul-wasm.js'

/** A dtype in which products are accumulated. */
type AccumulatorDtype = 'float64' | 'int32' | 'int64'

/** The number of rows and columns of a tile. */
const TILE = 4
/** The sizes that are packed at a time: of the shared axis, of rows and of columns. */
const DEPTH = 256
const ROWS = 64
const COLUMNS = 512

/** Returns the dtype in which products of a dtype are accumulated. */
function accumulatorDtype(dtype: Dtype): AccumulatorDtype {
  if (isFloat(dtype)) return 'float64'
  return isBig(dtype) ? 'int64' : 'int32'
}

/**
 * Returns `a[0] @ b[0] + a[1] @ b[1] + ...`, with NumPy's `matmul` for `@`: stacks of matrices
 * broadcast. All blocks have two axes or more.
 */
export function matmulChunks(a: readonly NDArray[], b: readonly NDArray[]): NDArray {
  const dtype = promote(a[0]!.dtype, b[0]!.dtype)
  const stack = commonShape('matmul', [a[0]!.shape.slice(0, -2), b[0]!.shape.slice(0, -2)])
  const shape = [...stack, a[0]!.shape.at(-2)!, b[0]!.shape.at(-1)!]
  const blas = isBlasDtype(dtype) ? findBlas() : undefined
  if (blas !== undefined) return blasProducts(blas, a, b, dtype, shape)
  if (isComplex(dtype)) return complexProducts(a, b, dtype)
  const lane = accumulatorDtype(dtype)
  const out = borrowElements(lane, sizeOf(shape))
  if (out instanceof BigInt64Array) out.fill(0n)
  else out.fill(0)
  for (let i = 0; i < a.length; i++) {
    addProducts(out, prepare(a[i]!, dtype, lane), prepare(b[i]!, dtype, lane), shape)
  }
  return astype(new NDArray(lane, out, shape), dtype).finish()
}

/** Returns a sum of products by BLAS. */
function blasProducts(
  blas: BlasLibrary,
  a: readonly NDArray[],
  b: readonly NDArray[],
  dtype: Dtype,
  shape: readonly number[],
): NDArray {
  const out = NDArray.zeros(dtype, shape)
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [astype(a[i]!, dtype).chunk(), astype(b[i]!, dtype).chunk()]
    forEachProduct(x, y, out.shape, (left, right, to) => {
      const [rows, columns] = [left.rows, right.columns]
      const target = new NDArray(dtype, out.data, [rows, columns], [columns, 1], to)
      blasGemm(blas, target, asBlock(dtype, left), asBlock(dtype, right), i > 0)
    })
  }
  return out
}

function asBlock(dtype: Dtype, { data, rows, columns, strides, offset }: Matrix): NDArray {
  return new NDArray(dtype, data, [rows, columns], strides, offset)
}

/** Returns a sum of products of complex matrices, from four sums of products of their parts. */
function complexProducts(a: readonly NDArray[], b: readonly NDArray[], dtype: Dtype): NDArray {
  const part = (chunks: readonly NDArray[], op: 'real' | 'imag') =>
    chunks.map((chunk) => elementwise(op, astype(chunk, 'complex128')).finish())
  const [ar, ai, br, bi] = [part(a, 'real'), part(a, 'imag'), part(b, 'real'), part(b, 'imag')]
  const re = elementwise('subtract', matmulChunks(ar, br), matmulChunks(ai, bi))
  const im = elementwise('add', matmulChunks(ar, bi), matmulChunks(ai, br))
  return astype(elementwise('makeComplex', re, im), dtype).finish()
}

/** Converts a block to the common dtype, then to the dtype of accumulation. */
function prepare(chunk: NDArray, dtype: Dtype, lane: AccumulatorDtype): NDArray {
  return astype(astype(chunk, dtype), lane).chunk()
}

/** Adds the products of two stacks of matrices to `out`, which has the given shape. */
function addProducts(out: TypedArray, a: NDArray, b: NDArray, shape: readonly number[]): void {
  const lane = a.dtype as AccumulatorDtype
  forEachProduct(a, b, shape, (left, right, to) => multiply(lane, out, to, left, right))
}

/**
 * Calls `visit` with each pair of matrices of two stacks that broadcast to `shape`, and with the position of
 * the product in row-major order.
 */
function forEachProduct(
  a: NDArray,
  b: NDArray,
  shape: readonly number[],
  visit: (left: Matrix, right: Matrix, to: number) => void,
): void {
  const stack = shape.slice(0, -2)
  const loops = collapseLoops({
    sizes: stack,
    strides: [
      broadcastStrides(a, [...stack, ...a.shape.slice(-2)]).slice(0, -2),
      broadcastStrides(b, [...stack, ...b.shape.slice(-2)]).slice(0, -2),
      rowMajor(shape).slice(0, -2),
    ],
  })
  const count = sizeOf(stack)
  const at = loops.sizes.map(() => 0)
  for (let matrix = 0; matrix < count; matrix++) {
    const offset = (s: number) => at.reduce((sum, i, d) => sum + i * loops.strides[s]![d]!, 0)
    visit(lastMatrix(a, offset(0)), lastMatrix(b, offset(1)), offset(2))
    let d = at.length - 1
    while (d >= 0 && ++at[d]! === loops.sizes[d]!) at[d--] = 0
  }
}

/** Returns the matrix of a stack that is `offset` elements after the first. */
function lastMatrix(stack: NDArray, offset: number): Matrix {
  return {
    data: stack.data,
    offset: stack.offset + offset,
    strides: stack.strides.slice(-2),
    rows: stack.shape.at(-2)!,
    columns: stack.shape.at(-1)!,
  }
}

/** A matrix in memory, with any strides. */
interface Matrix {
  readonly data: TypedArray
  readonly offset: number
  readonly strides: readonly number[]
  readonly rows: number
  readonly columns: number
}

/** Adds the product of two matrices to a row-major matrix. */
function multiply(
  lane: AccumulatorDtype,
  out: TypedArray,
  offset: number,
  a: Matrix,
  b: Matrix,
): void {
  const width = b.columns
  const { pack, tiles, left, right } = kernelsFor(lane)
  const [aRow, aColumn] = a.strides as [number, number]
  const [bRow, bColumn] = b.strides as [number, number]
  for (let j = 0; j < b.columns; j += COLUMNS) {
    const columns = Math.min(COLUMNS, b.columns - j)
    for (let k = 0; k < a.columns; k += DEPTH) {
      const depth = Math.min(DEPTH, a.columns - k)
      pack(right, b.data, b.offset + k * bRow + j * bColumn, columns, depth, bColumn, bRow)
      for (let i = 0; i < a.rows; i += ROWS) {
        const rows = Math.min(ROWS, a.rows - i)
        pack(left, a.data, a.offset + i * aRow + k * aColumn, rows, depth, aRow, aColumn)
        tiles(out, offset + i * width + j, width, left, right, rows, columns, depth)
      }
    }
  }
}

/** The kernels for one dtype, and their buffers for packed panels. */
interface MatmulKernels {
  /** Packs `count` rows (of A) or columns (of B) into panels of four, padded with zeros. */
  readonly pack: (
    panel: TypedArray,
    source: TypedArray,
    offset: number,
    count: number,
    depth: number,
    across: number,
    along: number,
  ) => void
  /** Adds the product of the packed panels to `out`. */
  readonly tiles: (
    out: TypedArray,
    offset: number,
    width: number,
    left: TypedArray,
    right: TypedArray,
    rows: number,
    columns: number,
    depth: number,
  ) => void
  readonly left: TypedArray
  readonly right: TypedArray
}

const cache = new Map<AccumulatorDtype, MatmulKernels>()

function kernelsFor(lane: AccumulatorDtype): MatmulKernels {
  let kernels = cache.get(lane)
  if (kernels === undefined) {
    const pack = new Function(...PACK_ARGUMENTS, packBody(lane)) as MatmulKernels['pack']
    if (lane === 'float64') kernels = { pack, ...wasmKernels() }
    else {
      const tiles = new Function(...TILES_ARGUMENTS, tilesBody(lane)) as MatmulKernels['tiles']
      const left = allocate(lane, ROWS * DEPTH)
      kernels = { pack, tiles, left, right: allocate(lane, COLUMNS * DEPTH) }
    }
    cache.set(lane, kernels)
  }
  return kernels
}

const PACK_ARGUMENTS = ['panel', 'source', 'offset', 'count', 'depth', 'across', 'along']
const TILES_ARGUMENTS = ['out', 'offset', 'width', 'left', 'right', 'rows', 'columns', 'depth']

/** Returns kernels that compute a block of sums in WebAssembly and add it to the result. */
function wasmKernels(): Omit<MatmulKernels, 'pack'> {
  const wasm = makeWasmMatmul(ROWS, COLUMNS, DEPTH)
  const sums = wasm.out
  return {
    left: wasm.left,
    right: wasm.right,
    tiles: (target, offset, width, _left, _right, rows, columns, depth) => {
      wasm.run(rows, columns, depth)
      const out = target as Float64Array
      for (let i = 0; i < rows; i++) {
        const from = i * wasm.width
        const to = offset + i * width
        for (let j = 0; j < columns; j++) out[to + j]! += sums[from + j]!
      }
    },
  }
}

/** Emits the body of `pack`. */
function packBody(lane: AccumulatorDtype): string {
  const zero = lane === 'int64' ? '0n' : '0'
  return `for (let i = 0; i < count; i += ${TILE}) {
    const lanes = Math.min(${TILE}, count - i);
    let at = i * depth;
    for (let k = 0; k < depth; k++, at += ${TILE}) {
      const from = offset + i * across + k * along;
      if (lanes === ${TILE}) {
        panel[at] = source[from]; panel[at + 1] = source[from + across];
        panel[at + 2] = source[from + 2 * across]; panel[at + 3] = source[from + 3 * across];
      } else {
        for (let u = 0; u < ${TILE}; u++) panel[at + u] = u < lanes ? source[from + u * across] : ${zero};
      }
    }
  }`
}

const range = Array.from({ length: TILE }, (_, i) => i)

/** Emits the body of `tiles` for integers. */
function tilesBody(lane: AccumulatorDtype): string {
  const zero = lane === 'int64' ? '0n' : '0'
  const fused = (c: string, a: string, b: string) => {
    if (lane === 'int32') return `(${c} + Math.imul(${a}, ${b})) | 0`
    return `BigInt.asIntN(64, ${c} + ${a} * ${b})`
  }
  const add = (a: string, b: string) => {
    return lane === 'int32' ? `(${a} + ${b}) | 0` : `BigInt.asIntN(64, ${a} + ${b})`
  }
  const names = range.flatMap((i) => range.map((j) => `c${i}${j}`))
  const load = range.map((u) => `a${u} = left[p + ${u}], b${u} = right[q + ${u}]`).join(', ')
  const steps = range
    .map((i) => range.map((j) => `c${i}${j} = ${fused(`c${i}${j}`, `a${i}`, `b${j}`)};`).join(' '))
    .join('\n')
  const store = range
    .map((i) => {
      const row = range.map((j) => {
        const at = `out[o + ${j}]`
        const put = `${at} = ${add(at, `c${i}${j}`)};`
        return j === 0 ? put : `if (nj > ${j}) ${put}`
      })
      const body = `{ const o = o0 + ${i} * width; ${row.join(' ')} }`
      return i === 0 ? body : `if (ni > ${i}) ${body}`
    })
    .join('\n')
  return `for (let j = 0; j < columns; j += ${TILE}) {
    const nj = columns - j;
    for (let i = 0; i < rows; i += ${TILE}) {
      const ni = rows - i;
      let ${names.map((c) => `${c} = ${zero}`).join(', ')};
      for (let k = 0, p = i * depth, q = j * depth; k < depth; k++, p += ${TILE}, q += ${TILE}) {
        const ${load};
        ${steps}
      }
      const o0 = offset + i * width + j;
      ${store}
    }
  }`
}
