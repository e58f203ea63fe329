/**
 * The layout of nested loops over chunks: their order, their sizes, and the stride of each input in
 * each loop. Arithmetic on shapes and strides only.
 */
import type { NDArray } from '../block/ndarray.js'

/** Loops from the outermost to the innermost. */
export interface Loops {
  readonly sizes: readonly number[]
  /** For each input, its stride in each loop. */
  readonly strides: readonly (readonly number[])[]
}

/** Returns the strides of a chunk that is broadcast to a larger shape: 0 along repeated axes. */
export function broadcastStrides(chunk: NDArray, shape: readonly number[]): number[] {
  const lead = shape.length - chunk.shape.length
  return shape.map((n, axis) => {
    const own = axis - lead
    if (own < 0) return 0
    return chunk.shape[own] === 1 && n !== 1 ? 0 : chunk.strides[own]!
  })
}

/** Returns the loops over a list of axes of a shape; `strides` has one list per input. */
export function loopsOver(
  axes: readonly number[],
  shape: readonly number[],
  strides: readonly (readonly number[])[],
): Loops {
  return collapseLoops({
    sizes: axes.map((axis) => shape[axis]!),
    strides: strides.map((own) => axes.map((axis) => own[axis]!)),
  })
}

/** Drops loops of one iteration, and merges neighbouring loops that step through memory evenly. */
export function collapseLoops(loops: Loops): Loops {
  const sizes: number[] = []
  const strides: number[][] = loops.strides.map(() => [])
  for (let d = 0; d < loops.sizes.length; d++) {
    const n = loops.sizes[d]!
    if (n === 1) continue
    const merges =
      sizes.length > 0 && loops.strides.every((own, s) => strides[s]!.at(-1) === own[d]! * n)
    if (merges) {
      sizes[sizes.length - 1]! *= n
      loops.strides.forEach((own, s) => {
        strides[s]![sizes.length - 1] = own[d]!
      })
    } else {
      sizes.push(n)
      loops.strides.forEach((own, s) => {
        strides[s]!.push(own[d]!)
      })
    }
  }
  return { sizes, strides }
}

/** Returns the axes ordered by the strides of the largest input, the largest stride first. */
export function memoryOrder(
  chunks: readonly NDArray[],
  strides: readonly (readonly number[])[],
  shape: readonly number[],
): number[] {
  const axes = shape.map((_, axis) => axis)
  let own: readonly number[] | undefined
  let most = 0
  chunks.forEach((chunk, i) => {
    if (chunk.size <= most) return
    most = chunk.size
    own = strides[i]
  })
  const largest = own
  if (largest === undefined || axes.some((a) => largest[a] === 0 && shape[a]! > 1)) return axes
  return axes.sort((a, b) => Math.abs(largest[b]!) - Math.abs(largest[a]!) || a - b)
}

/**
 * Returns one character per input for its stride in one loop: `1` for consecutive elements, `0` for
 * an input that repeats, `s` for any other stride.
 */
export function strideKinds(loops: Loops, loop: number): string {
  return loops.strides.map((own) => (own[loop] === 1 ? '1' : own[loop] === 0 ? '0' : 's')).join('')
}
