/**
 * Elementwise expressions as data: trees of operations over chunks and plain values, before anything
 * is computed. Expressions may share subtrees: `x * x` reads `x` once.
 */

import type { Dtype, Scalar } from '../block/dtype.js'
import type { NDArray } from '../block/ndarray.js'
import type { OperatorName } from './operator-table.js'

/** An expression: a leaf that reads a chunk, a leaf that is one value, or an operation. */
export type ElementwiseExpression = ChunkLeaf | ScalarLeaf | AppliedOperator

/** A leaf that reads the elements of a chunk. */
interface ChunkLeaf {
  readonly kind: 'chunk'
  readonly chunk: NDArray
  readonly dtype: Dtype
  readonly nodes: 0
}

/** A leaf that is one value. */
interface ScalarLeaf {
  readonly kind: 'scalar'
  /** The value, converted to `dtype` already. */
  readonly value: Scalar
  readonly dtype: Dtype
  readonly nodes: 0
}

/** An operation, or only a conversion when `op` is undefined. */
export interface AppliedOperator {
  readonly kind: 'apply'
  readonly op: OperatorName | undefined
  /** The dtype that each argument is converted to first. */
  readonly casts: readonly Dtype[]
  readonly args: readonly ElementwiseExpression[]
  readonly dtype: Dtype
  /** The number of operations in the tree, shared subtrees counted each time. */
  readonly nodes: number
  /** The step of the task that added the operation, for errors of operations that can fail. */
  readonly step: number
}

/** Makes a leaf that reads a chunk. */
export function chunkLeaf(chunk: NDArray): ChunkLeaf {
  return { kind: 'chunk', chunk, dtype: chunk.dtype, nodes: 0 }
}
