/**
 * Steps that search the elements of blocks among others.
 */
import { operations } from '../../../core/base/operations.js'
import type { NDArray } from '../block/ndarray.js'
import { type LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import { areIn, type SearchSide, searchSorted } from '../kernels/search-kernel.js'

type Block = NDArray | LazyChunk

/** Returns where each value would be inserted into sorted values. */
export function searchStep(sorted: Block, values: Block, side: SearchSide): NDArray {
  return searchSorted(toChunk(sorted), toChunk(values), side)
}

/** Returns the number of the bin of each value; the bounds of the bins decrease. */
export function descendingBinStep(reversed: Block, values: Block, side: SearchSide): NDArray {
  const bounds = toChunk(reversed)
  return searchSorted(bounds, toChunk(values), side, (position) => bounds.size - position)
}

/** Returns whether each element is among some values, or is not. */
export function isInStep(block: Block, values: Block, invert: boolean): NDArray {
  return areIn(toChunk(block), toChunk(values), invert)
}

/** Returns a block of the numbers of choices. Throws a RangeError for numbers that no choice has. */
export function checkChoicesStep(block: Block, count: number): NDArray {
  const numbers = toChunk(block).contiguous()
  const { data, offset, size } = numbers
  for (let i = offset; i < offset + size; i++) {
    if (data[i]! >= 0 && data[i]! < count) continue
    throw new RangeError(`choose: there is no choice ${data[i]}; there are ${count}`)
  }
  return numbers
}

operations('collections/array/steps/search-steps', {
  checkChoicesStep,
  descendingBinStep,
  isInStep,
  searchStep,
})
