/** Layers of masked arrays, whose blocks are pairs of elements and mask. */
import type { Layer } from '../../../core/graph/layer.js'
import { arg } from '../../../core/graph/recipe.js'
import type { Dtype } from '../block/dtype.js'
import type { Grid } from '../planning/chunk-grid.js'
import { maskedPairStep, maskedPartStep } from '../steps/masked-steps.js'
import { type ArraySpec, blockwise } from './array-spec.js'
import { alignArrays } from './operands.js'

/** Pairs the blocks of an array with those of its mask, which has the same shape. */
export function maskedLayer(data: ArraySpec, mask: ArraySpec): ArraySpec {
  const { inputs, chunks } = alignArrays('ma', [data, mask])
  return blockwise({
    operation: 'masked',
    fn: maskedPairStep,
    args: [arg.input(0), arg.input(1)],
    inputs,
    dtype: data.dtype,
    chunks,
    content: [],
  })
}

/** Returns the elements and the mask of a layer of pairs. */
export function maskedParts(
  layer: Layer,
  dtype: Dtype,
  chunks: Grid,
): { readonly data: ArraySpec; readonly mask: ArraySpec } {
  const part = (index: 0 | 1, own: Dtype): ArraySpec =>
    blockwise({
      operation: index === 0 ? 'masked-data' : 'masked-mask',
      fn: maskedPartStep,
      args: [arg.input(0), arg.value(index)],
      inputs: [{ array: { layer } }],
      dtype: own,
      chunks,
      content: [],
    })
  return { data: part(0, dtype), mask: part(1, 'bool') }
}
