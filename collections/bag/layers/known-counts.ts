/**
 * How many items a bag has, where that is known before it is computed: for ranges of numbers, and for what `map` makes
 * of them. So results that cannot fit the memory are refused at once, and not by the system minutes later.
 */
import { availableMemory, formatByteSize } from '../../../core/base/available-memory.js'
import type { Layer } from '../../../core/graph/layer.js'

const counts = new WeakMap<Layer, number>()

/** Bytes that an item takes at least: a number in a list. */
const leastBytes = 8
/** The longest list of JavaScript. */
const longestList = 2 ** 32 - 1

/** Records how many items the blocks of a layer have together; returns the layer. */
export function withCount(layer: Layer, count: number): Layer {
  counts.set(layer, count)
  return layer
}

/** Returns how many items a layer has; undefined if that is not known. */
function countOf(layer: Layer): number | undefined {
  let at: Layer | undefined = layer
  while (at?.name.startsWith('map-')) at = at.dependencies[0]
  return at && counts.get(at)
}

/**
 * Throws a RangeError if a list of the items is known to exceed the memory of this process, or the longest list that
 * there can be.
 */
export function assertItemsFit(operation: string, layer: Layer): void {
  const count = countOf(layer)
  if (count === undefined) return
  const memory = availableMemory()
  const bytes = count * leastBytes
  if (bytes <= memory && count <= longestList) return
  const most =
    bytes > memory
      ? `at least ${formatByteSize(bytes)}, more than the memory of ${formatByteSize(memory)}`
      : `more than the ${longestList.toLocaleString('en')} of the longest list`
  throw new RangeError(
    `${operation}: the result has ${count.toLocaleString('en')} items, ${most}; reduce it first, such as bag.sum(), take some, such as bag.take(1000), or go through them with for await (const item of bag)`,
  )
}
