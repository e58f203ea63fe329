/**
 * The decoder: reads values from heads.
 *
 * Everything in the bytes is checked before it is used: counts against the bytes that are left,
 * references against the objects that were read. Malformed bytes throw a `DecodeError`.
 */
import { DecodeError } from '../../base/errors.js'
import { readInstance, readNewInstance } from '../built-ins/instances.js'
import { readBigint, readKnownSymbol } from '../built-ins/read-built-in.js'
import { ViewReader } from '../bytes/buffers.js'
import type { Encoded as EncodedValue } from '../bytes/encoded.js'
import { Reader } from '../bytes/reader.js'
import { ESCAPE, HARD_DEPTH, HEADER_BYTES, Kind } from '../bytes/tags.js'
import { isExtendedHead, readTrailer } from '../bytes/trailer.js'
import { ReadRecordShapes } from '../identity/record-shapes.js'
import { ReferencedValues } from '../identity/referenced-values.js'
import type { FunctionSource, ValueDecoder } from '../interfaces.js'
import {
  completeFunction,
  IncompleteFunction,
  readBound,
  readFunctionSource,
} from '../objects/function-source.js'
import { applyIntegrity, readNewObject } from '../objects/own-extras.js'
import { setOwn } from '../objects/properties.js'
import { ownSymbolOf } from '../objects/symbols.js'
import { fillDeferred } from './deferred-values.js'
import { readObjectKind, readPlainContent } from './object-kinds.js'

type Encoded = Omit<EncodedValue, 'bundles'>

const HOLE = Symbol('hole')

/** Decodes one value. */
export class Decoder implements ValueDecoder {
  readonly reader: Reader
  readonly functions: FunctionSource
  private tokens: readonly string[] = []
  private views: ViewReader | undefined
  private readonly referenced: ReferencedValues
  private readonly shapes = new ReadRecordShapes()
  /**
   * Objects to be filled and functions to be completed, in the order in which their content
   * follows.
   */
  private readonly deferred: (object | IncompleteFunction)[] = []
  readonly finalSteps: (() => void)[] = []
  /** Objects to be frozen or sealed once everything has been read. */
  private readonly toRestrict: { object: object; level: number }[] = []
  private depth = 0

  constructor({ head, buffers }: Encoded, functions: FunctionSource) {
    this.reader = new Reader(head)
    this.functions = functions
    if (!isExtendedHead(head)) {
      if (buffers.length > 0)
        throw new DecodeError('The value came with buffers that it does not use')
      this.referenced = new ReferencedValues()
      return
    }
    const reader = this.reader
    const { referenced, tokens } = readTrailer(reader)
    this.tokens = tokens
    this.referenced = new ReferencedValues(referenced)
    this.views = new ViewReader(reader, buffers)
    reader.pos = HEADER_BYTES
    reader.end = reader.view.getUint32(4) + HEADER_BYTES
  }

  decode(): unknown {
    const value = this.readValue()
    for (let i = 0; i < this.deferred.length; i++) this.readDeferred(this.deferred[i]!)
    for (const step of this.finalSteps) step()
    for (const { object, level } of this.toRestrict) applyIntegrity(object, level)
    if (this.reader.left !== 0) throw new DecodeError('There are more bytes than the value takes')
    return value === HOLE ? undefined : value
  }

  readValue(): unknown {
    const reader = this.reader
    const at = reader.pos
    const tag = reader.u8()
    if (tag < 0x80) return tag
    if (tag >= 0xe0) return tag - 0x100
    if (tag < 0x90) return this.readObject(at, tag & 0x0f)
    if (tag < 0xa0) return this.readArray(at, tag & 0x0f)
    if (tag < 0xc0) return reader.utf8(tag & 0x1f)
    switch (tag) {
      case 0xc0:
        return null
      case ESCAPE:
        return this.readKind(at)
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
        return this.readArray(at, reader.u16())
      case 0xdd:
        return this.readArray(at, reader.u32())
      case 0xde:
        return this.readObject(at, reader.u16())
      case 0xdf:
        return this.readObject(at, reader.u32())
    }
    throw new DecodeError(`No value starts with byte 0x${tag.toString(16)}`)
  }

  register<T>(position: number, object: T): T {
    return this.referenced.add(position, object)
  }

  enter(): void {
    if (++this.depth > HARD_DEPTH + 2) throw new DecodeError('The value is nested too deeply')
  }

  leave(): void {
    this.depth--
  }

  private readArray(at: number, count: number): unknown[] {
    return this.readElements(this.register(at, []), this.reader.checkCount(count))
  }

  readElements(target: unknown[], count: number): unknown[] {
    this.enter()
    for (let i = 0; i < count; i++) {
      const value = this.readValue()
      if (value === HOLE) target.length++
      else target.push(value)
    }
    this.leave()
    return target
  }

  private readObject(at: number, count: number): object {
    return this.readProperties(this.register(at, {}), this.reader.checkCount(count, 2))
  }

  readProperties(target: object, count: number): object {
    this.enter()
    for (let i = 0; i < count; i++) {
      const key = this.reader.string()
      setOwn(target, key, this.readValue())
    }
    this.leave()
    return target
  }

  private readRecord(at: number, keys: readonly string[]): object {
    const target = this.register(at, {} as Record<string, unknown>)
    this.enter()
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      if (key === '__proto__') setOwn(target, key, this.readValue())
      else target[key] = this.readValue()
    }
    this.leave()
    return target
  }

  /**
   * Reads a value that is not plain MessagePack: a kind, then its body. The usual kinds come first.
   */
  private readKind(at: number): unknown {
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
        return Symbol.for(reader.string())
      case Kind.WELL_KNOWN_SYMBOL:
        return readKnownSymbol(reader)
      case Kind.OWN_SYMBOL:
        return ownSymbolOf(reader.string())
      case Kind.DATE:
        return this.register(at, new Date(reader.float64()))
      case Kind.MAP:
        return this.readMapEntries(this.register(at, new Map()))
      case Kind.SET:
        return this.readSetItems(this.register(at, new Set()))
      case Kind.VIEW:
        if (this.views === undefined)
          throw new DecodeError('A typed array occurs without a table of buffers')
        return this.register(at, this.views.get(reader.uint()))
      case Kind.REFERENCE:
        return this.referenced.get(reader.uint())
      case Kind.ROW_REFERENCE:
        return this.referenced.row(reader.uint(), reader.uint())
      case Kind.RECORD_DEFINE:
        return this.readRecord(at, this.shapes.define(reader))
      case Kind.RECORD:
        return this.readRecord(at, this.shapes.get(reader))
      case Kind.FUNCTION:
        return this.register(at, this.functions.lookup(this.tokenAt(reader.uint())))
      case Kind.FUNCTION_SOURCE:
        return this.readFunction(at)
      case Kind.FUNCTION_BOUND:
        return readBound(this, at)
      case Kind.INSTANCE:
        return readInstance(this, at)
      case Kind.DEFER_OBJECT:
        return this.register(at, this.addDeferred({}))
      case Kind.DEFER_ARRAY:
        return this.register(at, this.addDeferred([]))
      case Kind.DEFER_MAP:
        return this.register(at, this.addDeferred(new Map()))
      case Kind.DEFER_SET:
        return this.register(at, this.addDeferred(new Set()))
      case Kind.DEFER_INSTANCE:
        return this.addDeferred(readNewInstance(this, at))
      case Kind.INTEGRITY:
        return this.readRestricted()
    }
    return readObjectKind(this, at, kind)
  }

  private readMapEntries(map: Map<unknown, unknown>): Map<unknown, unknown> {
    this.enter()
    for (let n = this.reader.count(2); n > 0; n--) map.set(this.readValue(), this.readValue())
    this.leave()
    return map
  }

  private readSetItems(set: Set<unknown>): Set<unknown> {
    this.enter()
    for (let n = this.reader.count(); n > 0; n--) set.add(this.readValue())
    this.leave()
    return set
  }

  tokenAt(index: number): string {
    const token = this.tokens[index]
    if (token === undefined) throw new DecodeError('A function is missing from the table')
    return token
  }

  private readFunction(at: number): Function {
    const incomplete = readFunctionSource(this)
    this.deferred.push(incomplete)
    return this.register(at, incomplete.built.fn)
  }

  /** Reads an object that is frozen, sealed or closed once everything has been read. */
  private readRestricted(): object {
    const level = this.reader.u8()
    const object = readNewObject(this)
    this.toRestrict.push({ object, level })
    return object
  }

  build<T>(position: number, build: () => T): T {
    return this.referenced.addBuilt(position, build)
  }

  buildNested<T>(position: number, build: () => T, placeholder?: () => unknown): T {
    this.enter()
    const built = this.referenced.addBuilt(position, build, placeholder)
    this.leave()
    return built
  }

  private addDeferred<T extends object>(object: T): T {
    this.deferred.push(object)
    return object
  }

  /** Reads the content of a deferred object into it. */
  private readDeferred(object: object): void {
    if (object instanceof IncompleteFunction) {
      completeFunction(this, object)
      return
    }
    if (object instanceof Map) this.readMapEntries(object)
    else if (object instanceof Set) this.readSetItems(object)
    else fillDeferred(object, readPlainContent(this))
  }
}
