/**
 * Whether the rows of a batch are all different objects.
 *
 * A `Set` of them would tell, but giving every object a hash takes V8 longer than all the rest of
 * encoding it. Rows of different content are different objects, so the content is hashed instead,
 * and only rows that agree in it are compared.
 */

/** More comparisons than this for each row, and a `Set` is faster. */
const PROBES = 6

/** Whether no two rows are one and the same; `columns` are their values. */
export function allDifferent(
  rows: readonly object[],
  columns: readonly (readonly unknown[])[],
): boolean {
  if (columns.some(isAscending)) return true
  return differ(rows, hashRows(rows.length, columns)) ?? new Set(rows).size === rows.length
}

function isAscending(column: readonly unknown[]): boolean {
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < column.length; i++) {
    const value = column[i]
    if (typeof value !== 'number' || !(value > last)) return false
    last = value
  }
  return true
}

function hashRows(n: number, columns: readonly (readonly unknown[])[]): Int32Array {
  const hashes = new Int32Array(n)
  for (const column of columns) {
    for (let i = 0; i < n; i++) {
      const mixed = Math.imul(hashes[i]! ^ hashScalar(column[i]), 0x9e3779b1)
      hashes[i] = mixed ^ (mixed >>> 15)
    }
  }
  return hashes
}

/** A hash of a number or a text; other values have none. */
export function hashScalar(value: unknown): number {
  if (typeof value === 'number') return value * 4093
  return typeof value === 'string' ? hashText(value) : 0
}

/** Texts of one list often differ near their ends. */
function hashText(text: string): number {
  let hash = text.length
  for (let i = Math.max(0, text.length - 4); i < text.length; i++)
    hash = Math.imul(hash, 31) + text.charCodeAt(i)
  return hash
}

/** Looks for equal rows among those of equal hash; undefined if too many hashes are equal. */
function differ(rows: readonly object[], hashes: Int32Array): boolean | undefined {
  const n = rows.length
  const size = 1 << (32 - Math.clz32(n))
  // The last row of each bucket, and for each row the one before it there; 0 is none.
  const last = new Int32Array(size)
  const before = new Int32Array(n + 1)
  let probes = -1000
  for (let i = 0; i < n; i++) {
    const hash = hashes[i]!
    const bucket = hash & (size - 1)
    const found = last[bucket]!
    for (let other = found; other !== 0; other = before[other]!) {
      if (hashes[other - 1] === hash && rows[other - 1] === rows[i]) return false
      probes++
    }
    if (probes > i * PROBES) return undefined
    before[i + 1] = found
    last[bucket] = i + 1
  }
  return true
}
