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
      const value = column[i]
      let h = 0
      if (typeof value === 'number') h = value * 4093
      else if (typeof value === 'string' && value.length > 0)
        h = value.length + value.charCodeAt(value.length - 1) * 31 + value.charCodeAt(0) * 4093
      const mixed = Math.imul(hashes[i]! ^ h, 0x9e3779b1)
      hashes[i] = mixed ^ (mixed >>> 15)
    }
  }
  return hashes
}

/** Looks for equal rows among those of equal hash; undefined if too many hashes are equal. */
function differ(rows: readonly object[], hashes: Int32Array): boolean | undefined {
  const n = rows.length
  const size = 1 << (33 - Math.clz32(n))
  const table = new Int32Array(size)
  let budget = n * PROBES
  for (let i = 0; i < n; i++) {
    const hash = hashes[i]!
    let slot = hash & (size - 1)
    for (let other = table[slot]!; other !== 0; other = table[slot]!) {
      if (rows[other - 1] === rows[i]) return false
      if (--budget < 0) return undefined
      slot = (slot + 1) & (size - 1)
    }
    table[slot] = i + 1
  }
  return true
}
