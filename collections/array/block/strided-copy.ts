/**
 * Copies elements between typed arrays by strides. One loop nest is generated for each rank and
 * array type, so that no loop ever sees two types of arrays.
 */
import type { TypedArray } from './dtype.js'

/** Elements of a typed array by shape, strides and offset, all counted in elements. */
export interface StridedElements {
  /** The typed array that holds the elements, and possibly others. */
  readonly data: TypedArray
  /** The size of each axis. */
  readonly shape: readonly number[]
  /** The distance between neighbours along each axis. */
  readonly strides: readonly number[]
  /** The position of the element at `0, 0, ...`. */
  readonly offset: number
}

/** Copies the elements of `source` over those of `target`. Both have one shape and array type. */
export function copyStrided(target: StridedElements, source: StridedElements): void {
  // Loops follow the memory of the target: scattered writes cost more than scattered reads.
  const order = target.shape.map((_, axis) => axis)
  order.sort((a, b) => Math.abs(target.strides[b]!) - Math.abs(target.strides[a]!))
  const inOrder = (list: readonly number[]) => order.map((axis) => list[axis]!)
  const [rows, last] = [order.length - 1, order.at(-1)]
  const copiesRows =
    last !== undefined &&
    target.shape[last]! >= ROW &&
    target.strides[last] === 1 &&
    source.strides[last] === 1
  copyLoop(copiesRows ? rows : order.length, target.data, copiesRows)(
    target.data,
    source.data,
    inOrder(target.shape),
    inOrder(target.strides),
    inOrder(source.strides),
    target.offset,
    source.offset,
  )
}

/** The least length of rows that are copied as a whole. */
const ROW = 64

type CopyLoop = (
  target: TypedArray,
  source: TypedArray,
  shape: readonly number[],
  to: readonly number[],
  from: readonly number[],
  targetOffset: number,
  sourceOffset: number,
) => void

const copyLoops = new Map<string, CopyLoop>()

/** Returns the loops over `rank` axes that copy elements, or rows along the axis after them. */
function copyLoop(rank: number, data: TypedArray, copiesRows: boolean): CopyLoop {
  const key = `${data.constructor.name}${rank}${copiesRows}`
  let found = copyLoops.get(key)
  if (found === undefined) {
    const [p, q] = rank === 0 ? ['p0', 'q0'] : ['p', 'q']
    let body = copiesRows
      ? `t.set(s.subarray(${q}, ${q} + shape[${rank}]), ${p})`
      : `t[${p}] = s[${q}]`
    for (let axis = rank - 1; axis >= 0; axis--) {
      body = `for (let i = 0, n = shape[${axis}], a = to[${axis}], b = from[${axis}], p = p${axis}, q = q${axis}; i < n; i++, p += a, q += b) {
        ${axis === rank - 1 ? '' : `const p${axis + 1} = p, q${axis + 1} = q;`} ${body} }`
    }
    found = new Function('t', 's', 'shape', 'to', 'from', 'p0', 'q0', body) as CopyLoop
    copyLoops.set(key, found)
  }
  return found
}
