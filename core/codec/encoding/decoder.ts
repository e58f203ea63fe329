/**
 * From heads to values.
 *
 * Whatever the bytes say is checked before it is believed: counts against the bytes that are left,
 * references against the objects that were read. Anything that does not fit is a `DecodeError`.
 */
import { DecodeError } from '../../base/errors.js'
import { makePrivateStore } from '../../functions/source/private-stores.js'
import { makePlatformObject } from '../built-ins/platform-types.js'
import {
  complete,
  readBigint,
  readBound,
  readBoxed,
  readError,
  readInstance,
  readKnownSymbol,
  readNewInstance,
  readPattern,
  readPrivates,
  readRegistered,
  readSource,
  readSparse,
  readSubclass,
  readTyped,
  refill,
  Unfinished,
} from '../built-ins/read-built-in.js'
import { ReadViews } from '../bytes/buffers.js'
import type { Encoded as EncodedValue } from '../bytes/encoded.js'
import { Reader } from '../bytes/reader.js'
import { ENVELOPE_BYTES, ESCAPE, HARD_DEPTH, Kind } from '../bytes/tags.js'
import { isExtendedHead, readTrailer } from '../bytes/trailer.js'
import {
  readDates,
  readGaps,
  readLists,
  readRecords,
  readScalars,
  readShapes,
  readTuples,
} from '../columns/read-arrays.js'
import { ReadShapes } from '../identity/read-shapes.js'
import { Kept } from '../identity/referenced.js'
import type { FunctionSource, ValueDecoder } from '../interfaces.js'
import { setOwn } from '../objects/define-own.js'
import { readInheriting } from '../objects/inheriting.js'
import { fix, readExtras, readOwn } from '../objects/own-extras.js'
import { readPrivateInstance, readPrivateSubclass } from '../objects/private-members.js'

type Encoded = Omit<EncodedValue, 'bundles'>

const HOLE = Symbol('hole')

export class Decoder implements ValueDecoder {
  readonly reader: Reader
  readonly functions: FunctionSource
  private tokens: readonly string[] = []
  private views: ReadViews | undefined
  private readonly kept: Kept
  private readonly shapes = new ReadShapes()
  /** What was put off: objects to be filled, and functions to be completed. */
  private readonly shells: (object | Unfinished)[] = []
  /** What can only be done when all functions are complete. */
  readonly last: (() => void)[] = []
  /** Objects to be frozen or sealed when everything is in its place. */
  private readonly toFix: { object: object; level: number }[] = []
  private depth = 0

  constructor({ head, buffers }: Encoded, functions: FunctionSource) {
    this.reader = new Reader(head)
    this.functions = functions
    if (!isExtendedHead(head)) {
      if (buffers.length > 0)
        throw new DecodeError('Buffers came along that the value does not use')
      this.kept = new Kept()
      return
    }
    const reader = this.reader
    const { referenced, tokens } = readTrailer(reader)
    this.tokens = tokens
    this.kept = new Kept(referenced)
    this.views = new ReadViews(reader, buffers)
    reader.pos = ENVELOPE_BYTES
    reader.end = reader.view.getUint32(4) + ENVELOPE_BYTES
  }

  decode(): unknown {
    const value = this.value()
    for (let i = 0; i < this.shells.length; i++) this.fill(this.shells[i]!)
    for (const finish of this.last) finish()
    for (const { object, level } of this.toFix) fix(object, level)
    if (this.reader.left !== 0) throw new DecodeError('There are more bytes than the value takes')
    return value === HOLE ? undefined : value
  }

  /** Reads any value. */
  value(): unknown {
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
  keep<T>(at: number, object: T): T {
    return this.kept.keep(at, object)
  }

  /** Goes into something; `leave` goes out again. */
  enter(): void {
    if (++this.depth > HARD_DEPTH + 2) throw new DecodeError('The value is nested too deeply')
  }

  leave(): void {
    this.depth--
  }

  private array(at: number, count: number): unknown[] {
    return this.elements(this.keep(at, []), this.reader.checkCount(count))
  }

  /** Reads elements into an array. */
  elements(target: unknown[], count: number): unknown[] {
    this.enter()
    for (let i = 0; i < count; i++) {
      const value = this.value()
      if (value === HOLE) target.length++
      else target.push(value)
    }
    this.leave()
    return target
  }

  private object(at: number, count: number): object {
    return this.named(this.keep(at, {}), this.reader.checkCount(count, 2))
  }

  /** Reads properties by name. */
  named(target: object, count: number): object {
    this.enter()
    for (let i = 0; i < count; i++) {
      const key = this.reader.text()
      setOwn(target, key, this.value())
    }
    this.leave()
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
    this.leave()
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
        return readBigint(reader)
      case Kind.STRING16:
        return reader.utf16(reader.count(2))
      case Kind.SYMBOL_FOR:
        return Symbol.for(reader.text())
      case Kind.SYMBOL_KNOWN:
        return readKnownSymbol(reader)
      case Kind.DATE:
        return this.keep(at, new Date(reader.float64()))
      case Kind.REGEXP:
        return readPattern(this, at)
      case Kind.MAP:
        return this.mapEntries(this.keep(at, new Map()))
      case Kind.SET:
        return this.set(this.keep(at, new Set()))
      case Kind.ERROR:
        return readError(this, at)
      case Kind.URL:
        return this.keep(at, new URL(reader.text()))
      case Kind.URL_SEARCH_PARAMS:
        return this.keep(at, new URLSearchParams(reader.text()))
      case Kind.PRIVATE_STORE:
        return this.keep(at, makePrivateStore(reader.u8() === 1))
      case Kind.PRIVATES:
        return readPrivates(this)
      case Kind.BOXED:
        return readBoxed(this, at)
      case Kind.VIEW:
        if (this.views === undefined) throw new DecodeError('A typed array has no table to be in')
        return this.keep(at, this.views.get(reader.uint()))
      case Kind.NULL_OBJECT:
        return this.allProperties(this.keep(at, Object.create(null) as object))
      case Kind.SYMBOL_KEYED:
        return this.symbolKeyed(at)
      case Kind.SPARSE_ARRAY:
        return readSparse(this, at)
      case Kind.EXTRAS:
        return readExtras(this)
      case Kind.FIXED:
        return this.fixed()
      case Kind.PLATFORM:
        return this.platform(at)
      case Kind.INSTANCE:
        return readInstance(this, at)
      case Kind.SUBCLASS:
        return readSubclass(this)
      case Kind.INHERITING:
        return readInheriting(this, at)
      case Kind.PRIVATE_INSTANCE:
        return readPrivateInstance(this, at)
      case Kind.PRIVATE_SUBCLASS:
        return readPrivateSubclass(this)
      case Kind.REGISTERED:
        return readRegistered(this, at)
      case Kind.TYPE:
        return readTyped(this, at)
      case Kind.FUNCTION:
        return this.function(at)
      case Kind.FUNCTION_SOURCE:
        return this.source(at)
      case Kind.FUNCTION_BOUND:
        return readBound(this, at)
      case Kind.REFERENCE:
        return this.kept.get(reader.uint())
      case Kind.ROW_REFERENCE:
        return this.kept.row(reader.uint(), reader.uint())
      case Kind.RECORD_DEFINE:
        return this.record(at, this.shapes.define(reader))
      case Kind.RECORD:
        return this.record(at, this.shapes.get(reader))
      case Kind.RECORDS:
        return readRecords(this, at)
      case Kind.SHAPES:
        return readShapes(this, at)
      case Kind.LISTS:
        return readLists(this, at)
      case Kind.TUPLES:
        return readTuples(this, at)
      case Kind.DATES:
        return readDates(this, at)
      case Kind.GAPS:
        return readGaps(this, at)
      case Kind.COLUMN:
        return readScalars(this, at)
      case Kind.DEFER_OBJECT:
        return this.shell(at, {})
      case Kind.DEFER_ARRAY:
        return this.shell(at, [])
      case Kind.DEFER_MAP:
        return this.shell(at, new Map())
      case Kind.DEFER_SET:
        return this.shell(at, new Set())
      case Kind.DEFER_INSTANCE:
        return this.toFill(readNewInstance(this, at))
    }
    throw new DecodeError(`There is no kind of value ${kind}`)
  }

  private mapEntries(map: Map<unknown, unknown>): Map<unknown, unknown> {
    this.enter()
    for (let n = this.reader.count(2); n > 0; n--) map.set(this.value(), this.value())
    this.leave()
    return map
  }

  private set(set: Set<unknown>): Set<unknown> {
    this.enter()
    for (let n = this.reader.count(); n > 0; n--) set.add(this.value())
    this.leave()
    return set
  }

  /** Reads properties by name and by symbol. */
  allProperties<T extends object>(target: T): T {
    this.named(target, this.reader.count(2))
    this.symbols(target)
    return target
  }

  /** Reads properties by symbol. */
  symbols(target: object): void {
    this.enter()
    for (let n = this.reader.count(2); n > 0; n--) {
      const symbol = this.value()
      if (typeof symbol !== 'symbol') throw new DecodeError('A symbol is expected as a key')
      setOwn(target, symbol, this.value())
    }
    this.leave()
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

  private function(at: number): unknown {
    return this.keep(at, this.functions.lookup(this.token(this.reader.uint())))
  }

  /** A token in the table of functions. */
  token(index: number): string {
    const token = this.tokens[index]
    if (token === undefined) throw new DecodeError('A function is missing from the table')
    return token
  }

  private source(at: number): Function {
    const unfinished = readSource(this)
    this.shells.push(unfinished)
    return this.keep(at, unfinished.built.fn)
  }

  /** Reads an object that is to be frozen, or sealed, in the end. */
  private fixed(): object {
    const level = this.reader.u8()
    const object = readOwn(this)
    this.toFix.push({ object, level })
    return object
  }

  private platform(at: number): object {
    const name = this.reader.text()
    return this.whole(at, () => makePlatformObject(name, this.value()))
  }

  /** Reads something that can only be made when all of it was read; `promise` stands for it until then. */
  whole<T>(at: number, make: () => T, promise?: () => unknown): T {
    this.enter()
    const made = this.kept.keepMade(at, make, promise)
    this.leave()
    return made
  }

  /** Makes an object of what is read first, which others may refer to as well. */
  made<T>(at: number, make: () => T): T {
    return this.kept.keepMade(at, make)
  }

  private shell<T extends object>(at: number, shell: T): T {
    return this.keep(at, this.toFill(shell))
  }

  private toFill<T extends object>(shell: T): T {
    this.shells.push(shell)
    return shell
  }

  /** Reads what was put off of an object that nested too deeply when it was met. */
  private fill(shell: object): void {
    if (shell instanceof Unfinished) {
      complete(this, shell)
      return
    }
    if (shell instanceof Map) this.mapEntries(shell)
    else if (shell instanceof Set) this.set(shell)
    else refill(shell, this.plain())
  }
}
