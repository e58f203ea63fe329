/**
 * Static ordering: ranks tasks so that few results are in memory at once.
 *
 * Tasks run depth first. Among the inputs of a task, the one whose subtree needs most memory runs first,
 * so that only its result, not its whole working set, is in memory while the others run. This is Sethi
 * and Ullman's numbering of expression trees (1970), applied to a graph as if no subtree were shared. Before a subtree is
 * begun, tasks that share inputs with the last one go first if they free more. The tasks that divide a result follow one another.
 */

import { checkArguments } from '../../base/argument-checks.js'
import type { Key } from '../../base/keys.js'
import { type Graph, LayerGraph } from '../graph.js'
import { DividedResults } from './divided-results.js'
import { makePlan } from './make-plan.js'
import type { Plan, Targets } from './plan.js'
import { type Edges, hasSharedInputs, SharedInputs } from './shared-inputs.js'

/**
 * Returns the rank of every key; rank 0 runs first. `{ x: 1, y: inc(x) }` gives `x -> 0, y -> 1`.
 *
 * @throws CycleError, or MissingKeyError for a key that a node reads.
 */
export function order(graph: Graph | LayerGraph): Map<Key, number> {
  checkArguments('order', arguments, 1, 'order(graph)')
  const keys = graph instanceof LayerGraph ? [] : [...graph.keys()]
  if (graph instanceof LayerGraph) {
    const last = graph.layers.at(-1)
    if (last !== undefined) for (const key of blockKeys(last)) keys.push(key)
  }
  const plan = makePlan(graph, keys, 'order')
  const ranks = orderTasks(plan, plan.targets)
  const named = new Map<Key, number>()
  for (let task = 0; task < plan.count; task++) named.set(plan.key(task), ranks[task]!)
  return named
}

function* blockKeys(layer: LayerGraph['layers'][number]): Iterable<Key> {
  const count = layer.numblocks.reduce((product, n) => product * n, 1)
  for (let block = 0; block < count; block++) yield layer.key(block)
}

/** Returns the rank of each task of a plan. */
export function orderPlan(plan: Plan): Int32Array {
  if (!plan.recipes.some(({ divides }) => divides === true)) return orderTasks(plan, plan.targets)
  const divides = Uint8Array.from(plan.recipeOf, (recipe) =>
    Number(plan.recipes[recipe]!.divides === true),
  )
  return orderTasks(plan, plan.targets, divides)
}

/**
 * Returns the rank of each numbered task. The inputs of a task must have smaller numbers than the task. `divides` has 1 for each
 * task that takes a piece of its first input.
 */
export function orderTasks(edges: Edges, targets: Targets, divides?: Uint8Array): Int32Array {
  const { count, inputStart, inputs } = edges
  const visit = visitingOrder(edges)
  const ranks = new Int32Array(count).fill(-1)
  const shared = hasSharedInputs(edges) ? new SharedInputs(edges, ranks) : undefined
  const divided = divides === undefined ? undefined : new DividedResults(edges, ranks, divides)
  let next = 0
  let last = 0
  const rank = (task: number): void => {
    ranks[task] = next++
    last = task
    shared?.onBegun(task)
    shared?.onRanked(task)
  }
  const stack: number[] = []
  const cursors: number[] = []
  const roots = flatten(targets)
  for (const root of roots) {
    if (ranks[root]! >= 0) continue
    stack.push(root)
    shared?.onBegun(root)
    cursors.push(inputStart[root]!)
    while (stack.length > 0) {
      const top = stack.length - 1
      const task = stack[top]!
      const end = inputStart[task + 1]!
      let cursor = cursors[top]!
      while (cursor < end && ranks[(visit ?? inputs)[cursor]!]! >= 0) cursor++
      if (cursor < end) {
        const input = (visit ?? inputs)[cursor]!
        const better = next === 0 ? -1 : (shared?.better(last, input) ?? -1)
        cursors[top] = better < 0 ? cursor + 1 : cursor
        const begun = better < 0 ? input : better
        stack.push(begun)
        shared?.onBegun(begun)
        cursors.push(inputStart[begun]!)
      } else {
        stack.pop()
        cursors.pop()
        // A task can be begun twice, the second time because it shares inputs with another.
        if (ranks[task]! >= 0) continue
        rank(task)
        divided?.eachReady(task, rank)
      }
    }
  }
  for (let task = 0; task < count; task++) if (ranks[task]! < 0) ranks[task] = next++
  return ranks
}

/** Returns the inputs of every task, those that need most memory first; undefined if they are in that order already. */
function visitingOrder({ count, inputStart, inputs }: Edges): Int32Array | undefined {
  const need = new Int32Array(count)
  let sorted: Int32Array | undefined
  for (let task = 0; task < count; task++) {
    const start = inputStart[task]!
    const end = inputStart[task + 1]!
    if (end === start) {
      need[task] = 1
      continue
    }
    let descending = true
    for (let i = start + 1; i < end && descending; i++) {
      descending = need[inputs[i]!]! <= need[inputs[i - 1]!]!
    }
    if (!descending) {
      sorted ??= Int32Array.from(inputs as ArrayLike<number>)
      const part = Array.from(sorted.subarray(start, end)).sort((a, b) => need[b]! - need[a]!)
      sorted.set(part, start)
    }
    let most = end - start
    for (let i = start; i < end; i++)
      most = Math.max(most, need[(sorted ?? inputs)[i]!]! + i - start)
    need[task] = most
  }
  return sorted
}

function flatten(targets: Targets): number[] {
  if (typeof targets === 'number') return [targets]
  return targets.flatMap((part) => flatten(part))
}
