/**
 * Elementwise expressions: what a chain of operations means, before anything is computed.
 *
 * A step that adds an operation only grows an expression; the whole of it becomes one loop when the
 * task ends or a reduction needs it, with no array in between. Expressions share parts (`x * x`
 * reads `x` once). One that grows beyond `MAX_NODES` is computed in parts, so that a chain of any
 * length makes kernels of bounded size.
 */
import { LazyValue } from '../../../core/graph/lazy-value.js'
import { currentStepIndex, StepFailure } from '../../../core/run/compile-recipe.js'
import { Chunk } from '../block/chunk.js'
import { type Dtype, isFloat, isInteger, type Scalar, toElement, weak } from '../block/dtype.js'
import { broadcastShapes } from '../planning/broadcast.js'
import { evaluate } from './elementwise-kernel.js'
import { type OperatorName, resolve } from './elementwise-operators.js'

/** A leaf that reads an array, a leaf that is one value, or an operation. */
export type Expression = ChunkLeaf | ScalarLeaf | Application

export interface ChunkLeaf {
  readonly kind: 'chunk'
  readonly chunk: Chunk
  readonly dtype: Dtype
  readonly nodes: 0
}

export interface ScalarLeaf {
  readonly kind: 'scalar'
  /** Already an element of `dtype`. */
  readonly value: Scalar
  readonly dtype: Dtype
  readonly nodes: 0
}

/** Argument `i` is first made `casts[i]`; `op` undefined means the cast is all there is to it. */
export interface Application {
  readonly kind: 'apply'
  readonly op: OperatorName | undefined
  readonly casts: readonly Dtype[]
  readonly args: readonly Expression[]
  readonly dtype: Dtype
  /** How many operations there are in it, parts that are shared counted each time. */
  readonly nodes: number
  /** The step of the task that added it, for operations that can fail on what they read. */
  readonly step: number
}

/** What an elementwise step takes. */
export type Operand = Chunk | LazyChunk | Scalar

/** The largest expression that becomes one kernel. */
export const MAX_NODES = 64

/** An array that is not computed yet; steps of one task hand it on, and a task's end finishes it. */
export class LazyChunk extends LazyValue {
  readonly shape: readonly number[]
  readonly dtype: Dtype
  private current: Expression

  constructor(expression: Expression, shape: readonly number[]) {
    super()
    this.current = expression
    this.dtype = expression.dtype
    this.shape = shape
  }

  /** The expression, or a leaf once it was computed. */
  get expression(): Expression {
    return this.current
  }

  /** The elements, computed on first use. */
  chunk(): Chunk {
    if (this.current.kind === 'chunk') return this.current.chunk
    const chunk = compute(this.current, this.shape)
    this.current = leaf(chunk)
    return chunk
  }

  /** The elements in memory of their own: a view of a small part of a block becomes a copy. */
  finish(): Chunk {
    const chunk = this.chunk()
    return chunk.ownsData ? chunk : chunk.contiguous()
  }
}

/** A leaf that reads a chunk. */
export function leaf(chunk: Chunk): ChunkLeaf {
  return { kind: 'chunk', chunk, dtype: chunk.dtype, nodes: 0 }
}

/** A chunk, or a view of one, as a lazy value. */
export function lazy(chunk: Chunk): LazyChunk {
  return new LazyChunk(leaf(chunk), chunk.shape)
}

/** The elements of an array operand, computed if they are not yet. */
export function toChunk(value: Chunk | LazyChunk): Chunk {
  return value instanceof LazyChunk ? value.chunk() : value
}

/** Adds one elementwise operation: `elementwise('add', x, 1)`. At least one operand is an array. */
export function elementwise(op: OperatorName, ...operands: readonly Operand[]): LazyChunk {
  if (op === 'power') {
    const cheaper = cheaperPower(operands[0]!, operands[1]!)
    if (cheaper !== undefined) return elementwise(cheaper, operands[0]!)
  }
  const { casts, dtype } = resolve(
    op,
    operands.map((operand) => (isArray(operand) ? operand.dtype : weak(operand))),
  )
  const shape = broadcastShapes(
    op,
    operands.filter(isArray).map((operand) => operand.shape),
  )
  const args = limited(operands).map((operand, i): Expression => {
    if (!isArray(operand)) {
      return {
        kind: 'scalar',
        value: toElement(operand, casts[i]!, op),
        dtype: casts[i]!,
        nodes: 0,
      }
    }
    return operand instanceof LazyChunk ? operand.expression : leaf(operand)
  })
  return new LazyChunk(application(op, casts, args, dtype), shape)
}

/** The operation that a power by a plain value comes down to, as NumPy's `**` does it. */
function cheaperPower(base: Operand, exponent: Operand): OperatorName | undefined {
  if (!isArray(base) || base.dtype === 'bool') return undefined
  if (exponent === 2 || exponent === 2n) return 'square'
  if (!isFloat(base.dtype)) return undefined
  return exponent === 0.5 ? 'sqrt' : exponent === -1 || exponent === -1n ? 'reciprocal' : undefined
}

/** Adds a conversion to another dtype. */
export function astype(value: Chunk | LazyChunk, dtype: Dtype): LazyChunk {
  const expression = value instanceof LazyChunk ? value.expression : leaf(value)
  if (expression.dtype === dtype) return new LazyChunk(expression, value.shape)
  return new LazyChunk(application(undefined, [dtype], [expression], dtype), value.shape)
}

function application(
  op: OperatorName | undefined,
  casts: readonly Dtype[],
  args: readonly Expression[],
  dtype: Dtype,
): Application {
  const nodes = args.reduce((sum, arg) => sum + arg.nodes, 1)
  return { kind: 'apply', op, casts, args, dtype, nodes, step: currentStepIndex() }
}

/** Computes the larger operands first when all of them together would be too large an expression. */
function limited(operands: readonly Operand[]): readonly Operand[] {
  const weight = (operand: Operand) => (operand instanceof LazyChunk ? operand.expression.nodes : 0)
  let total = operands.reduce((sum: number, operand) => sum + weight(operand), 1)
  if (total <= MAX_NODES) return operands
  for (const operand of [...operands].sort((a, b) => weight(b) - weight(a))) {
    if (total <= MAX_NODES || !(operand instanceof LazyChunk)) break
    total -= weight(operand)
    operand.chunk()
  }
  return operands
}

function compute(expression: Expression, shape: readonly number[]): Chunk {
  try {
    return evaluate(expression, shape)
  } catch (error) {
    const step = failingStep(expression)
    throw step === undefined ? error : new StepFailure(step, error)
  }
}

/** Integer powers are the only operations that fail on the values they read. */
function failingStep(expression: Expression): number | undefined {
  if (expression.kind !== 'apply') return undefined
  for (const part of expression.args) {
    const step = failingStep(part)
    if (step !== undefined) return step
  }
  return expression.op === 'power' && isInteger(expression.dtype) ? expression.step : undefined
}

/** Whether an operand is an array and not a plain value. */
export function isArray(operand: Operand): operand is Chunk | LazyChunk {
  return operand instanceof Chunk || operand instanceof LazyChunk
}
