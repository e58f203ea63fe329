/**
 * `for await` over a bag: partitions are computed a few at a time, in order, while earlier ones are being
 * used.
 */
import type { ComputeOptions } from '../../core/graph/get.js'
import type { Layer } from '../../core/graph/layer.js'
import { chooseGet } from '../../core/run/choose-get.js'
import { getThreads } from '../../core/run/threads/get-threads.js'
import type { Collection } from '../base/collection.js'

/** The number of partitions that are computed ahead. */
const AHEAD = 4

type ComputePartitions<T> = (blocks: readonly number[]) => Promise<readonly (readonly T[])[]>

/** Yields the items of a bag one by one. */
export async function* iterateItems<T>(
  bag: Collection<T[]>,
  options: ComputeOptions,
): AsyncGenerator<T, void, undefined> {
  const { get, ...rest } = options
  const run = chooseGet(get, [bag.layer], getThreads)
  const graph = bag.optimize()
  const compute: ComputePartitions<T> = async (blocks) => {
    const keys = blocks.map((block) => bag.layer.key(block))
    return (await run(graph, keys, rest)) as readonly (readonly T[])[]
  }
  for await (const partition of iteratePartitions(graph.layers.at(-1)!, compute)) yield* partition
}

/**
 * Yields the partitions in order. If partitions share tasks, as after a `groupby`, all are computed at
 * once, because each computation by itself would run the shared tasks again.
 */
async function* iteratePartitions<T>(
  layer: Layer,
  computePartitions: ComputePartitions<T>,
): AsyncGenerator<readonly T[], void, undefined> {
  const count = layer.numblocks[0]!
  if (blocksShareTasks(layer)) {
    yield* await computePartitions(Array.from({ length: count }, (_, i) => i))
    return
  }
  const running: Promise<readonly (readonly T[])[]>[] = []
  const start = (block: number): void => {
    const result = computePartitions([block])
    // The loop may end before this partition is awaited; its failure is then ignored.
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

/** Whether two blocks of a layer depend on the same task. */
function blocksShareTasks(layer: Layer): boolean {
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
