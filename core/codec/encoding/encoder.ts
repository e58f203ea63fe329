/**
 * From values to heads: the walk over a value.
 *
 * Every object is written once; where it is met again a reference to its position is written, so
 * sharing and cycles survive. Positions that are referred to are listed in the trailer, which lets the
 * decoder keep only those objects at hand. Nesting beyond `DEFER_DEPTH` is put off and written after
 * the value, level by level, so that neither side ever recurses deeply.
 */
import { types } from 'node:util'
import { NotPortableError } from '../../base/errors.js'
import type { FunctionDescription, SourceDescription } from '../../functions/types.js'
import { writeDate, writeMapEntries, writeSetItems } from '../built-ins/write-built-in.js'
import { writeOther } from '../built-ins/write-object.js'
import { ViewTable } from '../bytes/buffers.js'
import type { Deferred } from '../bytes/deferred.js'
import type { Encoded } from '../bytes/encoded.js'
import { isDetached } from '../bytes/resizable.js'
import { DEFER_DEPTH, ENVELOPE_BYTES, HARD_DEPTH, Kind, MAX_LEVELS } from '../bytes/tags.js'
import { TokenTable } from '../bytes/token-table.js'
import { writeTrailer } from '../bytes/trailer.js'
import { ValuePath } from '../bytes/value-path.js'
import { Writer } from '../bytes/writer.js'
import { writeArray, writeElements } from '../columns/arrays.js'
import { isOrdinaryArray, isOrdinaryDate } from '../identity/hidden-class.js'
import { RecordShapes } from '../identity/record-shapes.js'
import { References } from '../identity/references.js'
import type { Accessor, FunctionSurvey, FunctionTravel, ValueEncoder } from '../interfaces.js'
import { carriedAccessor, hasAccessor } from '../objects/accessors.js'
import { writeBound, writeCaptures, writeShape } from '../objects/function-shape.js'
import { writeFixed } from '../objects/own-extras.js'
import { writePlainObject, writeRecord } from '../objects/plain-objects.js'
import { mayTake } from '../objects/registered-types.js'
import { writeSymbol } from '../objects/symbols.js'
import { noFunctions } from './no-functions.js'

/** A shared head is worth its own memory from this size on. */
const SHARED_HEAD = 64 * 1024

const objectPrototype = Object.prototype
const arrayPrototype = Array.prototype

export class Encoder implements ValueEncoder {
  readonly writer = new Writer()
  private views: ViewTable | undefined
  readonly tokens = new TokenTable()
  readonly references = new References()
  /** Objects that can only be made once all of them was read, while they are written. */
  readonly unfinished = new Set<object>()
  readonly shapes = new RecordShapes()
  private deferred: Deferred[] = []
  readonly trail = new ValuePath()
  private level = 0
  /** How deep the walk may go at this level before the rest is put off. */
  private limit = DEFER_DEPTH
  /** The object whose content follows later than the place that others refer to. */
  private promised: object | undefined
  functionTravel: FunctionTravel = noFunctions
  private survey: FunctionSurvey | undefined
  /** Whether a function is being spelt out: what it uses of modules is named, not copied. */
  private inBundle = false

  /** Whether a function is being spelt out. */
  get isInBundle(): boolean {
    return this.inBundle
  }

  /** Encodes one value; the encoder may be used again after it, whether it failed or not. */
  encode(
    value: unknown,
    onShared: boolean,
    path: readonly string[],
    functionTravel: FunctionTravel,
    survey?: FunctionSurvey,
  ): Encoded {
    this.trail.prefix = path
    this.functionTravel = functionTravel
    this.survey = survey
    try {
      this.value(value)
      for (let i = 0; i < this.deferred.length; i++) this.deferredContent(this.deferred[i]!)
      return this.finish(onShared)
    } catch (error) {
      if (error instanceof RangeError && /call stack/.test(error.message))
        throw this.error('it is nested too deeply for what is left of the stack')
      throw error
    } finally {
      this.reset()
    }
  }

  /** Writes any value at the writer's position. */
  value(value: unknown): void {
    if (typeof value === 'string') this.writer.string(value)
    else if (typeof value === 'number') this.writer.number(value)
    else if (typeof value === 'object') {
      if (value === null) this.writer.u8(0xc0)
      else this.object(value)
    } else if (typeof value === 'boolean') this.writer.u8(value ? 0xc3 : 0xc2)
    else if (typeof value === 'undefined') this.writer.kind(Kind.UNDEFINED)
    else if (typeof value === 'function') this.functionToken(value)
    else if (typeof value === 'bigint') this.writer.bigint(value)
    else writeSymbol(this, value as symbol)
  }

  /** Writes a value that lies at `key` of the object being written; `key` shows up in error paths. */
  child(key: PropertyKey, value: unknown): void {
    this.trail.at(key)
    this.value(value)
  }

  /** Names the thing at hand in error paths, for what is refused without being written. */
  at(key: PropertyKey): void {
    this.trail.at(key)
  }

  error(reason: string): NotPortableError {
    return new NotPortableError(this.trail.path(), reason)
  }

  /** An error about the object being written, and not about what lies in it. */
  refused(reason: string): NotPortableError {
    return new NotPortableError(this.trail.path(this.trail.depth - 1), reason)
  }

  private object(object: object): void {
    if (this.reference(object)) return
    if (this.inBundle && this.named(object)) return
    if (this.ordinary(object)) return
    if (types.isProxy(object))
      throw this.error('it is a Proxy, which would stay behind; send a plain copy of what it shows')
    if (!Object.isExtensible(object) && !types.isModuleNamespaceObject(object))
      writeFixed(this, object)
    const prototype: unknown = Object.getPrototypeOf(object)
    if (prototype === arrayPrototype && Array.isArray(object)) {
      if (this.trail.depth >= this.limit) {
        this.defer(object, Kind.DEFER_ARRAY)
        return
      }
      this.trail.depth++
      writeArray(this, object)
    } else if (prototype === objectPrototype) {
      if (this.trail.depth >= this.limit) {
        this.defer(object, Kind.DEFER_OBJECT)
        return
      }
      this.trail.depth++
      writePlainObject(this, object)
    } else {
      if (this.trail.depth >= this.limit && this.deferOther(object, prototype as object | null))
        return
      if (this.trail.depth >= HARD_DEPTH) throw this.error('it is nested too deeply')
      this.trail.depth++
      writeOther(this, object, prototype as object | null)
    }
    this.trail.depth--
  }

  /** Writes an array or a record that its hidden class says everything about; false if it is none. */
  private ordinary(object: object): boolean {
    if (this.trail.depth >= this.limit) return false
    if (Array.isArray(object)) {
      if (!isOrdinaryArray(object)) return false
      this.trail.depth++
      writeElements(this, object)
    } else {
      const shape = this.inBundle ? undefined : this.shapes.like(object)
      if (shape === undefined) return this.ordinaryDate(object)
      this.trail.depth++
      writeRecord(this, object, shape)
    }
    this.trail.depth--
    return true
  }

  private ordinaryDate(object: object): boolean {
    if (!isOrdinaryDate(object) || mayTake(Date.prototype)) return false
    writeDate(this, object as Date)
    return true
  }

  /** Writes a reference if the object was met before, and remembers it if not. */
  private reference(object: object): boolean {
    const place = this.references.meet(object, this.writer.pos)
    if (place === undefined) {
      this.survey?.wrote(this.writer.pos)
      return false
    }
    if (typeof object === 'object') this.survey?.metAgain(place.at)
    // A bound function may hold itself, by way of what it is bound to.
    if (this.unfinished.size > 0 && typeof object === 'object' && this.unfinished.has(object))
      throw this.error('it holds itself, through a registered type, which can only be made whole')
    this.writer.kind(place.row < 0 ? Kind.REFERENCE : Kind.ROW_REFERENCE)
    this.writer.uint(place.at)
    if (place.row >= 0) this.writer.uint(place.row)
    return true
  }

  /** Writes an object that is not copied but named; false, nothing written, if it is none. */
  named(object: object): boolean {
    const token = this.functionTravel.reference(object)
    if (token === undefined) return false
    this.writer.kind(Kind.FUNCTION)
    this.writer.uint(this.tokens.index(token))
    return true
  }

  /** The object being written starts here, and not where it was met. */
  moved(object: object): void {
    if (object === this.promised) return
    this.references.move(object, this.writer.pos)
    this.survey?.wrote(this.writer.pos)
  }

  /** Puts off a Map or a Set, which are nothing but what lies in them. */
  private deferOther(object: object, prototype: object | null): boolean {
    this.checkLevel()
    const isMap = prototype === Map.prototype && types.isMap(object)
    const isSet = prototype === Set.prototype && types.isSet(object)
    if ((!isMap && !isSet) || Reflect.ownKeys(object).length > 0) return false
    this.defer(object, isMap ? Kind.DEFER_MAP : Kind.DEFER_SET)
    return true
  }

  private checkLevel(): void {
    if (this.level + this.trail.depth >= MAX_LEVELS)
      throw this.error(`it is nested more than ${MAX_LEVELS.toLocaleString('en')} levels deep`)
  }

  private defer(object: object, kind: number): void {
    this.checkLevel()
    this.writer.kind(kind)
    this.putOff(object)
  }

  /** Whether what nests any deeper is put off if it can be. */
  get isDeep(): boolean {
    return this.trail.depth > this.limit
  }

  /** Puts off the fields of an instance whose class was written. */
  putOffFields(object: object): void {
    this.trail.depth--
    this.putOff(object)
    this.trail.depth++
  }

  private putOff(object: object, description?: SourceDescription): void {
    const path = this.trail.path()
    // A longer path helps nobody: its beginning is enough to find the place.
    const trail = path.length > 20 ? [...path.slice(0, 20), '...'] : path
    const owner = description === undefined ? this.survey?.current : object
    this.deferred.push({ object, description, level: this.level + this.trail.depth, trail, owner })
  }

  private deferredContent({ object, description, level, trail, owner }: Deferred): void {
    this.level = level
    this.limit = Math.min(DEFER_DEPTH, MAX_LEVELS - level)
    this.promised = object
    this.trail.prefix = trail
    this.trail.depth = 1
    if (this.survey !== undefined) this.survey.current = owner!
    if (description !== undefined) writeCaptures(this, description)
    else if (Array.isArray(object)) writeArray(this, object)
    else if (types.isMap(object)) writeMapEntries(this, object)
    else if (types.isSet(object)) writeSetItems(this, object)
    else writePlainObject(this, object)
    this.trail.depth = 0
  }

  /** What gives and takes an own property of an object, if that goes along with the functions here. */
  accessor(object: object, key: PropertyKey): Accessor | undefined {
    if (!this.inBundle) return undefined
    return carriedAccessor(object, key, (fn) => this.functionTravel.travel(fn, this.trail.path()))
  }

  /** The keys of an object's accessors that go along, of those that show when it is enumerated. */
  accessorKeys(object: object, keys: readonly string[]): readonly string[] {
    if (!this.inBundle || !hasAccessor(object, keys)) return noKeys
    return keys.filter((key) => this.accessor(object, key) !== undefined)
  }

  /** The symbol-keyed properties of an object: how many, then each key and value. */
  symbolProperties(object: object): void {
    const symbols = Object.getOwnPropertySymbols(object)
    this.writer.uint(symbols.length)
    for (const symbol of symbols) {
      this.at(symbol)
      writeSymbol(this, symbol)
      this.child(symbol, (object as Record<symbol, unknown>)[symbol])
    }
  }

  /** The enumerable properties of an object by name: how many, then each key and value, if not `later`. */
  properties(
    object: object,
    keys: readonly string[] = Object.keys(object),
    later: readonly string[] = noKeys,
  ): void {
    this.writer.uint(keys.length)
    for (const key of keys) {
      this.writer.string(key)
      this.child(key, later.includes(key) ? undefined : (object as Record<string, unknown>)[key])
    }
  }

  /** The elements of an array, one after another. */
  elements(array: readonly unknown[]): void {
    for (let i = 0; i < array.length; i++) {
      const element = array[i]
      if (element === undefined && !(i in array)) this.writer.kind(Kind.HOLE)
      else {
        this.trail.at(i)
        this.value(element)
      }
    }
  }

  /** The values of a part of a batch, one after another; `way` says where each is. */
  each(values: readonly unknown[], way: (index: number) => readonly PropertyKey[]): void {
    const place = this.trail.through(way)
    for (let i = 0; i < values.length; i++) {
      place.index = i
      this.value(values[i])
    }
  }

  /** Writes a part of a batch, a level deeper. */
  within<T>(write: () => T): T {
    this.trail.nowhere()
    this.trail.depth++
    const written = write()
    this.trail.depth--
    return written
  }

  /** Remembers objects that are being written together from here on. */
  addBatch(rows: readonly object[], kind: string): void {
    this.survey?.wrote(this.writer.pos)
    this.references.addBatch(rows, this.writer.pos, kind)
  }

  /** Writes a function, a class or what holds the token of one. */
  functionToken(fn: object): void {
    let index = this.tokens.of(fn)
    if (index === undefined) {
      const travel = this.functionTravel.travel(fn, this.trail.path())
      if (typeof travel !== 'string') {
        this.inlineFunction(fn as Function, travel)
        return
      }
      index = this.tokens.add(fn, travel)
    }
    this.writer.kind(Kind.FUNCTION)
    this.writer.uint(index)
  }

  /** Writes what a function is made of; the values that it captured come after everything else. */
  private inlineFunction(fn: Function, description: FunctionDescription): void {
    this.survey?.metFunction(fn)
    if (this.reference(fn)) return
    this.inBundle = true
    if (description.kind === 'bound') {
      const owner = this.survey?.current
      if (this.survey !== undefined) this.survey.current = fn
      this.unfinished.add(fn)
      this.trail.depth++
      writeBound(this, description)
      this.trail.depth--
      this.unfinished.delete(fn)
      if (this.survey !== undefined) this.survey.current = owner!
    } else if (description.kind === 'source') {
      writeShape(this.writer, description)
      this.putOff(fn, description)
    } else throw this.error(`it is described as ${description.kind}, which is not spelt out`)
  }

  /** Writes the memory behind a typed array, DataView, Buffer or whole buffer. */
  memory(type: Parameters<ViewTable['add']>[0], value: Parameters<ViewTable['add']>[1]): void {
    if (isDetached(ArrayBuffer.isView(value) ? (value.buffer as ArrayBuffer) : value))
      throw this.refused('its memory was transferred to somebody else, and nothing of it is left')
    this.views ??= new ViewTable()
    this.writer.kind(Kind.VIEW)
    this.writer.uint(this.views.add(type, value))
  }

  private finish(onShared: boolean): Encoded {
    const writer = this.writer
    const bundles = this.tokens.take()
    const mayWrite = this.inBundle ? this.functionTravel.mayWrite : undefined
    const { references, views, deferred } = this
    const isExtended =
      references.any || views !== undefined || bundles.length > 0 || deferred.length > 0
    const buffers = isExtended
      ? writeTrailer(writer, references.positions(), bundles, views, onShared, mayWrite)
      : none
    const start = isExtended ? 0 : ENVELOPE_BYTES
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
    this.trail.clear()
    this.level = 0
    this.limit = DEFER_DEPTH
    this.promised = undefined
    this.survey = undefined
    this.inBundle = false
  }
}

const none: readonly Uint8Array[] = []
const noKeys: readonly string[] = []
