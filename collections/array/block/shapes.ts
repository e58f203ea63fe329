/** Arithmetic of shapes and strides. */

/** Returns the number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1
  for (const n of shape) size *= n
  return size
}

/** Returns the strides of a row-major block: `[12, 4, 1]` for the shape `[2, 3, 4]`. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= Math.max(1, shape[axis]!)
  }
  return strides
}
