/**
 * Copies elements between typed arrays by strides, where the positions on one axis are listed. One loop nest is
 * generated for each rank and array type, so that no loop ever sees two types of arrays.
 */
import type { TypedArray } from './dtype.js'
import type { StridedElements } from './strided-copy.js'

/** Positions on one axis, multiplied by its stride. */
export type Offsets = Int32Array | Float64Array

/** Makes a list of offsets that are below a limit. */
export function newOffsets(length: number, limit: number): Offsets {
  return limit < 2 ** 31 ? new Int32Array(length) : new Float64Array(length)
}

/**
 * Copies elements of `source` over those of `target`, which have one shape. On `axis`, element `i` is at offset
 * `from[i]` of the source and `to[i]` of the target, if these are given; the strides of that axis are not used.
 */
export function copyListed(
  target: StridedElements,
  source: StridedElements,
  axis: number,
  lists: { readonly to?: Offsets; readonly from?: Offsets },
): void {
  const { shape } = target
  const { to, from } = lists
  const loop = listedLoop(shape.length, axis, target.data, to !== undefined, from !== undefined)
  const { strides: a, offset: p } = target
  loop(target.data, source.data, shape, a, source.strides, p, source.offset, to, from)
}

type ListedLoop = (
  target: TypedArray,
  source: TypedArray,
  shape: readonly number[],
  to: readonly number[],
  from: readonly number[],
  targetOffset: number,
  sourceOffset: number,
  targetList: Offsets | undefined,
  sourceList: Offsets | undefined,
) => void

const loops = new Map<string, ListedLoop>()

function listedLoop(
  rank: number,
  listed: number,
  data: TypedArray,
  hasTo: boolean,
  hasFrom: boolean,
): ListedLoop {
  const key = `${data.constructor.name} ${rank} ${listed} ${hasTo} ${hasFrom}`
  let found = loops.get(key)
  if (found === undefined) {
    let body = `t[p${rank}] = s[q${rank}]`
    for (let axis = rank - 1; axis >= 0; axis--) {
      const i = `i${axis}`
      const p = axis === listed && hasTo ? `tl[${i}]` : `${i} * to[${axis}]`
      const q = axis === listed && hasFrom ? `sl[${i}]` : `${i} * from[${axis}]`
      body = `for (let ${i} = 0, n = shape[${axis}]; ${i} < n; ${i}++) {
        const p${axis + 1} = p${axis} + ${p}, q${axis + 1} = q${axis} + ${q}; ${body} }`
    }
    const args = ['t', 's', 'shape', 'to', 'from', 'p0', 'q0', 'tl', 'sl']
    found = new Function(...args, body) as ListedLoop
    loops.set(key, found)
  }
  return found
}
