/**
 * From heads to values.
 *
 * Whatever the bytes say is checked before it is believed: counts against the bytes that are left,
 * references against the objects that were read. Anything that does not fit is a `DecodeError`.
 */
import { DecodeError } from '../errors.js'
import type { BuiltFunction } from '../functions/types.js'
import { ReadViews } from './buffers.js'
import { type ReadColumn, readColumn } from './columns.js'
import type { Encoded as EncodedValue, FunctionSource } from './encoded.js'
import { readShape } from './function-shape.js'
import { Reader } from './reader.js'
import { buildRows, setOwn } from './shapes.js'
import { ERROR_KINDS } from './special.js'
import { ENVELOPE_BYTES, ESCAPE, Field, HARD_DEPTH, Kind, WELL_KNOWN_SYMBOLS } from './tags.js'
import { isExtendedHead, readTrailer } from './trailer.js'
import { registeredType } from './types.js'

type Encoded = Omit<EncodedValue, 'bundles'>

const HOLE = Symbol('hole')

/** The tokens of the functions that a value needs before it can be decoded. */
export function tokensOf(head: Uint8Array): readonly string[] {
  if (!isExtendedHead(head)) return []
  return guarded(() => readTrailer(new Reader(head)).tokens)
}

/** Decodes a value; its typed arrays alias the buffers that came along. */
export function decodeValue(encoded: Encoded, functions: FunctionSource): unknown {
  return guarded(() => new Decoder(encoded, functions).decode())
}

function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof DecodeError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new DecodeError(`The bytes do not make a value: ${why}`, { cause: error })
  }
}

/** A function whose values have not been read. */
class Unfinished {
  readonly built: BuiltFunction
  readonly captures: number
  readonly properties: number
  constructor(built: BuiltFunction, captures: number, properties: number) {
    this.built = built
    this.captures = captures
    this.properties = properties
  }
}

class Decoder {
  private readonly reader: Reader
  private readonly functions: FunctionSource
  private tokens: readonly string[] = []
  private views: ReadViews | undefined
  /** Positions that are referred to, ascending; `next` is the first one not read yet. */
  private referenced: readonly number[] = []
  private next = -1
  private nextIndex = 0
  private readonly objects = new Map<number, unknown>()
  private readonly shapes: (readonly string[])[] = []
  /** What was put off: objects to be filled, and functions to be completed. */
  private readonly shells: (object | Unfinished)[] = []
  private depth = 0

  constructor({ head, buffers }: Encoded, functions: FunctionSource) {
    this.reader = new Reader(head)
    this.functions = functions
    if (!isExtendedHead(head)) {
      if (buffers.length > 0)
        throw new DecodeError('Buffers came along that the value does not use')
      return
    }
    const reader = this.reader
    const { referenced, tokens } = readTrailer(reader)
    this.tokens = tokens
    this.referenced = referenced
    this.next = referenced[0] ?? -1
    this.views = new ReadViews(reader, buffers)
    reader.pos = ENVELOPE_BYTES
    reader.end = reader.view.getUint32(4) + ENVELOPE_BYTES
  }

  decode(): unknown {
    const value = this.value()
    for (let i = 0; i < this.shells.length; i++) this.fill(this.shells[i]!)
    if (this.reader.left !== 0) throw new DecodeError('There are more bytes than the value takes')
    return value === HOLE ? undefined : value
  }

  private value(): unknown {
    const reader = this.reader
    const at = reader.pos
    const tag = reader.u8()
    if (tag < 0x80) return tag
    if (tag >= 0xe0) return tag - 0x100
    if (tag < 0x90) return this.object(at, tag & 0x0f)
    if (tag < 0xa0) return this.array(at, tag & 0x0f)
    if (tag < 0xc0) return reader.utf8(tag & 0x1f)
    switch (tag) {
      case 0xc0:
        return null
      case ESCAPE:
        return this.escaped(at)
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xcb:
        return reader.float64()
      case 0xcc:
        return reader.u8()
      case 0xcd:
        return reader.u16()
      case 0xce:
        return reader.u32()
      case 0xd0:
        return (reader.u8() << 24) >> 24
      case 0xd1:
        return (reader.u16() << 16) >> 16
      case 0xd2:
        return reader.u32() | 0
      case 0xd9:
        return reader.utf8(reader.u8())
      case 0xda:
        return reader.utf8(reader.u16())
      case 0xdb:
        return reader.utf8(reader.u32())
      case 0xdc:
        return this.array(at, reader.u16())
      case 0xdd:
        return this.array(at, reader.u32())
      case 0xde:
        return this.object(at, reader.u16())
      case 0xdf:
        return this.object(at, reader.u32())
    }
    throw new DecodeError(`No value starts with byte 0x${tag.toString(16)}`)
  }

  /** Keeps an object at hand if something refers to the position it was read at. */
  private keep<T>(at: number, object: T): T {
    if (at === this.next) {
      this.objects.set(at, object)
      this.next = this.referenced[++this.nextIndex] ?? -1
    }
    return object
  }

  private enter(): void {
    if (++this.depth > HARD_DEPTH + 2) throw new DecodeError('The value is nested too deeply')
  }

  private array(at: number, count: number): unknown[] {
    return this.elements(this.keep(at, []), this.reader.checkCount(count))
  }

  private elements(target: unknown[], count: number): unknown[] {
    this.enter()
    for (let i = 0; i < count; i++) {
      const value = this.value()
      if (value === HOLE) target.length++
      else target.push(value)
    }
    this.depth--
    return target
  }

  private object(at: number, count: number): object {
    return this.named(this.keep(at, {}), this.reader.checkCount(count, 2))
  }

  private named(target: object, count: number): object {
    this.enter()
    for (let i = 0; i < count; i++) {
      const key = this.reader.text()
      setOwn(target, key, this.value())
    }
    this.depth--
    return target
  }

  private record(at: number, keys: readonly string[]): object {
    const target = this.keep(at, {} as Record<string, unknown>)
    this.enter()
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      if (key === '__proto__') setOwn(target, key, this.value())
      else target[key] = this.value()
    }
    this.depth--
    return target
  }

  private escaped(at: number): unknown {
    const reader = this.reader
    const kind = reader.u8()
    switch (kind) {
      case Kind.UNDEFINED:
        return undefined
      case Kind.HOLE:
        return HOLE
      case Kind.BIGINT:
        return this.bigint()
      case Kind.STRING16:
        return reader.utf16(reader.count(2))
      case Kind.SYMBOL_FOR:
        return Symbol.for(reader.text())
      case Kind.SYMBOL_KNOWN:
        return this.known()
      case Kind.DATE:
        return this.keep(at, new Date(reader.float64()))
      case Kind.REGEXP:
        return this.keep(at, this.pattern())
      case Kind.MAP:
        return this.mapEntries(this.keep(at, new Map()))
      case Kind.SET:
        return this.set(this.keep(at, new Set()))
      case Kind.ERROR:
        return this.error(at)
      case Kind.URL:
        return this.keep(at, new URL(reader.text()))
      case Kind.URL_SEARCH_PARAMS:
        return this.keep(at, new URLSearchParams(reader.text()))
      case Kind.BOXED:
        return this.boxed(at)
      case Kind.VIEW:
        if (this.views === undefined) throw new DecodeError('A typed array has no table to be in')
        return this.keep(at, this.views.get(reader.uint()))
      case Kind.NULL_OBJECT:
        return this.allProperties(this.keep(at, Object.create(null) as object))
      case Kind.SYMBOL_KEYED:
        return this.symbolKeyed(at)
      case Kind.SPARSE_ARRAY:
        return this.sparse(at)
      case Kind.NAMED_ARRAY:
        return this.namedArray(at)
      case Kind.INSTANCE:
        return this.instance(at)
      case Kind.SUBCLASS:
        return this.subclass()
      case Kind.REGISTERED:
        return this.registered(at)
      case Kind.FUNCTION:
        return this.function(at)
      case Kind.FUNCTION_SOURCE:
        return this.source(at)
      case Kind.FUNCTION_BOUND:
        return this.bound(at)
      case Kind.REFERENCE:
        return this.reference(reader.uint())
      case Kind.ROW_REFERENCE:
        return this.rowReference()
      case Kind.RECORD_DEFINE:
        return this.record(at, this.define())
      case Kind.RECORD:
        return this.record(at, this.shape())
      case Kind.RECORDS:
        return this.records(at)
      case Kind.LISTS:
        return this.lists(at)
      case Kind.COLUMN:
        return this.column(at)
      case Kind.DEFER_OBJECT:
        return this.shell(at, {})
      case Kind.DEFER_ARRAY:
        return this.shell(at, [])
      case Kind.DEFER_MAP:
        return this.shell(at, new Map())
    }
    throw new DecodeError(`There is no kind of value ${kind}`)
  }

  private bigint(): bigint {
    const size = this.reader.uint()
    const bytes = Math.floor(size / 2)
    const start = this.reader.skip(bytes)
    const hex = this.reader.bytes.toString('hex', start, start + bytes)
    const value = BigInt(`0x${hex}`)
    return size % 2 === 1 ? -value : value
  }

  private known(): symbol {
    const name = this.reader.text()
    const symbol = WELL_KNOWN_SYMBOLS.get(name)
    if (symbol === undefined) throw new DecodeError(`This version of Node has no Symbol.${name}`)
    return symbol
  }

  private pattern(): RegExp {
    const pattern = new RegExp(this.reader.text(), this.reader.text())
    pattern.lastIndex = this.reader.uint()
    return pattern
  }

  private mapEntries(map: Map<unknown, unknown>): Map<unknown, unknown> {
    this.enter()
    for (let n = this.reader.count(2); n > 0; n--) map.set(this.value(), this.value())
    this.depth--
    return map
  }

  private set(set: Set<unknown>): Set<unknown> {
    this.enter()
    for (let n = this.reader.count(); n > 0; n--) set.add(this.value())
    this.depth--
    return set
  }

  private error(at: number): Error {
    const kind = ERROR_KINDS[this.reader.u8()] ?? 'Error'
    const error = this.keep(at, makeError(kind))
    this.enter()
    for (let n = this.reader.count(3); n > 0; n--) {
      const key = this.reader.text()
      const enumerable = this.reader.u8() === 1
      const value = this.value()
      Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true })
    }
    this.symbols(error)
    this.depth--
    return error
  }

  private boxed(at: number): object {
    const primitive = this.value()
    if (primitive === null || primitive === undefined || primitive === HOLE)
      throw new DecodeError('A boxed primitive holds nothing')
    return this.keep(at, Object(primitive) as object)
  }

  private allProperties<T extends object>(target: T): T {
    this.named(target, this.reader.count(2))
    this.symbols(target)
    return target
  }

  private symbols(target: object): void {
    this.enter()
    for (let n = this.reader.count(2); n > 0; n--) {
      const symbol = this.value()
      if (typeof symbol !== 'symbol') throw new DecodeError('A symbol is expected as a key')
      setOwn(target, symbol, this.value())
    }
    this.depth--
  }

  private symbolKeyed(at: number): object {
    const target = this.keep(at, {})
    const symbols = {}
    this.symbols(symbols)
    return Object.assign(target, this.plain(), symbols)
  }

  /** The named half of an object with symbol keys: an object that nothing refers to. */
  private plain(): object {
    const value = this.value()
    if (typeof value !== 'object' || value === null) throw new DecodeError('An object is expected')
    return value
  }

  private sparse(at: number): unknown[] {
    const length = this.reader.uint()
    if (length >= 2 ** 32) throw new DecodeError(`No array has ${length} elements`)
    const target: unknown[] = this.keep(at, [])
    this.named(target, this.reader.count(2))
    if (target.length < length) {
      // Going through a far element keeps V8 from reserving memory for all that are missing.
      target[length - 1] = undefined
      delete target[length - 1]
    }
    return target
  }

  private namedArray(at: number): unknown[] {
    const target = this.elements(this.keep(at, []), this.reader.count())
    this.named(target, this.reader.count(2))
    return target
  }

  private instance(at: number): object {
    const Class = this.constructorValue()
    return this.allProperties(this.keep(at, Object.create(Class.prototype as object) as object))
  }

  private subclass(): object {
    const Class = this.constructorValue()
    const base = this.value()
    if (typeof base !== 'object' || base === null) throw new DecodeError('A built-in is expected')
    Object.setPrototypeOf(base, Class.prototype as object)
    return this.allProperties(base)
  }

  private constructorValue(): Function {
    const Class = this.value()
    if (typeof Class !== 'function' || typeof Class.prototype !== 'object')
      throw new DecodeError('A class is expected')
    return Class
  }

  private registered(at: number): unknown {
    const name = this.reader.text()
    const type = registeredType(name)
    if (type === undefined)
      throw new DecodeError(
        `Type '${name}' is not registered in this thread; call registerType in a module that the tasks import`,
      )
    this.enter()
    const kept = this.reserve(at)
    const value = type.decode(this.value() as never)
    if (kept) this.objects.set(at, value)
    this.depth--
    return value
  }

  private function(at: number): unknown {
    const token = this.tokens[this.reader.uint()]
    if (token === undefined) throw new DecodeError('A function is missing from the table')
    return this.keep(at, this.functions.lookup(token))
  }

  private source(at: number): Function {
    const { shape, properties } = readShape(this.reader)
    const built = this.functions.build(shape)
    this.shells.push(new Unfinished(built, shape.captureNames.length, properties))
    return this.keep(at, built.fn)
  }

  private complete({ built, captures, properties }: Unfinished): void {
    const values: unknown[] = []
    for (let i = 0; i < captures; i++) values.push(this.value())
    const set = new Map<PropertyKey, unknown>()
    for (let i = 0; i < properties; i++) {
      const name = this.value()
      if (typeof name !== 'string' && typeof name !== 'symbol')
        throw new DecodeError('A function has a property without a name')
      set.set(name, this.value())
    }
    built.complete(values, [])
    for (const [name, value] of set)
      Object.defineProperty(built.fn, name, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      })
  }

  private bound(at: number): Function {
    this.enter()
    const kept = this.reserve(at)
    const [target, boundThis, args, properties] = [
      this.value(),
      this.value(),
      this.value(),
      this.value(),
    ]
    if (typeof target !== 'function' || !Array.isArray(args) || !Array.isArray(properties))
      throw new DecodeError('A bound function is not made of a function and arguments')
    const fn = Function.prototype.bind.call(target, boundThis, ...(args as unknown[])) as Function
    for (const [name, value] of properties as [string, unknown][]) setOwn(fn, name, value)
    if (kept) this.objects.set(at, fn)
    this.depth--
    return fn
  }

  /** Steps over a position whose object can only be made when all of it was read. */
  private reserve(at: number): boolean {
    if (at !== this.next) return false
    this.next = this.referenced[++this.nextIndex] ?? -1
    return true
  }

  private reference(at: number): unknown {
    const object = this.objects.get(at)
    if (object === undefined) throw new DecodeError('A reference leads to nothing')
    return object
  }

  private rowReference(): unknown {
    const rows = this.reference(this.reader.uint())
    const row = this.reader.uint()
    if (!Array.isArray(rows) || row >= rows.length)
      throw new DecodeError('A reference leads to a record that is not there')
    return rows[row]
  }

  private define(): readonly string[] {
    const keys: string[] = []
    for (let n = this.reader.count(); n > 0; n--) keys.push(this.reader.text())
    this.shapes.push(keys)
    return keys
  }

  private shape(): readonly string[] {
    const keys = this.shapes[this.reader.uint()]
    if (keys === undefined) throw new DecodeError('A record has keys that were not defined')
    return keys
  }

  private records(at: number): unknown[] {
    const reader = this.reader
    const n = reader.count()
    const keys: string[] = []
    for (let k = reader.count(); k > 0; k--) keys.push(reader.text())
    if (keys.length === 0) throw new DecodeError('Records without keys')
    const columns: ReadColumn[] = []
    const mixed: number[] = []
    for (let k = 0; k < keys.length; k++) {
      const column = readColumn(reader, n)
      if (column === undefined) mixed.push(k)
      columns.push(column ?? [])
    }
    reader.checkCount(n, mixed.length)
    const rows = this.keep(at, buildRows(keys, columns, n))
    this.enter()
    for (const k of mixed) this.field(rows, keys[k]!)
    this.depth--
    return rows
  }

  /** The values of one field of records that exist already. */
  private field(rows: readonly object[], key: string): void {
    const how = this.reader.u8()
    if (how === Field.EACH) {
      for (const row of rows) setOwn(row, key, this.value())
      return
    }
    const values = this.value()
    if (how !== Field.TOGETHER || !Array.isArray(values) || values.length !== rows.length)
      throw new DecodeError('A field of records does not have a value for each')
    for (let i = 0; i < rows.length; i++) setOwn(rows[i]!, key, values[i])
  }

  private lists(at: number): unknown[][] {
    const n = this.reader.count()
    const total = this.reader.count()
    const lengths = readColumn(this.reader, n)
    const values = readColumn(this.reader, total)
    if (lengths === undefined || values === undefined) throw new DecodeError('Lists of nothing')
    const lists: unknown[][] = []
    let start = 0
    for (let i = 0; i < n; i++) {
      const length = lengths[i]
      if (typeof length !== 'number' || !(length >= 0) || start + length > total)
        throw new DecodeError('The lengths of lists do not add up')
      const list: unknown[] = []
      for (let j = start; j < start + length; j++) list.push(values[j])
      lists.push(list)
      start += length
    }
    return this.keep(at, lists)
  }

  private column(at: number): unknown[] {
    const n = this.reader.count()
    const column = readColumn(this.reader, n)
    if (column === undefined) throw new DecodeError('A column of nothing in particular')
    return this.keep(at, Array.isArray(column) ? column : Array.from(column))
  }

  private shell<T extends object>(at: number, shell: T): T {
    this.shells.push(shell)
    return this.keep(at, shell)
  }

  /** Reads what was put off of an object that nested too deeply when it was met. */
  private fill(shell: object): void {
    if (shell instanceof Unfinished) {
      this.complete(shell)
      return
    }
    if (shell instanceof Map) {
      this.mapEntries(shell)
      return
    }
    const content = this.plain()
    if (Array.isArray(shell) !== Array.isArray(content))
      throw new DecodeError('What was put off is not what was promised')
    if (Array.isArray(shell)) shell.length = (content as unknown[]).length
    for (const key of Reflect.ownKeys(content))
      if (key !== 'length' || !Array.isArray(shell))
        setOwn(shell, key, (content as Record<PropertyKey, unknown>)[key])
  }
}

function makeError(kind: (typeof ERROR_KINDS)[number]): Error {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    const error =
      kind === 'AggregateError'
        ? new AggregateError([])
        : new (globalThis as unknown as Record<string, ErrorConstructor>)[kind]!()
    if (kind === 'AggregateError') delete (error as { errors?: unknown }).errors
    delete error.stack
    return error
  } finally {
    Error.stackTraceLimit = limit
  }
}
