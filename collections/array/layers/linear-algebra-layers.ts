/**
 * Graphs of matrix products. A task adds up the products of several pairs of blocks in place; never
 * is the shared axis put together, however long it is.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { ravel } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { promote } from '../block/dtype.js'
import { alignGrids } from '../planning/broadcast.js'
import { commonGrid, forEachBlock, type Grid, numblocksOf, show } from '../planning/chunk-grid.js'
import { matmulStep } from '../steps/block-steps.js'
import { type ArraySpec, indexed, shapeOf } from './array-spec.js'
import { astypeLayer, isSpec } from './elementwise-layers.js'
import { indexLayer } from './indexing-layers.js'
import { expandLayer, rechunkTo, recipesByCount } from './rechunk-layers.js'
import { reduceTree, SPLIT_EVERY } from './reduction-layers.js'

/** Pairs of blocks that one task multiplies and adds up. */
const PAIRS = 4

/**
 * The matrix product as NumPy's matmul: vectors lose the axis they were given, stacks of matrices
 * broadcast.
 */
export function matmulLayer(left: ArraySpec, right: unknown, operation = 'matmul'): ArraySpec {
  if (!isSpec(right)) {
    throw new TypeError(`${operation}: expected an array to multiply with; got ${show(right)}`)
  }
  const [x, y] = [shapeOf(left), shapeOf(right)]
  if (x.length === 0 || y.length === 0) {
    throw new RangeError(`${operation}: arrays without axes cannot be multiplied so; use mul()`)
  }
  if (x.at(-1) !== y.at(y.length === 1 ? -1 : -2)) {
    throw new RangeError(
      `${operation}: shapes [${x}] and [${y}] do not fit: the last axis of the first (${x.at(-1)}) must be as long as the ${y.length === 1 ? 'only' : 'second last'} axis of the second (${y.at(y.length === 1 ? -1 : -2)})`,
    )
  }
  const dtype = promote(left.dtype, right.dtype)
  const a = x.length === 1 ? expandLayer(left, 0) : left
  const b = y.length === 1 ? expandLayer(right, 1) : right
  const product = multiplyStacks(astypeLayer(a, dtype), astypeLayer(b, dtype))
  const drop: ('...' | 0 | ':')[] = ['...', x.length === 1 ? 0 : ':', y.length === 1 ? 0 : ':']
  return drop.includes(0) ? indexLayer(product, drop) : product
}

function multiplyStacks(a: ArraySpec, b: ArraySpec): ArraySpec {
  const { dtype } = a
  const inner = commonGrid([[a.chunks.at(-1)!], [b.chunks.at(-2)!]], [shapeOf(a).at(-1)!])[0]!
  const [rows, columns] = [a.chunks.at(-2)!, b.chunks.at(-1)!]
  const stack = alignGrids('matmul', [a.chunks.slice(0, -2), b.chunks.slice(0, -2)])
  const left = rechunkTo(a, [...stack.grids[0]!, rows, inner])
  const right = rechunkTo(b, [...stack.grids[1]!, inner, columns])
  const groups = Math.ceil(inner.length / PAIRS)
  const chunks: Grid = [...stack.chunks, rows, columns]
  const site = captureCallSite()
  const recipeFor = recipesByCount((count) => {
    const args = [arg.inputs(0, count), arg.inputs(count, count), arg.value(groups > 1)]
    return recipe(matmulStep, args, { label: 'matmul', site })
  })
  // Several groups get an axis of their own, the first, which is then summed away.
  const grid: Grid = groups === 1 ? chunks : [new Array<number>(groups).fill(1), ...chunks]
  const nodes: BlockNode[] = []
  forEachBlock(grid, (at) => {
    const own = groups === 1 ? at : at.slice(1)
    const from = groups === 1 ? 0 : at[0]! * PAIRS
    const ks = inner.slice(from, from + PAIRS).map((_, k) => from + k)
    const [i, j] = own.slice(-2) as [number, number]
    const block = (array: ArraySpec, which: 0 | 1, last: readonly number[]) => {
      const lead = stack.axes[which]!.map((axis) => (axis < 0 ? 0 : own[axis]!))
      return [which, ravel([...lead, ...last], numblocksOf(array.chunks))]
    }
    const inputs = [
      ...ks.flatMap((k) => block(left, 0, [i, k])),
      ...ks.flatMap((k) => block(right, 1, [k, j])),
    ]
    nodes.push({ recipe: recipeFor(ks.length), inputs, params: [] })
  })
  const sources = [left, right]
  const operation = groups === 1 ? 'matmul' : 'matmul-partial'
  const product = indexed({ operation, sources, nodes, dtype, chunks: grid, content: [] })
  if (groups === 1) return product
  const how = { name: 'sum', dtype, axes: [0], keepdims: false, count: 1, ddof: 0 } as const
  return reduceTree(product, how, SPLIT_EVERY)
}
