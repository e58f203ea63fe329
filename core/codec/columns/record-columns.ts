/**
 * Conversion of uniform records to columns and back.
 *
 * For large batches, loops are generated for each list of keys, with the property names spelled
 * out, which V8 compiles to plain loads and a single hidden class. Small batches use ordinary
 * loops.
 */
import { types } from 'node:util'
import { RecordTemplate } from '../identity/hidden-class.js'
import { setOwn } from '../objects/properties.js'

/** Smaller batches are not worth compiling a loop for. */
const COMPILE_FROM = 128
const MAX_KEYS = 200
/** Copying records of more keys costs more than checking each for symbols. */
const MAX_COPIED = 12
const CACHE_SIZE = 500

type Row = Record<string, unknown>
/**
 * Fills the columns from row `from` on. Returns the row at which it stopped; -1 if records differ.
 */
type Gather = (
  rows: readonly Row[],
  out: readonly ValueColumn[],
  all: object,
  isProxy: (value: unknown) => boolean,
  from: number,
  template: RecordTemplate | undefined,
) => number

/** The values of one key; a typed array if all are numbers and there are many. */
export type ValueColumn = unknown[] | Float64Array
type Build = (columns: readonly ArrayLike<unknown>[], n: number) => Row[]

const gathers = new Map<string, Gather>()
const builds = new Map<string, Build>()
const objectPrototype = Object.prototype

/**
 * Returns a column of values for each key. Returns undefined unless every row is a plain object
 * with exactly these keys in this order and nothing else. With `known`, this was checked already.
 */
export function gatherColumns(
  rows: readonly unknown[],
  keys: readonly string[],
  known = false,
): ValueColumn[] | undefined {
  const n = rows.length
  for (const i of [0, n >> 2, n >> 1, n - 1]) if (!hasKeys(rows[i], keys)) return undefined
  // Collects the properties of all rows, so symbols on any row show up here.
  const all = {}
  let columns: ValueColumn[] = keys.map(() => new Array<unknown>(n))
  const compiled = (kinds: readonly number[]) =>
    cached(gathers, keys, () => compileGather(keys, kinds, known), `${known}${kinds.join('')}`)
  const generic = n >= COMPILE_FROM ? compiled([]) : undefined
  const template = templateOf(rows[0] as object, keys)
  if (generic === undefined)
    return gatherWithLoop(rows, keys, columns, template) ? columns : undefined
  const samples = [n - 1, 0, n >> 1, n >> 2, 1, n - 2, (n >> 1) + 1, (n >> 2) + 1]
  const kinds = keys.map((key) => (samples.every((i) => isNumber(rows[i], key)) ? 1 : 0))
  let done = 0
  if (kinds.includes(1)) {
    columns = columns.map((column, k) => (kinds[k] === 1 ? new Float64Array(n) : column))
    done = compiled(kinds)!(rows as readonly Row[], columns, all, types.isProxy, 0, template)
    if (done < 0) return undefined
    // A column that is not all numbers continues as a column of any values.
    if (done < n) columns = columns.map((column) => valuesUpTo(column, done))
  }
  if (done < n) done = generic(rows as readonly Row[], columns, all, types.isProxy, done, template)
  return done === n && Object.getOwnPropertySymbols(all).length === 0 ? columns : undefined
}

/** Whether a property is a number, without calling a getter. */
function isNumber(row: unknown, key: string): boolean {
  if (typeof row !== 'object' || row === null) return false
  return typeof Object.getOwnPropertyDescriptor(row, key)?.value === 'number'
}

/** Returns a column for any values, with the first `count` values of another. */
function valuesUpTo(column: ValueColumn, count: number): unknown[] {
  if (Array.isArray(column)) return column
  const values = new Array<unknown>(column.length)
  for (let i = 0; i < count; i++) values[i] = column[i]
  return values
}

/** Whether a value is a plain object with exactly these own keys in this order. */
function hasKeys(row: unknown, keys: readonly string[]): row is Row {
  if (!isPlain(row)) return false
  let j = 0
  for (const key in row) if (key !== keys[j++]) return false
  return j === keys.length
}

/** Whether a value is an extensible object whose prototype is `Object.prototype`. */
export function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !types.isProxy(value) &&
    Object.isExtensible(value) &&
    Object.getPrototypeOf(value) === objectPrototype
  )
}

/** Returns a template of records with these keys, made from one of them. */
function templateOf(row: object, keys: readonly string[]): RecordTemplate | undefined {
  return Reflect.ownKeys(row).length === keys.length ? RecordTemplate.of(row, keys) : undefined
}

function gatherWithLoop(
  rows: readonly unknown[],
  keys: readonly string[],
  out: ValueColumn[],
  template: RecordTemplate | undefined,
): boolean {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as Row
    if (
      template?.matches(row) !== true &&
      (!hasKeys(row, keys) || Reflect.ownKeys(row).length !== keys.length)
    )
      return false
    for (let k = 0; k < keys.length; k++) out[k]![i] = row[keys[k]!]
  }
  return true
}

/** Builds records from columns, with the keys in their order. */
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

/** Builds lists of equal length from columns, one per position. */
export function buildLists(columns: readonly ArrayLike<unknown>[], n: number): unknown[][] {
  const lists = new Array<unknown[]>(n)
  const [first, second] = columns
  for (let i = 0; i < n; i++) {
    if (columns.length === 2) lists[i] = [first![i], second![i]]
    else {
      const list: unknown[] = []
      for (const column of columns) list.push(column[i])
      lists[i] = list
    }
  }
  return lists
}

function cached<F>(
  cache: Map<string, F>,
  keys: readonly string[],
  compile: (keys: readonly string[]) => F,
  variant = '',
): F | undefined {
  if (keys.length > MAX_KEYS) return undefined
  const name = variant + JSON.stringify(keys)
  let found = cache.get(name)
  if (found === undefined) {
    try {
      found = compile(keys)
    } catch {
      // Code generation is disabled in this process: ordinary loops are used.
      return undefined
    }
    if (cache.size >= CACHE_SIZE) cache.clear()
    cache.set(name, found)
  }
  return found
}

/**
 * Compiles one pass over the rows. Rows of another hidden class than the first are copied to a
 * single object, and their values are taken from there. That object collects any symbols of the
 * rows, which costs less than checking each row, and each getter is called once.
 */
function compileGather(keys: readonly string[], kinds: readonly number[], known: boolean): Gather {
  const copies = keys.length <= MAX_COPIED && !keys.includes('__proto__')
  const checks = `if (typeof row !== 'object' || row === null || isProxy(row) || !isExtensible(row)) return -1
    if (${copies ? 'row.__proto__' : 'getPrototypeOf(row)'} !== plain) return -1
    let j = 0
    for (const key in row) if (key !== keys[j++]) return -1
    if (j !== ${keys.length} || names(row).length !== j) return -1
    ${copies ? 'row = assign(all, row)' : 'if (getOwnPropertySymbols(row).length > 0) return -1'}`
  const forEachKey = (part: (k: number) => string) => keys.map((_, k) => part(k)).join('\n    ')
  return new Function(
    'rows',
    'out',
    'all',
    'isProxy',
    'from',
    'template',
    `const ${keys.map((_, k) => `c${k} = out[${k}]`).join(', ')}
  const keys = ${JSON.stringify(keys)}, plain = Object.prototype
  const { assign, getPrototypeOf, getOwnPropertyNames: names, getOwnPropertySymbols, isExtensible } = Object
  for (let i = from; i < rows.length; i++) {
    let row = rows[i]
    ${known ? '' : `if (template === undefined || !template.matches(row)) {${checks}}`}
    ${forEachKey((k) => `const v${k} = row[${JSON.stringify(keys[k])}]`)}
    ${forEachKey((k) => (kinds[k] === 1 ? `if (typeof v${k} !== 'number') return i` : ''))}
    ${forEachKey((k) => `c${k}[i] = v${k}`)}
  }
  return rows.length`,
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

/**
 * Returns a key as an object literal must contain it to define an own property; `__proto__` too.
 */
function literalKey(key: string): string {
  const quoted = JSON.stringify(key)
  return key === '__proto__' ? `[${quoted}]` : quoted
}
