/**
 * `for await`: partitions computed a few at a time, in order, while the ones before are being used.
 */
import type { Layer } from '../../core/graph/layer.js'

/** Partitions being computed ahead of the one in use. */
const AHEAD = 4

/**
 * The partitions in order. Where partitions have work in common, as after a `groupby`, they are all
 * computed at once, since each by itself would do that work again.
 */
export async function* streamPartitions<T>(
  layer: Layer,
  computePartitions: (blocks: readonly number[]) => Promise<readonly (readonly T[])[]>,
): AsyncGenerator<readonly T[], void, undefined> {
  const count = layer.numblocks[0]!
  if (shareWork(layer)) {
    yield* await computePartitions(Array.from({ length: count }, (_, i) => i))
    return
  }
  const running: Promise<readonly (readonly T[])[]>[] = []
  const start = (block: number): void => {
    const result = computePartitions([block])
    // The loop may end before this partition is looked at: its failure is then nobody's.
    result.catch(() => {})
    running.push(result)
  }
  for (let block = 0; block < Math.min(count, AHEAD); block++) start(block)
  for (let block = 0; block < count; block++) {
    const [partition] = await running.shift()!
    yield partition!
    if (block + AHEAD < count) start(block + AHEAD)
  }
}

/** Whether two blocks of a layer need the same task. */
export function shareWork(layer: Layer): boolean {
  const owners = new Map<Layer, Int32Array>()
  const ownersOf = (of: Layer): Int32Array => {
    let list = owners.get(of)
    if (list === undefined) {
      list = new Int32Array(of.numblocks.reduce((a, b) => a * b, 1)).fill(-1)
      owners.set(of, list)
    }
    return list
  }
  for (let block = 0; block < layer.numblocks[0]!; block++) {
    const stack: [Layer, number][] = [[layer, block]]
    while (stack.length > 0) {
      const [at, index] = stack.pop()!
      const owner = ownersOf(at)
      if (owner[index] === block) continue
      if (owner[index]! >= 0) return true
      owner[index] = block
      const { inputs } = at.node(index)
      for (let i = 0; i < inputs.length; i += 2) {
        stack.push([inputs[i]! < 0 ? at : at.dependencies[inputs[i]!]!, inputs[i + 1]!])
      }
    }
  }
  return false
}
