/**
 * Steps of different elements: of a block, of several blocks, and what is returned of them.
 */
import { operations } from '../../../core/base/operations.js'
import type { NDArray } from '../block/ndarray.js'
import { astype, type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import { inverseOf, type UniqueElements, uniqueElements } from '../kernels/unique-kernel.js'
import { joinAlong } from './custom-reduction-steps.js'

/** Finds the different elements of a block of a vector, which starts at a position. */
export function uniqueStep(
  block: NDArray | LazyChunk,
  equalNaN: boolean,
  start: number,
): UniqueElements {
  return uniqueElements(
    toChunk(block),
    equalNaN,
    (i) => start + i,
    () => 1,
  )
}

/** Merges different elements of several blocks. */
export function mergeUniqueStep(
  parts: readonly UniqueElements[],
  equalNaN: boolean,
): UniqueElements {
  const values = joinAlong(
    parts.map((part) => part.values),
    0,
  )
  const index = joinAlong(
    parts.map((part) => part.index),
    0,
  )
  const counts = joinAlong(
    parts.map((part) => part.counts),
    0,
  )
  const at = (chunk: NDArray) => (i: number) => chunk.data[i] as number
  return uniqueElements(values, equalNaN, at(index), at(counts))
}

/** Returns the elements, their first positions or their numbers. */
export function uniqueResultStep(found: UniqueElements, part: keyof UniqueElements): LazyChunk {
  return part === 'values' ? lazy(found.values) : astype(found[part], 'int64')
}

/** Returns the position of each element of a block among the different elements. */
export function inverseStep(
  block: NDArray | LazyChunk,
  found: UniqueElements,
  equalNaN: boolean,
  start: number,
): LazyChunk {
  return astype(inverseOf(toChunk(block), found, equalNaN, start), 'int64')
}

operations('collections/array/steps/unique-steps', {
  inverseStep,
  mergeUniqueStep,
  uniqueResultStep,
  uniqueStep,
})
