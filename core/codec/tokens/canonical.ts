/**
 * Tokens of values: hashes of canonical bytes, which are the same for equal content in every
 * process and run.
 *
 * The order of an object's keys, the sharing of its parts and the offset of a typed array in its
 * buffer do not count. Types, signs of zero, holes, the frozen state, and the order of arrays, Maps
 * and Sets (which is part of their content) do.
 *
 * The bytes of a part that was folded are reused when the part occurs again, so the time grows with
 * the number of parts and not with the number of paths to them. Values with cycles have no finite
 * content; for them, as in a bundle, it counts which parts are the same object.
 */
import { types } from 'node:util'
import { NotPortableError } from '../../base/errors.js'
import { privateStoreEntries } from '../../functions/describe/private-store-entries.js'
import { ownPrototype } from '../../functions/engine/own-prototypes.js'
import { isNodeModule } from '../../functions/modules/references.js'
import { RelocatableValue } from '../../functions/modules/relocatable.js'
import type { FunctionDescription, SourceDescription } from '../../functions/types.js'
import { hasBuiltInContent } from '../built-ins/write-built-in.js'
import { isOfEveryThread } from '../built-ins/write-non-plain.js'
import { HashSink, Tag } from '../bytes/hash-sink.js'
import { MAX_LEVELS } from '../bytes/tags.js'
import { Described, TokenHolder } from '../bytes/token-holder.js'
import { shortPath } from '../bytes/value-path.js'
import type { CanonicalWriter, FunctionEncoding } from '../interfaces.js'
import { hasAccessor } from '../objects/accessors.js'
import { hiddenKeys } from '../objects/own-extras.js'
import { refusalReason } from '../objects/refusals.js'
import { areTested, encodePayload, findRegisteredType } from '../objects/registered-types.js'
import { ownSymbolId, ownSymbolReason } from '../objects/symbols.js'
import { writeArrayContent } from './canonical-arrays.js'
import { writeBuiltInContent } from './canonical-built-ins.js'
import { symbolNames, writeAccessor, writeExtras, writeSymbols } from './canonical-properties.js'
import { type KeyShape, KeyShapes } from './key-shapes.js'

/** The depth limit of one walk: deeper parts are walked separately. */
const MAX_DEPTH = 200

/** A part that is walked separately. */
interface SeparatePart {
  readonly object: object
  readonly depth: number
  readonly path: readonly string[]
  readonly ancestors: readonly object[]
  /** Whether functions capture it: then accessors and own symbols are written as such. */
  readonly isInBundle: boolean
  /** In a bundle, the description of a function. */
  readonly description?: SourceDescription
}

/** Thrown when a part leads back to itself. */
const cycle = Symbol('cycle')

const objectPrototype = Object.prototype
const arrayPrototype = Array.prototype

const noPath: readonly string[] = ['value']

/** Once this many objects with the same keys had no accessors, further ones are not checked. */
const SAMPLED = 100

/** Walks that are free: a function among the values needs a second one. */
const idle: CanonicalWalk[] = []

/**
 * Returns the token of values. With `withSources`, functions are written as source code and share what
 * they captured.
 */
export function canonicalToken(
  values: readonly unknown[],
  functions: FunctionEncoding,
  withSources = false,
): string {
  const walk = idle.pop() ?? new CanonicalWalk()
  try {
    return walk.token(values, functions, withSources)
  } finally {
    idle.push(walk)
  }
}

/** Walks over values, one at a time. */
class CanonicalWalk implements CanonicalWriter {
  readonly sink = new HashSink()
  private readonly ancestors: object[] = []
  private readonly keys: PropertyKey[] = []
  /** The depth at which this walk started, and the path to there. */
  private baseDepth = 0
  private prefix: readonly string[] = noPath
  /** Parts too deep for this walk; in a bundle they are written last. */
  private separate: SeparatePart[] = []
  /** The bytes of parts that were folded or walked separately. */
  private readonly finished = new Map<object, Uint8Array>()
  /** Parts that were left incomplete in this walk, which is therefore repeated. */
  private readonly incomplete = new Set<object>()
  /** Ancestors in the walks that wait for this one. */
  private readonly outerAncestors = new Set<object>()
  private readonly shapes = new KeyShapes()
  functions: FunctionEncoding | undefined
  /** The objects written so far and their numbers, where it counts which objects are the same. */
  private seen: Map<object, number> | undefined
  isInBundle = false
  /** How many objects of a shape were found to have no accessors, by the bytes of the shape. */
  private readonly withoutAccessors = new Map<Uint8Array, number>()

  /** Returns the token of these values, in this order. */
  token(values: readonly unknown[], functions: FunctionEncoding, withSources: boolean): string {
    this.functions = functions
    this.isInBundle = functions.forBundle === true
    const write = () => {
      this.sink.uint(values.length)
      for (const value of values) this.writeValue(value)
    }
    try {
      if (!withSources && !this.findsCycle(() => this.writeComplete(write)))
        return this.sink.digest()
      this.reset()
      this.functions = functions
      this.seen = new Map()
      write()
      for (let i = 0; i < this.separate.length; i++) this.writeLast(this.separate[i]!)
      return this.sink.digest()
    } finally {
      this.reset()
    }
  }

  /** Runs a walk; returns true if it found a cycle and was given up. */
  private findsCycle(walk: () => void): boolean {
    try {
      walk()
      return false
    } catch (error) {
      if (error === cycle) return true
      throw error
    }
  }

  /** Calls `write`. If parts were too deep, walks those separately and calls it again. */
  private writeComplete(write: () => void): void {
    const start = this.sink.pos
    const { baseDepth, prefix } = this
    for (;;) {
      write()
      if (this.separate.length === 0) return
      const deep = this.separate
      this.separate = []
      this.sink.pos = start
      this.incomplete.clear()
      for (const { object, depth, path, ancestors } of deep) {
        if (this.finished.has(object)) continue
        for (const ancestor of ancestors) this.outerAncestors.add(ancestor)
        this.baseDepth = depth
        this.prefix = path
        this.writeComplete(() => this.writeObject(object))
        this.finished.set(object, this.sink.copyFrom(start))
        this.sink.pos = start
        for (const ancestor of ancestors) this.outerAncestors.delete(ancestor)
      }
      this.baseDepth = baseDepth
      this.prefix = prefix
    }
  }

  /** In a bundle, writes a deferred part. */
  private writeLast({ object, depth, path, description, isInBundle }: SeparatePart): void {
    this.baseDepth = depth
    this.isInBundle = isInBundle
    this.prefix = path
    if (description === undefined) this.writeContent(object)
    else this.writeCaptures(object, description)
  }

  private reset(): void {
    this.sink.reset()
    this.shapes.endToken()
    if (this.withoutAccessors.size > 0) this.withoutAccessors.clear()
    if (this.finished.size > 0) this.finished.clear()
    if (this.outerAncestors.size > 0) this.outerAncestors.clear()
    this.ancestors.length = 0
    this.separate = []
    if (this.incomplete.size > 0) this.incomplete.clear()
    this.baseDepth = 0
    this.prefix = noPath
    this.keys.length = 0
    this.seen = undefined
  }

  writeValue(value: unknown): void {
    if (typeof value === 'string') this.sink.string(value)
    else if (typeof value === 'number') this.sink.number(value)
    else if (typeof value === 'object') {
      if (value === null) this.sink.u8(Tag.null)
      else this.writeObject(value)
    } else if (typeof value === 'boolean') this.sink.u8(value ? Tag.true : Tag.false)
    else if (typeof value === 'undefined') this.sink.u8(Tag.undefined)
    else if (typeof value === 'function') this.writeFunction(value)
    else if (typeof value === 'bigint') {
      this.sink.u8(Tag.bigint)
      this.sink.string(value.toString(16))
    } else this.writeSymbol(value as symbol)
  }

  writeChild(key: PropertyKey, value: unknown): void {
    this.keys[this.ancestors.length - 1] = key
    this.writeValue(value)
  }

  setKey(key: PropertyKey): void {
    this.keys[this.ancestors.length - 1] = key
  }

  currentPath(): string[] {
    return [...this.prefix, ...this.keys.slice(0, this.ancestors.length).map(String)]
  }

  objectError(reason: string): NotPortableError {
    const path = [...this.prefix, ...this.keys.slice(0, this.ancestors.length - 1)]
    return new NotPortableError(path.map(String), reason)
  }

  writeFunction(fn: object): void {
    const encoding = this.functions!.encodingOf(fn, this.currentPath())
    if (typeof encoding !== 'string') {
      this.writeFunctionSource(fn, encoding)
      return
    }
    this.sink.u8(Tag.function)
    this.sink.string(encoding)
  }

  /** Writes a function's source code and names; its file and line do not count. */
  private writeFunctionSource(fn: object, description: FunctionDescription): void {
    if (this.writeIfSeen(fn)) return
    if (description.kind === 'bound') {
      this.sink.u8(Tag.bound)
      this.writeFunction(description.target)
      this.writeValue(description.boundThis)
      this.writeValue(description.boundArgs)
      this.writeValue(description.properties)
    } else if (description.kind === 'source') {
      const { source, name, form, strict, captureNames } = description
      this.sink.u8(Tag.source)
      for (const text of [source, name, form, ...captureNames]) this.sink.string(text)
      this.sink.u8(strict ? Tag.true : Tag.false)
      this.addSeparate(fn, description)
    }
  }

  private writeCaptures(fn: object, description: SourceDescription): void {
    const { captureNames, captures, propertyNames, properties } = description
    this.ancestors.push(fn)
    for (const [i, name] of captureNames.entries()) {
      const value = captures[i]
      this.writeChild(name, value instanceof RelocatableValue ? value.identity : value)
    }
    for (const [i, name] of propertyNames.entries()) {
      this.writeValue(name)
      this.writeChild(name, properties[i])
    }
    this.ancestors.pop()
    this.sink.u8(Tag.end)
  }

  private tooDeep(): NotPortableError {
    return new NotPortableError(
      this.currentPath().slice(0, 20),
      `it is nested more than ${MAX_LEVELS.toLocaleString('en')} levels deep`,
    )
  }

  private addSeparate(object: object, description?: SourceDescription): void {
    const depth = this.baseDepth + this.ancestors.length
    if (depth >= MAX_LEVELS) throw this.tooDeep()
    this.incomplete.add(object)
    const path = shortPath(this.currentPath())
    const ancestors = this.seen === undefined ? [...this.ancestors] : []
    const isInBundle = this.isInBundle || description !== undefined
    const part = { object, depth, path, ancestors, isInBundle }
    this.separate.push(description === undefined ? part : { ...part, description })
  }

  /**
   * Writes the number of an object that was seen before; otherwise numbers it and returns false.
   */
  private writeIfSeen(object: object): boolean {
    const index = this.seen!.get(object)
    if (index === undefined) {
      this.seen!.set(object, this.seen!.size)
      return false
    }
    this.sink.u8(Tag.again)
    this.sink.uint(index)
    return true
  }

  writeSymbol(symbol: symbol): void {
    const name = symbolNames.get(symbol)
    const key = name ?? Symbol.keyFor(symbol)
    const isOwn = key === undefined
    if (isOwn && !this.isInBundle)
      throw new NotPortableError(this.currentPath(), ownSymbolReason(symbol))
    this.sink.u8(Tag.symbol)
    this.sink.u8(isOwn ? 2 : name === undefined ? 0 : 1)
    this.sink.string(key ?? ownSymbolId(symbol))
  }

  private writeObject(object: object): void {
    const ancestors = this.ancestors
    if (this.seen !== undefined) {
      if (this.writeByName(object)) return
      if (this.writeIfSeen(object)) return
    }
    if (this.incomplete.size > 0 && this.seen === undefined && this.incomplete.has(object)) return
    if (this.finished.size > 0 || this.outerAncestors.size > 0) {
      if (this.outerAncestors.has(object)) throw cycle
      const bytes = this.finished.get(object)
      if (bytes !== undefined) {
        this.sink.raw(bytes)
        return
      }
    }
    if (this.seen === undefined)
      for (let i = ancestors.length - 1; i >= 0; i--) if (ancestors[i] === object) throw cycle
    if (ancestors.length >= MAX_DEPTH) {
      if (this.seen !== undefined) this.sink.u8(Tag.deferred)
      this.addSeparate(object)
      return
    }
    this.writeContent(object)
  }

  private writeContent(object: object): void {
    if (types.isProxy(object))
      throw new NotPortableError(
        this.currentPath(),
        'it is a Proxy; use a plain copy of its target',
      )
    const start = this.sink.pos
    const prototype = ownPrototype(Object.getPrototypeOf(object) as object | null)
    this.ancestors.push(object)
    if (this.baseDepth + this.ancestors.length > MAX_LEVELS) throw this.tooDeep()
    const waiting = this.separate.length
    if (!Object.isExtensible(object) && !types.isModuleNamespaceObject(object))
      this.sink.u8(
        Tag.fixed + (Object.isFrozen(object) ? 0x40 : Object.isSealed(object) ? 0x80 : 0),
      )
    if (areTested() && findRegisteredType(object, prototype) !== undefined)
      this.writeNonPlain(object, prototype)
    else if (prototype === objectPrototype) this.writePlainObject(object, Tag.object)
    else if (prototype === arrayPrototype && Array.isArray(object)) writeArrayContent(this, object)
    else this.writeNonPlain(object, prototype)
    this.ancestors.pop()
    if (this.sink.fold(start) && this.seen === undefined && this.separate.length === waiting)
      this.finished.set(object, this.sink.copyFrom(start))
    else if (this.separate.length !== waiting) this.incomplete.add(object)
  }

  /** Writes the name of a value that every thread has; false if it is none. */
  private writeByName(object: object): boolean {
    const token = this.functions?.tokenByName(object)
    if (token === undefined) return false
    this.sink.u8(Tag.function)
    this.sink.string(token)
    return true
  }

  writePlainObject(object: object, tag: number): void {
    const start = this.sink.pos
    const keys = Object.keys(object)
    if (isNodeModule(object, keys[0]) && this.writeByName(object)) return
    const shape = this.shapes.of(keys)
    this.sink.u8(tag)
    this.sink.raw(shape.bytes)
    const { sorted } = shape
    const mayHave = this.isInBundle && this.mayHaveAccessor(object, shape)
    for (let i = 0; i < sorted.length; i++) {
      const key = sorted[i]!
      this.keys[this.ancestors.length - 1] = key
      if (!mayHave || !writeAccessor(this, object, key))
        this.writeValue((object as Record<string, unknown>)[key])
      this.sink.foldSoFar(start)
    }
    const symbols = Object.getOwnPropertySymbols(object)
    if (symbols.length > 0 && types.isArgumentsObject(object))
      throw this.objectError(refusalReason(object)!)
    if (symbols.length > 0) writeSymbols(this, object, symbols)
    const hidden = hiddenKeys(object)
    if (hidden.length > 0) writeExtras(this, object, hidden)
  }

  private mayHaveAccessor(object: object, { sorted, bytes }: KeyShape): boolean {
    const checked = this.withoutAccessors.get(bytes) ?? 0
    if (checked >= SAMPLED) return false
    if (hasAccessor(object, sorted)) return true
    this.withoutAccessors.set(bytes, checked + 1)
    return false
  }

  private writeNonPlain(object: object, prototype: object | null): void {
    if (object instanceof TokenHolder || object instanceof Described) {
      this.writeFunction(object)
      return
    }
    if (isOfEveryThread(object) && this.writeByName(object)) return
    const registered = findRegisteredType(object, prototype)
    if (registered !== undefined) {
      this.sink.u8(Tag.registered)
      this.sink.string(registered.name)
      this.writeChild(
        registered.name,
        encodePayload(registered, object, () => this.currentPath()),
      )
    } else if (prototype === null && !hasBuiltInContent(object))
      this.writePlainObject(object, Tag.nullObject)
    else {
      if (prototype === null) this.sink.u8(Tag.nullObject)
      writeBuiltInContent(this, object)
      for (const { depth, name, value } of privateStoreEntries(object)) {
        this.sink.u8(Tag.named)
        this.sink.uint(depth)
        this.sink.string(name)
        this.writeChild(name, value)
      }
    }
  }

  writeMemory(view: ArrayBufferView, name: string): void {
    this.sink.u8(Tag.view)
    this.sink.string(name)
    this.sink.memory(view)
  }
}
