/**
 * Building a block out of parts of other blocks: what rechunking and list indices come down to.
 */
import { type AxisSlice, Chunk, copyInto } from '../block/chunk.js'
import type { Dtype } from '../block/dtype.js'
import type { Take } from '../planning/index-plan.js'

/** One part: what is taken of each axis of a source block, and where it goes in the result. */
export interface Move {
  /** Which of the task's source blocks. */
  readonly source: number
  readonly take: readonly Take[]
  /** Per axis: the first place, or all of them. */
  readonly to: readonly (number | readonly number[])[]
}

const isList = (take: Take): take is readonly number[] => Array.isArray(take)

/** A new block of some shape, filled by moves. */
export function assemble(
  sources: readonly Chunk[],
  dtype: Dtype,
  shape: readonly number[],
  moves: readonly Move[],
): Chunk {
  const target = Chunk.zeros(dtype, shape)
  for (const { source, take, to } of moves) fill(target, sources[source]!, take, to)
  return target
}

function fill(
  target: Chunk,
  source: Chunk,
  take: readonly Take[],
  to: readonly (number | readonly number[])[],
): void {
  const axis = take.findIndex(isList)
  const from = take.map((t): AxisSlice => (isList(t) ? { start: 0, step: 1, size: 0 } : t))
  const into = from.map(
    ({ size }, a): AxisSlice => ({ start: (to[a] as number | undefined) ?? 0, step: 1, size }),
  )
  if (axis < 0) {
    copyInto(target.slice(into), source.slice(from))
    return
  }
  const places = to[axis] as readonly number[]
  const taken = take[axis] as readonly number[]
  from[axis] = { start: 0, step: 1, size: source.shape[axis]! }
  into[axis] = { start: 0, step: 1, size: target.shape[axis]! }
  gather(target.slice(into), source.slice(from), axis, places, taken)
}

/** Copies layer `taken[i]` of an axis to layer `places[i]`. */
function gather(
  target: Chunk,
  source: Chunk,
  axis: number,
  places: readonly number[],
  taken: readonly number[],
): void {
  const [to, from] = [target.strides[axis]!, source.strides[axis]!]
  if (target.ndim === 1) {
    gatherLine(target.data as Float64Array, source.data as Float64Array, {
      places,
      taken,
      to,
      from,
      target: target.offset,
      source: source.offset,
    })
    return
  }
  const layer = (chunk: Chunk, at: number) => {
    const one = { start: at, step: 1, size: 1 }
    return chunk.slice(
      chunk.shape.map((size, a) => (a === axis ? one : { start: 0, step: 1, size })),
    )
  }
  for (let i = 0; i < places.length; i++) {
    copyInto(layer(target, places[i]!), layer(source, taken[i]!))
  }
}

interface Line {
  readonly places: readonly number[]
  readonly taken: readonly number[]
  readonly to: number
  readonly from: number
  readonly target: number
  readonly source: number
}

function gatherLine(target: Float64Array, source: Float64Array, line: Line): void {
  const { places, taken, to, from } = line
  for (let i = 0; i < places.length; i++) {
    target[line.target + places[i]! * to] = source[line.source + taken[i]! * from]!
  }
}
