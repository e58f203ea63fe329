/**
 * Uniform records: taking them apart into columns, and putting them together again.
 *
 * For large batches the loops are generated per list of keys, with the property names written out,
 * which V8 turns into plain loads and one hidden class; small batches use ordinary loops.
 */

/** Batches smaller than this are not worth compiling a loop for. */
const COMPILE_FROM = 128
const MOST_KEYS = 200
const CACHE_SIZE = 500

type Row = Record<string, unknown>
type Gather = (rows: readonly Row[], out: unknown[][]) => void
type Build = (columns: readonly ArrayLike<unknown>[], n: number) => Row[]

const gathers = new Map<string, Gather>()
const builds = new Map<string, Build>()
const objectPrototype = Object.prototype

/** Whether every row is a plain object with exactly these keys in this order, all its own. */
export function allHaveKeys(rows: readonly unknown[], keys: readonly string[]): boolean {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]
    if (typeof row !== 'object' || row === null) return false
    if (Object.getPrototypeOf(row) !== objectPrototype) return false
    let j = 0
    for (const key in row) if (key !== keys[j++]) return false
    if (j !== keys.length) return false
  }
  return true
}

/** The values of each key, one list per key. */
export function gatherColumns(rows: readonly Row[], keys: readonly string[]): unknown[][] {
  const n = rows.length
  const columns = keys.map(() => new Array<unknown>(n))
  const gather = n >= COMPILE_FROM ? cached(gathers, keys, compileGather) : undefined
  if (gather !== undefined) gather(rows, columns)
  else {
    for (let k = 0; k < keys.length; k++) {
      const key = keys[k]!
      const column = columns[k]!
      for (let i = 0; i < n; i++) column[i] = rows[i]![key]
    }
  }
  return columns
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
export function setOwn(target: object, key: string | symbol, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  else (target as Record<string | symbol, unknown>)[key] = value
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
    `const ${names}\nfor (let i = 0; i < rows.length; i++) { const row = rows[i]; ${loads} }`,
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
