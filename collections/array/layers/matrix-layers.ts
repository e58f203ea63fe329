/**
 * Layers of operations on whole matrices: each matrix of a stack is one block, and tasks apply an operation to it.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { type Dtype, isFloat, promote, realDtype } from '../block/dtype.js'
import type { MatrixOperationName, MatrixOptions } from '../factorizations/matrix-operations.js'
import { alignGrids } from '../planning/broadcast.js'
import type { Grid } from '../planning/chunk-grid.js'
import { matrixPartsStep, matrixStep, partStep } from '../steps/matrix-steps.js'
import { type ArraySpec, blockwise, blockwiseRecipe, shapeOf } from './array-spec.js'
import { astypeLayer } from './elementwise-layers.js'
import { assertArray } from './operands.js'
import { rechunkTo } from './rechunk-layers.js'

/** Checks that values are arrays of matrices, and converts integers and bools to float64, all to one dtype. */
export function matrixOperands(
  operation: string,
  values: readonly unknown[],
  { square = false }: { readonly square?: boolean } = {},
): ArraySpec[] {
  const arrays = values.map((value) => {
    assertArray(value, operation)
    return value
  })
  const [first] = arrays as [ArraySpec, ...ArraySpec[]]
  const shape = shapeOf(first)
  if (shape.length < 2) {
    throw new RangeError(
      `${operation}: expected a matrix, or a stack of matrices; got an array of shape [${shape}]`,
    )
  }
  if (square && shape.at(-1) !== shape.at(-2)) {
    throw new RangeError(`${operation}: the matrices must be square; got shape [${shape}]`)
  }
  const dtype = arrays.map((array) => inexactDtype(array.dtype)).reduce(promote)
  return arrays.map((array) => astypeLayer(array, dtype))
}

/** Returns the dtype in which linear algebra computes with elements of a dtype. */
export function inexactDtype(dtype: Dtype): Dtype {
  return isFloat(realDtype(dtype)) ? dtype : 'float64'
}

/** Rechunks the last two axes to one chunk each. */
export function wholeMatrices(array: ArraySpec): ArraySpec {
  const shape = shapeOf(array)
  return rechunkTo(array, [...array.chunks.slice(0, -2), [shape.at(-2)!], [shape.at(-1)!]])
}

/** A result of an operation: its dtype, and the sizes of its axes after those of the stack. */
interface MatrixOutput {
  readonly dtype: Dtype
  readonly sizes: readonly number[]
}

/** Applies an operation to each matrix of stacks that broadcast. */
export function matrixLayers(
  name: MatrixOperationName,
  arrays: readonly ArraySpec[],
  outputs: readonly MatrixOutput[],
  options: MatrixOptions,
): ArraySpec[] {
  const { operation } = options
  const stack = alignGrids(
    operation,
    arrays.map((array) => array.chunks.slice(0, -2)),
  )
  const inputs = arrays.map((array, i) => {
    const aligned = [...stack.grids[i]!, ...array.chunks.slice(-2)]
    const whole = wholeMatrices(rechunkTo(array, aligned))
    return { array: whole, axes: [...stack.axes[i]!, -1, -1] }
  })
  const args = [arg.inputs(0, inputs.length), arg.value(name), arg.value(options)]
  const gridOf = (sizes: readonly number[]): Grid => [...stack.chunks, ...sizes.map((n) => [n])]
  const shared = { operation, args, content: [name, options] }
  if (outputs.length === 1) {
    const [{ dtype, sizes }] = outputs as [MatrixOutput]
    return [blockwise({ ...shared, fn: matrixStep, inputs, dtype, chunks: gridOf(sizes) })]
  }
  const parts = blockwise({
    ...shared,
    operation: `${operation}-parts`,
    fn: matrixPartsStep,
    inputs,
    dtype: outputs[0]!.dtype,
    chunks: stack.chunks,
  })
  return outputs.map(({ dtype, sizes }, index) =>
    partLayer(parts, index, dtype, gridOf(sizes), operation),
  )
}

/** Returns one of the results of an operation whose blocks have several. */
export function partLayer(
  parts: ArraySpec,
  index: number,
  dtype: Dtype,
  chunks: Grid,
  operation: string,
): ArraySpec {
  const step = recipe(partStep, [arg.input(0), arg.value(index)], {
    label: operation,
    site: captureCallSite(),
  })
  const axes = parts.chunks.map((_, axis) => axis)
  return blockwiseRecipe({
    operation: `${operation}-part`,
    recipe: step,
    inputs: [{ array: parts, axes }],
    dtype,
    chunks,
    content: [index],
  })
}
