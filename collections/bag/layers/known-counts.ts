/**
 * How many items a bag has, where that is known before it is computed: for ranges of numbers and items in memory, and
 * for what `map` makes of them. So results that cannot fit the memory are refused at once, and not by the system minutes later.
 */
import { availableMemory, formatByteSize } from '../../../core/base/available-memory.js'
import type { Layer } from '../../../core/graph/layer.js'

/** What is known of the items of a layer's blocks. */
interface KnownCount {
  readonly count: number
  /** Returns the number of items of a block. */
  lengthOf(block: number): number
}

const counts = new WeakMap<Layer, KnownCount>()

/** Bytes that an item takes at least: a number in a list. */
const leastBytes = 8
/** The longest list of JavaScript. */
const longestList = 2 ** 32 - 1

/** Records how many items the blocks of a layer have together, and each of them; returns the layer. */
export function withCount(layer: Layer, count: number, lengthOf: (block: number) => number): Layer {
  counts.set(layer, { count, lengthOf })
  return layer
}

/** Operations whose partitions have one item for each item of the partition that they read first. */
const keepsCount = /^(map|starmap|pluck|unzip|zip|enumerate|zipWithIndex|str\.(?!match)\w+)-[^-]+$/

/** Returns what is known of the items of a layer; undefined if nothing is. */
function countOf(layer: Layer): KnownCount | undefined {
  let at: Layer | undefined = layer
  while (at !== undefined && keepsCount.test(at.name)) at = at.dependencies[0]
  return at && counts.get(at)
}

/** Returns how many items each block of a layer has; undefined if that is not known before it is computed. */
export function knownLengths(layer: Layer): number[] | undefined {
  const known = countOf(layer)
  return known && Array.from({ length: layer.numblocks[0]! }, (_, i) => known.lengthOf(i))
}

/**
 * Throws a RangeError if a list of the items is known to exceed the memory of this process, or the longest list that
 * there can be.
 */
export function assertItemsFit(operation: string, layer: Layer): void {
  const count = countOf(layer)?.count
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
