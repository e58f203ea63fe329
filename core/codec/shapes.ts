/**
 * Uniform records: taking them apart into columns, and putting them together again.
 *
 * For large batches the loops are generated per list of keys, with the property names written out,
 * which V8 turns into plain loads and one hidden class; small batches use ordinary loops.
 */

/** Batches smaller than this are not worth compiling a loop for. */
const COMPILE_FROM = 128
const MOST_KEYS = 200
const BLOCK = 512
const CACHE_SIZE = 500

type Row = Record<string, unknown>
type Gather = (rows: readonly Row[], out: unknown[][], from: number, to: number) => void
type Build = (columns: readonly ArrayLike<unknown>[], n: number) => Row[]

const gathers = new Map<string, Gather>()
const builds = new Map<string, Build>()
const objectPrototype = Object.prototype

/** Whether these rows are plain objects with exactly these keys in this order, all their own. */
function haveKeys(
  rows: readonly unknown[],
  keys: readonly string[],
  from: number,
  to: number,
): boolean {
  for (let i = from; i < to; i++) {
    const row = rows[i]
    if (typeof row !== 'object' || row === null) return false
    if (Object.getPrototypeOf(row) !== objectPrototype) return false
    let j = 0
    for (const key in row) if (key !== keys[j++]) return false
    if (j !== keys.length) return false
  }
  return true
}

/**
 * The values of each key, one list per key; undefined if not every row is a plain object with exactly
 * these keys, or `accept` is against a row. Goes block by block, so that rows are still in the
 * processor's cache when their values are read.
 */
export function gatherColumns(
  rows: readonly unknown[],
  keys: readonly string[],
  accept: (row: object, index: number) => boolean,
): unknown[][] | undefined {
  const n = rows.length
  if (!haveKeys(rows, keys, 0, Math.min(n, 2)) || !haveKeys(rows, keys, n - 1, n)) return undefined
  const columns = keys.map(() => new Array<unknown>(n))
  const gather =
    (n >= COMPILE_FROM ? cached(gathers, keys, compileGather) : undefined) ?? gatherBy(keys)
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK)
    if (!haveKeys(rows, keys, from, to)) return undefined
    for (let i = from; i < to; i++) if (!accept(rows[i] as object, i)) return undefined
    gather(rows as readonly Row[], columns, from, to)
  }
  return columns
}

function gatherBy(keys: readonly string[]): Gather {
  return (rows, out, from, to) => {
    for (let k = 0; k < keys.length; k++) {
      const key = keys[k]!
      const column = out[k]!
      for (let i = from; i < to; i++) column[i] = rows[i]![key]
    }
  }
}

/** Records made of columns, with the keys in their order. */
export function buildRows(
  keys: readonly string[],
  columns: readonly ArrayLike<unknown>[],
  n: number,
): Row[] {
  const build = n >= COMPILE_FROM ? cached(builds, keys, compileBuild) : undefined
  if (build !== undefined) return build(columns, n)
  const rows = new Array<Row>(n)
  for (let i = 0; i < n; i++) {
    const row: Row = {}
    for (let k = 0; k < keys.length; k++) setOwn(row, keys[k]!, columns[k]![i])
    rows[i] = row
  }
  return rows
}

/** Sets a property as an object literal with a computed key does: `__proto__` is a key like any other. */
export function setOwn(target: object, key: PropertyKey, value: unknown): void {
  if (key === '__proto__') defineOwn(target, key, value, true)
  else (target as Record<PropertyKey, unknown>)[key] = value
}

/** Defines an ordinary property, whatever the prototype says about its name. */
export function defineOwn(
  target: object,
  key: PropertyKey,
  value: unknown,
  enumerable: boolean,
): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true })
}

function cached<F>(
  cache: Map<string, F>,
  keys: readonly string[],
  compile: (keys: readonly string[]) => F,
): F | undefined {
  if (keys.length > MOST_KEYS) return undefined
  const name = JSON.stringify(keys)
  let found = cache.get(name)
  if (found === undefined) {
    try {
      found = compile(keys)
    } catch {
      // Code generation is switched off in this process: the ordinary loops do.
      return undefined
    }
    if (cache.size >= CACHE_SIZE) cache.clear()
    cache.set(name, found)
  }
  return found
}

function compileGather(keys: readonly string[]): Gather {
  const names = keys.map((_, k) => `c${k} = out[${k}]`).join(', ')
  const loads = keys.map((key, k) => `c${k}[i] = row[${JSON.stringify(key)}]`).join('; ')
  return new Function(
    'rows',
    'out',
    'from',
    'to',
    `const ${names}\nfor (let i = from; i < to; i++) { const row = rows[i]; ${loads} }`,
  ) as Gather
}

function compileBuild(keys: readonly string[]): Build {
  const names = keys.map((_, k) => `c${k} = columns[${k}]`).join(', ')
  const fields = keys.map((key, k) => `${literalKey(key)}: c${k}[i]`).join(', ')
  return new Function(
    'columns',
    'n',
    `const ${names}\nconst rows = new Array(n)\nfor (let i = 0; i < n; i++) rows[i] = { ${fields} }\nreturn rows`,
  ) as Build
}

/** A key as an object literal defines an own property by it, `__proto__` too. */
function literalKey(key: string): string {
  const quoted = JSON.stringify(key)
  return key === '__proto__' ? `[${quoted}]` : quoted
}
