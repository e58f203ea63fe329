/**
 * Plans by layout: what was derived from the shapes and strides of a program's inputs. The blocks of an
 * array have few layouts, so it is derived once for many blocks.
 */
import type { NDArray } from '../block/ndarray.js'

interface PlannedLayout<Plan> {
  readonly operation: string
  readonly axes: readonly number[]
  readonly shape: readonly number[]
  /** For each input, its shape and its strides. */
  readonly inputs: readonly (readonly number[])[]
  readonly plan: Plan
}

/** The number of plans that are kept. */
const MOST = 8

/**
 * The last plans, by the operation and its axes, the shape of the result and the layouts of the inputs.
 */
export class LayoutPlans<Plan> {
  private readonly planned: PlannedLayout<Plan>[] = []

  /** Returns the plan for a layout, making it if it is not known. */
  get(
    operation: string,
    axes: readonly number[],
    shape: readonly number[],
    chunks: readonly NDArray[],
    make: () => Plan,
  ): Plan {
    const { planned } = this
    for (const known of planned) {
      if (known.operation !== operation || !areEqual(known.axes, axes)) continue
      if (isLayout(known, shape, chunks)) return known.plan
    }
    const plan = make()
    const inputs = chunks.flatMap((chunk) => [chunk.shape, chunk.strides])
    planned.unshift({ operation, axes, shape, inputs, plan })
    if (planned.length > MOST) planned.pop()
    return plan
  }
}

function isLayout(
  known: PlannedLayout<unknown>,
  shape: readonly number[],
  chunks: readonly NDArray[],
): boolean {
  if (!areEqual(known.shape, shape)) return false
  for (let i = 0; i < chunks.length; i++) {
    const { shape: own, strides } = chunks[i]!
    if (!areEqual(known.inputs[2 * i]!, own)) return false
    if (!areEqual(known.inputs[2 * i + 1]!, strides)) return false
  }
  return true
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
