/**
 * Chunks that are not computed yet, and the operations that build their expressions.
 *
 * A step that adds an operation only extends an expression. The whole expression becomes one loop
 * when the task ends or a reduction reads it; no intermediate arrays are made. An expression that
 * would exceed `MAX_NODES` is computed in parts, so that kernels stay of bounded size.
 */
import { LazyValue } from '../../../core/graph/lazy-value.js'
import { currentStepIndex, StepFailure } from '../../../core/run/compile-recipe.js'
import {
  type Dtype,
  isComplex,
  isFloat,
  isInteger,
  type Scalar,
  toElement,
  type WeakScalar,
  weak,
} from '../block/dtype.js'
import { NDArray } from '../block/ndarray.js'
import { commonShape } from '../planning/broadcast.js'
import { keepChunk } from './borrowed-memory.js'
import {
  type AppliedOperator,
  chunkLeaf,
  type ElementwiseExpression,
} from './elementwise-expression.js'
import { computeExpression } from './elementwise-kernel.js'
import { resolveDtypes } from './elementwise-operators.js'
import type { OperatorName } from './operator-table.js'

/** An operand of an elementwise step. */
type ElementwiseOperand = NDArray | LazyChunk | Scalar

/** The number of operations in the largest expression that becomes one kernel. */
export const MAX_NODES = 64

/** A chunk that is computed on first use. Steps of one task pass it on; the end of a task finishes it. */
export class LazyChunk extends LazyValue {
  readonly shape: readonly number[]
  readonly dtype: Dtype
  private current: ElementwiseExpression

  constructor(expression: ElementwiseExpression, shape: readonly number[]) {
    super()
    this.current = expression
    this.dtype = expression.dtype
    this.shape = shape
  }

  /** The expression; a single leaf once it has been computed. */
  get expression(): ElementwiseExpression {
    return this.current
  }

  /** Returns the elements, computing them on first use. They may be in memory that lasts as long as the task. */
  chunk(): NDArray {
    if (this.current.kind === 'chunk') return this.current.chunk
    const chunk = compute(this.current, this.shape)
    this.current = chunkLeaf(chunk)
    return chunk
  }

  /** Returns the elements in memory of their own, which lasts: a view of a small part of a block is copied. */
  finish(): NDArray {
    const chunk = this.chunk()
    const own = chunk.ownsData ? chunk : chunk.contiguous()
    keepChunk(own)
    return own
  }
}

/** Wraps a chunk, which may be a view of another, as a lazy chunk. */
export function lazy(chunk: NDArray): LazyChunk {
  return new LazyChunk(chunkLeaf(chunk), chunk.shape)
}

/** Returns the elements of an array operand, computing them if necessary, as `LazyChunk.chunk` does. */
export function toChunk(value: NDArray | LazyChunk): NDArray {
  return value instanceof LazyChunk ? value.chunk() : value
}

/** Applies an elementwise operation, at least one operand being an array: `elementwise('add', x, 1)`. */
export function elementwise(
  op: OperatorName,
  ...operands: readonly ElementwiseOperand[]
): LazyChunk {
  if (op === 'power') {
    const cheaper = cheaperPower(operands[0]!, operands[1]!)
    if (cheaper !== undefined) return elementwise(cheaper, operands[0]!)
  }
  const types: (Dtype | WeakScalar)[] = []
  const shapes: (readonly number[])[] = []
  let nodes = 1
  for (const operand of operands) {
    if (!isArray(operand)) types.push(weak(operand))
    else {
      types.push(operand.dtype)
      shapes.push(operand.shape)
      nodes += nodesOf(operand)
    }
  }
  const { casts, dtype } = resolveDtypes(op, types)
  const shape = commonShape(op, shapes)
  if (nodes > MAX_NODES) computeLargeOperands(operands, nodes)
  const args: ElementwiseExpression[] = []
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!
    if (!isArray(operand)) {
      const value = toElement(operand, casts[i]!, op)
      args.push({ kind: 'scalar', value, dtype: casts[i]!, nodes: 0 })
    } else args.push(operand instanceof LazyChunk ? operand.expression : chunkLeaf(operand))
  }
  return new LazyChunk(applied(op, casts, args, dtype), shape)
}

/** Converts an array to another dtype. */
export function astype(value: NDArray | LazyChunk, dtype: Dtype): LazyChunk {
  const expression = value instanceof LazyChunk ? value.expression : chunkLeaf(value)
  if (expression.dtype === dtype) return new LazyChunk(expression, value.shape)
  return new LazyChunk(applied(undefined, [dtype], [expression], dtype), value.shape)
}

/** Returns the operation that replaces a power with a plain exponent, as NumPy's `**` does. */
function cheaperPower(
  base: ElementwiseOperand,
  exponent: ElementwiseOperand,
): OperatorName | undefined {
  if (!isArray(base) || base.dtype === 'bool') return undefined
  if (exponent === 2 || exponent === 2n) return 'square'
  if (!isFloat(base.dtype) && !isComplex(base.dtype)) return undefined
  return exponent === 0.5 ? 'sqrt' : exponent === -1 || exponent === -1n ? 'reciprocal' : undefined
}

function applied(
  op: OperatorName | undefined,
  casts: readonly Dtype[],
  args: readonly ElementwiseExpression[],
  dtype: Dtype,
): AppliedOperator {
  let nodes = 1
  for (const arg of args) nodes += arg.nodes
  return { kind: 'apply', op, casts, args, dtype, nodes, step: currentStepIndex() }
}

function nodesOf(operand: ElementwiseOperand): number {
  return operand instanceof LazyChunk ? operand.expression.nodes : 0
}

/** Computes operands, the largest first, until their expression of `nodes` operations is within `MAX_NODES`. */
function computeLargeOperands(operands: readonly ElementwiseOperand[], nodes: number): void {
  let total = nodes
  for (const operand of [...operands].sort((a, b) => nodesOf(b) - nodesOf(a))) {
    if (total <= MAX_NODES || !(operand instanceof LazyChunk)) break
    total -= nodesOf(operand)
    operand.chunk()
  }
}

function compute(expression: ElementwiseExpression, shape: readonly number[]): NDArray {
  try {
    return computeExpression(expression, shape)
  } catch (error) {
    const step = failingStep(expression)
    throw step === undefined ? error : new StepFailure(step, error)
  }
}

/** Returns the step of the first integer power: only those can fail on the elements they read. */
function failingStep(expression: ElementwiseExpression): number | undefined {
  if (expression.kind !== 'apply') return undefined
  for (const part of expression.args) {
    const step = failingStep(part)
    if (step !== undefined) return step
  }
  return expression.op === 'power' && isInteger(expression.dtype) ? expression.step : undefined
}

function isArray(operand: ElementwiseOperand): operand is NDArray | LazyChunk {
  return operand instanceof NDArray || operand instanceof LazyChunk
}
