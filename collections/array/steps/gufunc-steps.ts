/**
 * Steps of generalized functions, which work on the last axes of their blocks.
 */
import { operations } from '../../../core/base/operations.js'
import { type Dtype, type Scalar, toElement } from '../block/dtype.js'
import { copyInto, copyOf, NDArray, sizeOf, writeElement } from '../block/ndarray.js'
import { type LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import { blockShapeAt, type Grid } from '../planning/chunk-grid.js'
import { blockFromResult, chunkFromValues } from './chunk-from-values.js'
import { whenDone } from './map-blocks-steps.js'

/** How a generalized function is called, and what it returns. */
export interface GufuncCall {
  readonly operation: string
  /** The number of core axes of each argument, which are its last ones. */
  readonly core: readonly number[]
  /** The chunks of the other axes. */
  readonly loops: Grid
  /** The sizes of the core axes and the dtype of each result. */
  readonly outputs: readonly { readonly shape: readonly number[]; readonly dtype: Dtype }[]
  /** Whether the function is called once for each position along the other axes. */
  readonly vectorize: boolean
  /** Whether the function gets nested lists instead of blocks, if it is called for each position. */
  readonly lists: boolean
}

/** Calls a generalized function. Returns a list of blocks, one for each result. */
export function gufuncStep(
  fn: (...args: unknown[]) => unknown,
  blocks: readonly (NDArray | LazyChunk)[],
  call: GufuncCall,
  position: number,
): unknown {
  const { operation, outputs, vectorize } = call
  const loops = blockShapeAt(call.loops, position)
  const chunks = blocks.map(toChunk)
  if (vectorize) return vectorized(fn, chunks, call, loops)
  return whenDone(fn(...chunks.map(copyOf)), (value) =>
    resultsOf(value, call).map((result, i) => {
      const { shape, dtype } = outputs[i]!
      return blockFromResult(operation, result, [...loops, ...shape], dtype)
    }),
  )
}

/** Returns one block of a list. */
export function pickStep(blocks: readonly NDArray[], index: number): NDArray {
  return blocks[index]!
}

/** Returns what a function returned, as one value for each result. */
function resultsOf(value: unknown, { operation, outputs }: GufuncCall): readonly unknown[] {
  if (outputs.length === 1) return [value]
  if (Array.isArray(value) && value.length === outputs.length) return value as unknown[]
  throw new TypeError(
    `${operation}: the signature has ${outputs.length} results, so the function must return a list of ${outputs.length}`,
  )
}

/** Calls a function for each position along the loop axes; arguments without core axes are plain values. */
function vectorized(
  fn: (...args: unknown[]) => unknown,
  chunks: readonly NDArray[],
  call: GufuncCall,
  loops: readonly number[],
): NDArray[] {
  const { core, outputs, operation, lists } = call
  const count = sizeOf(loops)
  const sources = chunks.map((chunk, i) => {
    const own = chunk.shape.slice(chunk.ndim - core[i]!)
    return copyOf(chunk.broadcastTo([...loops, ...own])).reshape([count, ...own])
  })
  const results = outputs.map(({ shape, dtype }) => NDArray.zeros(dtype, [count, ...shape]))
  for (let at = 0; at < count; at++) {
    const args = sources.map((source, i) =>
      core[i] === 0 ? source.item(at) : argumentOf(row(source, at), lists),
    )
    resultsOf(fn(...args), call).forEach((value, i) => {
      const { shape, dtype } = outputs[i]!
      if (shape.length === 0) {
        const element = chunkFromValues(value, operation).item() as Scalar
        writeElement(results[i]!.data, at, toElement(element, dtype, operation))
      } else copyInto(row(results[i]!, at), blockFromResult(operation, value, shape, dtype))
    })
  }
  return results.map((result, i) => result.reshape([...loops, ...outputs[i]!.shape]))
}

function argumentOf(block: NDArray, lists: boolean): unknown {
  return lists ? block.toArray() : copyOf(block)
}

/** Returns a view of one position along the first axis, without that axis. */
function row({ dtype, data, shape, strides, offset }: NDArray, at: number): NDArray {
  return new NDArray(dtype, data, shape.slice(1), strides.slice(1), offset + at * strides[0]!)
}

operations('collections/array/steps/gufunc-steps', { gufuncStep, pickStep })
