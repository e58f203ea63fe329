/**
 * The kernels of cumulative sums and products along one axis. A block is read as `[outer, n, inner]` in row-major
 * order; each result adds an element to the one before it, the first to a carry from the blocks before.
 */

import {
  type Dtype,
  isBig,
  isBigData,
  isComplex,
  numbersPerElement,
  type TypedArray,
} from '../block/dtype.js'
import { NDArray, sizeOf } from '../block/ndarray.js'
import { borrowChunk } from '../expressions/borrowed-memory.js'
import { astype, type LazyChunk } from '../expressions/lazy-chunk.js'

/** What is accumulated. */
export type CumulativeOperation = 'sum' | 'prod'

/** A cumulative operation. */
export interface Accumulation {
  readonly op: CumulativeOperation
  readonly axis: number
  /** The dtype to accumulate in: float32, float64, complex, int64 or uint64. */
  readonly dtype: Dtype
}

/** Accumulates a block along an axis. `carry`, of size 1 along it, holds the totals of the blocks before. */
export function accumulate(
  block: LazyChunk,
  { op, axis, dtype }: Accumulation,
  carry: NDArray | undefined,
): NDArray {
  const source = astype(block, dtype).chunk()
  const { data } = source.isContiguous && source.offset === 0 ? source : source.contiguous()
  const { shape } = source
  const out = borrowChunk(dtype, shape)
  const width = numbersPerElement(dtype)
  const [outer, n] = [sizeOf(shape.slice(0, axis)), shape[axis]!]
  const inner = sizeOf(shape.slice(axis + 1))
  const isPair = isComplex(dtype) && op === 'prod'
  const rowLength = isPair ? inner : inner * width
  const before = startValues(carry, op, dtype, outer * inner)
  kernelFor(op, dtype, isPair)(data, out.data, before, outer, n, rowLength)
  return out
}

/** Returns the values before the first elements, as float64 or 64-bit integers: the carry, or the neutral element. */
function startValues(
  carry: NDArray | undefined,
  op: CumulativeOperation,
  dtype: Dtype,
  count: number,
): TypedArray {
  const wide = isComplex(dtype) ? 'complex128' : isBig(dtype) ? dtype : 'float64'
  if (carry !== undefined) return copyData(astype(carry, wide).chunk())
  const start = NDArray.zeros(wide, [count])
  if (op === 'prod') {
    const { data } = start
    if (isBigData(data)) data.fill(1n)
    else for (let i = 0; i < data.length; i += numbersPerElement(wide)) data[i] = 1
  }
  return start.data
}

/** Copies elements that a kernel will write over. */
function copyData(chunk: NDArray): TypedArray {
  const own = chunk.contiguous()
  return own.data.slice()
}

/** Accumulates `n` rows of `inner` elements `outer` times; `current` holds the values so far. */
type CumulativeKernel = (
  source: TypedArray,
  out: TypedArray,
  current: TypedArray,
  outer: number,
  n: number,
  inner: number,
) => void

const kernels = new Map<string, CumulativeKernel>()

/** Returns the kernel for arrays of one type, so that no loop ever sees two types of arrays. */
function kernelFor(op: CumulativeOperation, dtype: Dtype, isPair: boolean): CumulativeKernel {
  const key = `${op}|${dtype}`
  let found = kernels.get(key)
  if (found === undefined) {
    const body = isPair ? PAIR_PRODUCT : bodyOf(op === 'sum' ? '+' : '*', dtype)
    found = new Function('a', 'out', 'current', 'outer', 'n', 'inner', body) as CumulativeKernel
    kernels.set(key, found)
  }
  return found
}

/** Emits the loops over elements that are one number. */
function bodyOf(symbol: string, dtype: Dtype): string {
  const wrap = isBig(dtype)
    ? (code: string) => `BigInt.${dtype === 'int64' ? 'asIntN' : 'asUintN'}(64, ${code})`
    : (code: string) => code
  return `if (inner === 1) {
  for (let o = 0, k = 0; o < outer; o++) {
    let v = current[o];
    for (const end = k + n; k < end; k++) { v = ${wrap(`v ${symbol} a[k]`)}; out[k] = v; }
  }
  return;
}
for (let o = 0, k = 0; o < outer; o++) {
  const first = o * inner;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < inner; j++, k++) {
      const v = ${wrap(`current[first + j] ${symbol} a[k]`)};
      current[first + j] = v;
      out[k] = v;
    }
  }
}`
}

const PAIR_PRODUCT = `for (let o = 0, k = 0; o < outer; o++) {
  const first = 2 * o * inner;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < 2 * inner; j += 2, k += 2) {
      const at = first + j, re = current[at], im = current[at + 1];
      current[at] = re * a[k] - im * a[k + 1];
      current[at + 1] = re * a[k + 1] + im * a[k];
      out[k] = current[at];
      out[k + 1] = current[at + 1];
    }
  }
}`
