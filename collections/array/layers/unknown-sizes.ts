/**
 * Axes whose chunk sizes are not known before they are computed. Elementwise operations and reductions pass
 * them on. An operation that needs the sizes reads the whole axis as one chunk, which a task joins.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { blockShape, forEachBlock, type Grid, isUnknown } from '../planning/chunk-grid.js'
import {
  checkSameStep,
  checkShapeStep,
  countStep,
  gatherStep,
  shapeStep,
} from '../steps/unknown-size-steps.js'
import { type ArraySpec, blockwise, grouped } from './array-spec.js'

/** The lists of sizes that are not known, by what decides them. */
const known = new Map<string, WeakRef<readonly number[]>>()
const forgotten = new FinalizationRegistry<string>((origin) => {
  if (known.get(origin)?.deref() === undefined) known.delete(origin)
})

/**
 * Returns chunk sizes that are not known. Those of one origin, such as the name of a mask, are the same list, so
 * that arrays selected by one mask are known to fit together.
 */
export function unknownSizes(origin: string, count: number): readonly number[] {
  const key = `${origin} ${count}`
  const found = known.get(key)?.deref()
  if (found !== undefined) return found
  const sizes: readonly number[] = new Array<number>(count).fill(Number.NaN)
  known.set(key, new WeakRef(sizes))
  forgotten.register(sizes, key)
  return sizes
}

/** Returns an array with one chunk along each of some axes whose sizes are not known. */
export function gatherUnknown(array: ArraySpec, axes: readonly number[]): ArraySpec {
  const { dtype, chunks } = array
  const open = axes.filter((axis) => isUnknown(chunks[axis]!) && chunks[axis]!.length > 1)
  if (open.length === 0) return array
  const fan = chunks.map((sizes, axis) => (open.includes(axis) ? sizes.length : 1))
  const site = captureCallSite()
  const origin = array.layer.name
  return grouped({
    operation: 'gather',
    source: array,
    fan,
    recipeFor: (count) =>
      recipe(gatherStep, [arg.inputs(0, count), arg.value(fan), arg.value(dtype)], {
        label: 'gather',
        site,
      }),
    dtype,
    chunks: chunks.map((sizes, axis) =>
      open.includes(axis) ? unknownSizes(`${origin} ${axis}`, 1) : sizes,
    ),
    content: [fan],
  })
}

/** Returns an array whose blocks must turn out to have the sizes of a grid, in which NaN is any size. */
export function declareSizes(array: ArraySpec, chunks: Grid, operation: string): ArraySpec {
  const values: number[][] = []
  forEachBlock(chunks, (at) => values.push(blockShape(chunks, at)))
  return blockwise({
    operation: 'checkSizes',
    fn: checkShapeStep,
    args: [arg.input(0), arg.param(0), arg.value(operation)],
    inputs: [{ array }],
    params: [{ kind: 'values', values }],
    dtype: array.dtype,
    chunks,
    content: [operation],
  })
}

/**
 * Returns an array that must turn out to be as long along an axis as another one is along one of its own. Both axes
 * have one chunk.
 */
export function declareEqual(
  [array, axis]: readonly [ArraySpec, number],
  [other, otherAxis]: readonly [ArraySpec, number],
  operation: string,
): ArraySpec {
  return blockwise({
    operation: 'checkEqual',
    fn: checkSameStep,
    args: [arg.input(0), arg.input(1), ...[axis, otherAxis, operation].map((v) => arg.value(v))],
    inputs: [{ array }, { array: other, axes: other.chunks.map(() => -1) }],
    dtype: array.dtype,
    chunks: array.chunks.map((sizes, a) => (a === axis ? other.chunks[otherAxis]! : sizes)),
    content: [axis, otherAxis, operation],
  })
}

/** Returns an array whose blocks are the shapes of the blocks of another one. */
export function shapesLayer(array: ArraySpec): ArraySpec {
  return blockwise({
    operation: 'shapes',
    fn: shapeStep,
    args: [arg.input(0)],
    inputs: [{ array }],
    dtype: array.dtype,
    chunks: array.chunks,
    content: [],
  })
}

/** Returns the numbers of elements along some axes, one float64 for each block along them. The other axes have size 1. */
export function countsLayer(array: ArraySpec, axes: readonly number[]): ArraySpec {
  return blockwise({
    operation: 'counts',
    fn: countStep,
    args: [arg.input(0), arg.value(axes)],
    inputs: [{ array, axes: array.chunks.map((_, axis) => (axes.includes(axis) ? axis : -1)) }],
    dtype: 'float64',
    chunks: array.chunks.map((sizes, axis) => (axes.includes(axis) ? sizes.map(() => 1) : [1])),
    content: [axes],
  })
}
