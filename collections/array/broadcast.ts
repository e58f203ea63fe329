/**
 * Broadcasting of shapes: NumPy's rule, integers only.
 */

/**
 * The shape in which several shapes meet: aligned at their ends, an axis of 1 repeats.
 * `broadcastShapes('add', [[3, 1], [4]])` is `[3, 4]`. Throws a RangeError when they do not meet.
 */
export function broadcastShapes(
  operation: string,
  shapes: readonly (readonly number[])[],
): readonly number[] {
  if (shapes.length === 1) return shapes[0]!
  const ndim = Math.max(0, ...shapes.map((shape) => shape.length))
  const result = new Array<number>(ndim).fill(1)
  for (const shape of shapes) {
    const lead = ndim - shape.length
    for (let axis = 0; axis < shape.length; axis++) {
      const n = shape[axis]!
      const have = result[axis + lead]!
      if (have === 1) result[axis + lead] = n
      else if (n !== 1 && n !== have) {
        throw new RangeError(
          `${operation}: shapes ${shapes.map((s) => `[${s}]`).join(' and ')} do not broadcast: ` +
            `axis ${axis + lead} is ${have} in one and ${n} in another; sizes must be equal or 1`,
        )
      }
    }
  }
  return result
}
