/**
 * Layers of matrix products. A task adds up the products of several pairs of blocks, so the shared
 * axis is never assembled, however long it is.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { promote } from '../block/dtype.js'
import { alignGrids } from '../planning/broadcast.js'
import {
  commonGrid,
  forEachBlock,
  type Grid,
  hasUnknown,
  numblocksOf,
} from '../planning/chunk-grid.js'
import { mayEqual } from '../planning/concatenate-plan.js'
import { matmulStep } from '../steps/linear-algebra-steps.js'
import { type ArraySpec, indexed, recipesByCount, shapeOf } from './array-spec.js'
import { astypeLayer } from './elementwise-layers.js'
import { indexLayer } from './indexing-layers.js'
import { alignUnknown, assertArray } from './operands.js'
import { rechunkTo } from './rechunk-layers.js'
import { sumFirstAxis } from './reduction-layers.js'
import { expandDimsLayer } from './reshape-layers.js'

/** The number of pairs of blocks that one task multiplies and adds up. */
const PAIRS_PER_TASK = 4

/**
 * Multiplies matrices. NumPy: `matmul`. Vectors are promoted to matrices and lose the added axis in
 * the result; stacks of matrices broadcast.
 */
export function matmulLayer(first: ArraySpec, second: unknown, operation = 'matmul'): ArraySpec {
  assertArray(second, operation)
  const pair = [first.chunks.length - 1, Math.max(0, second.chunks.length - 2)]
  const isKnown = !hasUnknown(first.chunks) && !hasUnknown(second.chunks)
  const [left, right] = (
    isKnown ? [first, second] : alignUnknown([first, second], [pair], operation)
  ) as [ArraySpec, ArraySpec]
  const [x, y] = [shapeOf(left), shapeOf(right)]
  if (x.length === 0 || y.length === 0) {
    throw new RangeError(
      `${operation}: arrays without axes cannot be multiplied as matrices; use mul()`,
    )
  }
  const [columns, rows] = [x.at(-1), y.at(y.length === 1 ? -1 : -2)]
  if (!mayEqual(columns!, rows!)) {
    throw new RangeError(
      `${operation}: shapes [${x}] and [${y}] do not fit: the last axis of the first (${columns}) must be as long as the ${y.length === 1 ? 'only' : 'second last'} axis of the second (${rows})`,
    )
  }
  const dtype = promote(left.dtype, right.dtype)
  const a = x.length === 1 ? expandDimsLayer(left, 0) : left
  const b = y.length === 1 ? expandDimsLayer(right, 1) : right
  const product = multiplyStacks(astypeLayer(a, dtype), astypeLayer(b, dtype))
  if (x.length > 1 && y.length > 1) return product
  return indexLayer(product, ['...', x.length === 1 ? 0 : ':', y.length === 1 ? 0 : ':'])
}

/** Multiplies stacks of matrices of one dtype, rechunked so that their blocks match. */
function multiplyStacks(a: ArraySpec, b: ArraySpec): ArraySpec {
  const { dtype } = a
  const inner = commonGrid([[a.chunks.at(-1)!], [b.chunks.at(-2)!]], [shapeOf(a).at(-1)!])[0]!
  const [rows, columns] = [a.chunks.at(-2)!, b.chunks.at(-1)!]
  const stack = alignGrids('matmul', [a.chunks.slice(0, -2), b.chunks.slice(0, -2)])
  const left = rechunkTo(a, [...stack.grids[0]!, rows, inner])
  const right = rechunkTo(b, [...stack.grids[1]!, inner, columns])
  const groups = Math.ceil(inner.length / PAIRS_PER_TASK)
  const chunks: Grid = [...stack.chunks, rows, columns]
  const site = captureCallSite()
  const recipeFor = recipesByCount((count) => {
    const args = [arg.inputs(0, count), arg.inputs(count, count), arg.value(groups > 1)]
    return recipe(matmulStep, args, { label: 'matmul', site })
  })
  // Several groups get an axis of their own, the first, which is summed afterwards.
  const grid: Grid = groups === 1 ? chunks : [new Array<number>(groups).fill(1), ...chunks]
  const nodes: BlockNode[] = []
  forEachBlock(grid, (at) => {
    const own = groups === 1 ? at : at.slice(1)
    const from = groups === 1 ? 0 : at[0]! * PAIRS_PER_TASK
    const ks = inner.slice(from, from + PAIRS_PER_TASK).map((_, k) => from + k)
    const [i, j] = own.slice(-2) as [number, number]
    const input = (array: ArraySpec, which: 0 | 1, matrix: readonly number[]) => {
      const lead = stack.axes[which]!.map((axis) => (axis < 0 ? 0 : own[axis]!))
      return [which, blockNumber([...lead, ...matrix], numblocksOf(array.chunks))]
    }
    const inputs = [
      ...ks.flatMap((k) => input(left, 0, [i, k])),
      ...ks.flatMap((k) => input(right, 1, [k, j])),
    ]
    nodes.push({ recipe: recipeFor(ks.length), inputs, params: [] })
  })
  const sources = [left, right]
  const operation = groups === 1 ? 'matmul' : 'matmul-partial'
  const product = indexed({ operation, sources, nodes, dtype, chunks: grid, content: [] })
  return groups === 1 ? product : sumFirstAxis(product)
}
