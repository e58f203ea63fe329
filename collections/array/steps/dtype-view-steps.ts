/** Steps that read the bytes of blocks as another dtype, and that fill gaps along an axis. */
import { operations } from '../../../core/base/operations.js'
import { type Dtype, dtypeInfo } from '../block/dtype.js'
import { allocate, NDArray } from '../block/ndarray.js'
import { type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'

/** Returns the bytes of a block as elements of another dtype, which divide the last axis differently. */
export function dtypeViewStep(block: NDArray | LazyChunk, dtype: Dtype): LazyChunk {
  const chunk = toChunk(block).contiguous()
  const source = chunk.data
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  const shape = [...chunk.shape]
  const itemsize = dtypeInfo(dtype).bytes
  const from = dtypeInfo(chunk.dtype).bytes
  if (from !== itemsize) shape.push((shape.pop()! * from) / itemsize)
  const data = allocate(dtype, bytes.byteLength / itemsize)
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(bytes)
  return lazy(new NDArray(dtype, data, shape))
}

/** Replaces each NaN by the last number before it along an axis, if that is at most `most` elements away. */
export function pushStep(block: NDArray | LazyChunk, axis: number, most: number): LazyChunk {
  const source = toChunk(block).contiguous()
  const shape = source.shape
  const length = shape[axis]!
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  const values = source.data as Float64Array
  const result = allocate(source.dtype, source.size) as Float64Array
  for (let lane = 0; lane < source.size / Math.max(1, length); lane++) {
    const start = Math.floor(lane / inner) * length * inner + (lane % inner)
    let [last, away] = [Number.NaN, 0]
    for (let i = 0; i < length; i++) {
      const at = start + i * inner
      const value = values[at]!
      const isGap = Number.isNaN(value)
      if (!isGap) last = value
      away = isGap ? away + 1 : 0
      result[at] = away <= most ? last : Number.NaN
    }
  }
  return lazy(new NDArray(source.dtype, result, shape))
}

operations('collections/array/steps/dtype-view-steps', { dtypeViewStep, pushStep })
