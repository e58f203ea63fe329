/**
 * Grouping of records by shape.
 *
 * Data with optional keys has a few lists of keys among many records. They are distinguished by
 * walking a tree whose branches are keys, without reading any values.
 */
import { types } from 'node:util'
import { RecordTemplate } from '../identity/hidden-class.js'
import { isPlain } from './record-columns.js'

/** With more shapes, or with fewer records per shape, grouping gains nothing. */
const MAX_SHAPES = 64
const MIN_PER_SHAPE = 4

interface Node {
  /** The branch taken last, which is tried first. */
  key: string | undefined
  child: Node | undefined
  branches: Map<string, Node> | undefined
  /** The number of the shape that ends here; -1 if none does. */
  shape: number
  /** A template made from the first object that ended here. */
  template: RecordTemplate | undefined
}

/** Records by shape. */
interface ShapeGroups {
  /** The shape of each record. */
  readonly codes: readonly number[]
  readonly shapes: readonly { readonly keys: readonly string[]; readonly members: object[] }[]
}

/**
 * Groups plain objects by their keys. Returns undefined if one is not plain or has no keys, or if
 * there are too many shapes.
 */
export function groupByShape(rows: readonly unknown[]): ShapeGroups | undefined {
  const root = newNode()
  const codes = new Array<number>(rows.length)
  const shapes: { keys: readonly string[]; members: object[] }[] = []
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]
    if (typeof row !== 'object' || row === null || types.isProxy(row)) return undefined
    let node = root
    let count = 0
    for (const key in row) {
      node = node.key === key ? node.child! : branch(node, key)
      count++
    }
    if (node.template?.hasSameClass(row) !== true && !hasExactly(row, count)) return undefined
    if (node.shape < 0) {
      const keys = Object.keys(row)
      // Many shapes early on mean many to come.
      if (keys.length === 0 || shapes.length >= Math.min(MAX_SHAPES, 8 + i / MIN_PER_SHAPE))
        return undefined
      node.shape = shapes.push({ keys, members: [] }) - 1
      node.template = RecordTemplate.of(row, keys)
    }
    codes[i] = node.shape
    shapes[node.shape]!.members.push(row)
  }
  const isWorthIt = shapes.length > 1 && shapes.length * MIN_PER_SHAPE <= rows.length
  return isWorthIt ? { codes, shapes } : undefined
}

/** Whether a value is a plain object with exactly this many properties and no symbols. */
function hasExactly(row: object, count: number): boolean {
  return (
    isPlain(row) &&
    Object.getOwnPropertyNames(row).length === count &&
    Object.getOwnPropertySymbols(row).length === 0
  )
}

function newNode(): Node {
  return { key: undefined, child: undefined, branches: undefined, shape: -1, template: undefined }
}

function branch(node: Node, key: string): Node {
  node.branches ??= new Map()
  let child = node.branches.get(key)
  if (child === undefined) node.branches.set(key, (child = newNode()))
  node.key = key
  node.child = child
  return child
}
