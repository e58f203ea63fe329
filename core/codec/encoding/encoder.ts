/**
 * The encoder: writes values as heads.
 *
 * Every object is written once; later occurrences are references to its position, so sharing and
 * cycles survive. The trailer lists the positions that are referred to, so the decoder registers
 * only those objects. Nesting beyond `DEFER_DEPTH` is deferred and written after the value, level
 * by level, so that neither side ever recurses deeply.
 */
import { types } from 'node:util'
import { NotPortableError } from '../../base/errors.js'
import { ownPrototype } from '../../functions/engine/own-prototypes.js'
import type { FunctionDescription, SourceDescription } from '../../functions/types.js'
import { isOfTestedType } from '../built-ins/registered-objects.js'
import { writeDate } from '../built-ins/write-built-in.js'
import { writeNonPlain } from '../built-ins/write-non-plain.js'
import { ViewTable } from '../bytes/buffers.js'
import type { Encoded } from '../bytes/encoded.js'
import { isDetached } from '../bytes/resizable-buffers.js'
import { DEFER_DEPTH, HARD_DEPTH, HEADER_BYTES, Kind, MAX_LEVELS } from '../bytes/tags.js'
import { TokenTable } from '../bytes/token-table.js'
import { writeTrailer } from '../bytes/trailer.js'
import { shortPath, ValuePath } from '../bytes/value-path.js'
import { Writer } from '../bytes/writer.js'
import { writeArray, writeArrayElements } from '../columns/write-arrays.js'
import { isOrdinaryArray, isOrdinaryDate } from '../identity/hidden-class.js'
import { RecordShapes } from '../identity/record-shapes.js'
import { References } from '../identity/references.js'
import type { Accessor, FunctionEncoding, FunctionSurvey, ValueEncoder } from '../interfaces.js'
import { encodableAccessor, hasAccessor } from '../objects/accessors.js'
import { writeBound, writeFunctionShape } from '../objects/function-source.js'
import { writeIntegrity } from '../objects/own-extras.js'
import { writePlainObject, writeRecord } from '../objects/plain-objects.js'
import { areTested, mayClaim } from '../objects/registered-types.js'
import { writeSymbol } from '../objects/symbols.js'
import { type Deferred, deferredKind, writeDeferred } from './deferred-values.js'
import { noFunctions } from './no-functions.js'

/** Heads from this size on, in bytes, are copied to shared memory where that is asked for. */
const SHARED_HEAD = 64 * 1024

const objectPrototype = Object.prototype
const arrayPrototype = Array.prototype

/** Encodes values, one at a time. */
export class Encoder implements ValueEncoder {
  readonly writer = new Writer()
  private views: ViewTable | undefined
  readonly tokens = new TokenTable()
  readonly references = new References()
  readonly unfinished = new Set<object>()
  readonly shapes = new RecordShapes()
  private deferred: Deferred[] = []
  readonly path = new ValuePath()
  /** The nesting level at which the current walk started. */
  private level = 0
  /** How deep the current walk may go before the rest is deferred. */
  private limit = DEFER_DEPTH
  /**
   * The deferred object being written: its own position, which others refer to, is an earlier one.
   */
  private deferredObject: object | undefined
  functions: FunctionEncoding = noFunctions
  private survey: FunctionSurvey | undefined
  /** Whether what is being written belongs to a function: what it uses of modules is sent by name. */
  private inBundle = false
  /** Whether the source code of a function was written. */
  private hasSource = false

  get isInBundle(): boolean {
    return this.inBundle
  }

  /** Encodes one value. The encoder can be used again afterwards, even if encoding failed. */
  encode(
    value: unknown,
    onShared: boolean,
    path: readonly string[],
    functions: FunctionEncoding,
    survey?: FunctionSurvey,
  ): Encoded {
    this.path.prefix = path
    this.functions = functions
    this.survey = survey
    this.inBundle = functions.forBundle === true
    try {
      this.writeValue(value)
      for (let i = 0; i < this.deferred.length; i++) this.deferredContent(this.deferred[i]!)
      return this.finish(onShared)
    } catch (error) {
      if (error instanceof RangeError && /call stack/.test(error.message))
        throw this.valueError('it is nested too deeply for what is left of the stack')
      throw error
    } finally {
      this.reset()
    }
  }

  writeValue(value: unknown): void {
    if (typeof value === 'string') this.writer.string(value)
    else if (typeof value === 'number') this.writer.number(value)
    else if (typeof value === 'object') {
      if (value === null) this.writer.u8(0xc0)
      else this.writeObject(value)
    } else if (typeof value === 'boolean') this.writer.u8(value ? 0xc3 : 0xc2)
    else if (typeof value === 'undefined') this.writer.kind(Kind.UNDEFINED)
    else if (typeof value === 'function') this.writeFunction(value)
    else if (typeof value === 'bigint') this.writer.bigint(value)
    else writeSymbol(this, value as symbol)
  }

  writeChild(key: PropertyKey, value: unknown): void {
    this.path.setKey(key)
    this.writeValue(value)
  }

  setKey(key: PropertyKey): void {
    this.path.setKey(key)
  }

  valueError(reason: string): NotPortableError {
    return new NotPortableError(this.path.toKeys(), reason)
  }

  objectError(reason: string): NotPortableError {
    return new NotPortableError(this.path.toKeys(this.path.depth - 1), reason)
  }

  private writeObject(object: object): void {
    if (this.writeReference(object)) return
    if (this.inBundle && this.writeByName(object)) return
    if (this.writeOrdinary(object)) return
    if (types.isProxy(object))
      throw this.valueError('it is a Proxy, which cannot be sent; send a plain copy of its target')
    if (!Object.isExtensible(object) && !types.isModuleNamespaceObject(object))
      writeIntegrity(this, object)
    const prototype = ownPrototype(Object.getPrototypeOf(object) as object | null)
    const claimed = isOfTestedType(this, object, prototype)
    if (prototype === arrayPrototype && Array.isArray(object) && !claimed) {
      if (this.path.depth >= this.limit) {
        this.defer(object, Kind.DEFER_ARRAY)
        return
      }
      this.path.depth++
      writeArray(this, object)
    } else if (prototype === objectPrototype && !claimed) {
      if (this.path.depth >= this.limit) {
        this.defer(object, Kind.DEFER_OBJECT)
        return
      }
      this.path.depth++
      writePlainObject(this, object)
    } else {
      if (this.path.depth >= this.limit && this.deferCollection(object, prototype)) return
      if (this.path.depth >= HARD_DEPTH) throw this.valueError('it is nested too deeply')
      this.path.depth++
      writeNonPlain(this, object, prototype)
    }
    this.path.depth--
  }

  /**
   * Writes an array, record or date that its hidden class describes completely; false if it is
   * none.
   */
  private writeOrdinary(object: object): boolean {
    if (this.path.depth >= this.limit || areTested()) return false
    if (Array.isArray(object)) {
      if (!isOrdinaryArray(object)) return false
      this.path.depth++
      writeArrayElements(this, object)
    } else {
      const shape = this.inBundle ? undefined : this.shapes.matching(object)
      if (shape === undefined) return this.writeOrdinaryDate(object)
      this.path.depth++
      writeRecord(this, object, shape)
    }
    this.path.depth--
    return true
  }

  private writeOrdinaryDate(object: object): boolean {
    if (!isOrdinaryDate(object) || mayClaim(Date.prototype)) return false
    writeDate(this, object as Date)
    return true
  }

  /**
   * Writes a reference to an object that was written before; otherwise registers it, returning
   * false.
   */
  private writeReference(object: object): boolean {
    const written = this.references.findOrAdd(object, this.writer.pos)
    if (written === undefined) {
      this.survey?.wroteObject(this.writer.pos)
      return false
    }
    if (typeof object === 'object') this.survey?.foundAgain(written.position)
    // A bound function may contain itself, through the object that it is bound to.
    if (this.unfinished.size > 0 && typeof object === 'object' && this.unfinished.has(object))
      throw this.valueError(
        'it holds itself, through a registered type, which can only be built once all its parts are read',
      )
    this.writer.kind(written.row < 0 ? Kind.REFERENCE : Kind.ROW_REFERENCE)
    this.writer.uint(written.position)
    if (written.row >= 0) this.writer.uint(written.row)
    return true
  }

  writeByName(object: object): boolean {
    const token = this.functions.tokenByName(object)
    if (token === undefined) return false
    this.writer.kind(Kind.FUNCTION)
    this.writer.uint(this.tokens.index(token))
    return true
  }

  movePosition(object: object): void {
    if (object === this.deferredObject) return
    this.references.move(object, this.writer.pos)
    this.survey?.wroteObject(this.writer.pos)
  }

  /** Defers a Map or a Set that has no own properties; false if the object is something else. */
  private deferCollection(object: object, prototype: object | null): boolean {
    this.checkLevel()
    const kind = deferredKind(object, prototype)
    if (kind === undefined) return false
    this.defer(object, kind)
    return true
  }

  private checkLevel(): void {
    if (this.level + this.path.depth >= MAX_LEVELS)
      throw this.valueError(`it is nested more than ${MAX_LEVELS.toLocaleString('en')} levels deep`)
  }

  private defer(object: object, kind: number): void {
    this.checkLevel()
    this.writer.kind(kind)
    this.addDeferred(object)
  }

  get shouldDefer(): boolean {
    return this.path.depth > this.limit
  }

  deferFields(object: object): void {
    this.path.depth--
    this.addDeferred(object)
    this.path.depth++
  }

  private addDeferred(object: object, description?: SourceDescription): void {
    const path = shortPath(this.path.toKeys())
    const capturedBy = description === undefined ? this.survey?.currentFunction : object
    const level = this.level + this.path.depth
    const isInBundle = this.inBundle || description !== undefined
    this.deferred.push({ object, description, level, path, capturedBy, isInBundle })
  }

  private deferredContent(deferred: Deferred): void {
    this.level = deferred.level
    this.limit = Math.min(DEFER_DEPTH, MAX_LEVELS - deferred.level)
    this.deferredObject = deferred.object
    this.path.prefix = deferred.path
    this.path.depth = 1
    this.inBundle = deferred.isInBundle
    if (this.survey !== undefined) this.survey.currentFunction = deferred.capturedBy!
    writeDeferred(this, deferred)
    this.path.depth = 0
  }

  accessorOf(object: object, key: PropertyKey): Accessor | undefined {
    if (!this.inBundle) return undefined
    return encodableAccessor(object, key, (fn) => this.functions.encodingOf(fn, this.path.toKeys()))
  }

  accessorKeys(object: object, keys: readonly string[]): readonly string[] {
    if (!this.inBundle || !hasAccessor(object, keys)) return noKeys
    return keys.filter((key) => this.accessorOf(object, key) !== undefined)
  }

  writeElements(array: readonly unknown[]): void {
    // The length was written, and a getter of an element may change it.
    const { length } = array
    for (let i = 0; i < length; i++) {
      const element = array[i]
      if (element === undefined && !(i in array)) this.writer.kind(Kind.HOLE)
      else {
        this.path.setKey(i)
        this.writeValue(element)
      }
    }
  }

  writeEach(values: readonly unknown[], pathTo: (index: number) => readonly PropertyKey[]): void {
    const row = this.path.enterRows(pathTo)
    for (let i = 0; i < values.length; i++) {
      row.index = i
      this.writeValue(values[i])
    }
  }

  writeNested<T>(write: () => T): T {
    this.path.setNoKey()
    this.path.depth++
    const written = write()
    this.path.depth--
    return written
  }

  addBatch(rows: readonly object[], kind: string): void {
    this.survey?.wroteObject(this.writer.pos)
    this.references.addBatch(rows, this.writer.pos, kind)
  }

  writeFunction(fn: object): void {
    let index = this.tokens.of(fn)
    if (index === undefined) {
      const encoding = this.functions.encodingOf(fn, this.path.toKeys())
      if (typeof encoding !== 'string') {
        this.writeFunctionSource(fn as Function, encoding)
        return
      }
      index = this.tokens.add(fn, encoding)
    }
    this.writer.kind(Kind.FUNCTION)
    this.writer.uint(index)
  }

  /** Writes the source code of a function; its captured values are deferred to the end. */
  private writeFunctionSource(fn: Function, description: FunctionDescription): void {
    this.survey?.foundFunction(fn)
    if (this.writeReference(fn)) return
    this.hasSource = true
    if (description.kind === 'bound') {
      const { inBundle } = this
      this.inBundle = true
      const outer = this.survey?.currentFunction
      if (this.survey !== undefined) this.survey.currentFunction = fn
      this.unfinished.add(fn)
      this.path.depth++
      writeBound(this, description)
      this.path.depth--
      this.unfinished.delete(fn)
      this.inBundle = inBundle
      if (this.survey !== undefined) this.survey.currentFunction = outer!
    } else if (description.kind === 'source') {
      writeFunctionShape(this.writer, description)
      this.addDeferred(fn, description)
    } else
      throw this.valueError(`it is described as ${description.kind}, which has no source to send`)
  }

  writeMemory(type: Parameters<ViewTable['add']>[0], value: Parameters<ViewTable['add']>[1]): void {
    if (isDetached(ArrayBuffer.isView(value) ? (value.buffer as ArrayBuffer) : value))
      throw this.objectError('its memory was transferred elsewhere, so it has no content any more')
    this.views ??= new ViewTable()
    this.writer.kind(Kind.VIEW)
    this.writer.uint(this.views.add(type, value))
  }

  private finish(onShared: boolean): Encoded {
    const writer = this.writer
    const bundles = this.tokens.take()
    const mayWrite = this.hasSource ? this.functions.mayWrite : undefined
    const { references, views, deferred } = this
    const isExtended =
      references.hasReferences || views !== undefined || bundles.length > 0 || deferred.length > 0
    const buffers = isExtended
      ? writeTrailer(writer, references.positions(), bundles, views, onShared, mayWrite)
      : noBuffers
    const start = isExtended ? 0 : HEADER_BYTES
    const head = writer.take(start, onShared && writer.pos - start > SHARED_HEAD)
    return { head, buffers, bundles }
  }

  private reset(): void {
    this.writer.reset()
    this.references.clear()
    this.views = undefined
    this.tokens.clear()
    if (this.unfinished.size > 0) this.unfinished.clear()
    this.shapes.clear()
    if (this.deferred.length > 0) this.deferred.length = 0
    this.path.clear()
    this.level = 0
    this.limit = DEFER_DEPTH
    this.deferredObject = undefined
    this.survey = undefined
    this.inBundle = false
    this.hasSource = false
  }
}

const noBuffers: readonly Uint8Array[] = []
const noKeys: readonly string[] = []
