/**
 * Values as bytes to be hashed: the same bytes for equal content, in every process and run.
 *
 * The order of an object's keys, the sharing of its parts and where a typed array lies in its buffer
 * leave no trace; types, signs of zero, holes, what is frozen, and the order of arrays, Maps and Sets
 * (which is part of what they are) do.
 *
 * A part that is met again is not walked again once its bytes were folded, so what a value takes
 * grows with its parts and not with the ways to them. Where parts lead back to themselves there is no
 * end to content, so then, as in a bundle, it counts which parts are the same.
 */
import { types } from 'node:util'
import { NotPortableError } from '../../base/errors.js'
import { privateEntries } from '../../functions/describe/private-entries.js'
import { Located } from '../../functions/modules/relocatable.js'
import type { FunctionDescription, SourceDescription } from '../../functions/types.js'
import { MAX_LEVELS, WELL_KNOWN_SYMBOLS } from '../bytes/tags.js'
import { Described, TokenHolder } from '../bytes/token-holder.js'
import type { FunctionTravel } from '../interfaces.js'
import { carriedAccessor, hasAccessor } from '../objects/accessors.js'
import { hiddenKeys } from '../objects/own-extras.js'
import { findRegisteredType, payloadOf } from '../objects/registered-types.js'
import { writeArrayContent } from './canonical-arrays.js'
import { writeBuiltInContent } from './canonical-built-ins.js'
import { HashSink, Tag } from './hash-sink.js'
import { type KeyShape, KeyShapes } from './key-shapes.js'

/** Deeper than this a walk does not go; what lies there is walked on its own. */
const DEEPEST = 200

/** What is walked on its own: where it was met, and in a bundle the function it is, if it is one. */
interface Apart {
  readonly object: object
  readonly depth: number
  readonly trail: readonly string[]
  readonly ancestors: readonly object[]
  readonly description?: SourceDescription
}

/** Thrown when a part leads back to itself. */
const cycle = Symbol('cycle')

const known = new Map([...WELL_KNOWN_SYMBOLS].map(([name, symbol]) => [symbol, name]))
const objectPrototype = Object.prototype
const arrayPrototype = Array.prototype

const noPath: readonly string[] = ['value']

/** When this many objects with the same keys had no accessors, the others are not asked. */
const LIKELY_ALL = 100

/** Walks that are not at work: a function among the values takes a second one. */
const idle: Canonical[] = []

/** The token of values. In a bundle, functions are spelt out and share what they captured. */
export function canonicalToken(
  values: readonly unknown[],
  functionTravel: FunctionTravel,
  inBundle = false,
): string {
  const walk = idle.pop() ?? new Canonical()
  try {
    return walk.token(values, functionTravel, inBundle)
  } finally {
    idle.push(walk)
  }
}

/** One walk over values at a time. */
export class Canonical {
  readonly sink = new HashSink()
  private readonly ancestors: object[] = []
  private readonly trail: PropertyKey[] = []
  /** How deep this walk began, and the way to there. */
  private base = 0
  private prefix: readonly string[] = noPath
  /** What lies too deep for this walk; in a bundle it is written last. */
  private apart: Apart[] = []
  /** The bytes of what was folded, or walked on its own. */
  private readonly ready = new Map<object, Uint8Array>()
  /** Parts that were left unfinished in this walk, which is therefore done again. */
  private readonly partial = new Set<object>()
  /** Ancestors in the walks that wait for this one. */
  private readonly open = new Set<object>()
  private readonly shapes = new KeyShapes()
  functionTravel: FunctionTravel | undefined
  /** In a bundle it counts which objects are the same, as functions share what they captured. */
  private met: Map<object, number> | undefined
  /** Whether these are functions and what goes along with them. */
  private inBundle = false
  /** How many objects of a shape were found to have no accessors, by what stands for its keys. */
  private readonly plain = new Map<Uint8Array, number>()

  /** The token of these values, in this order. */
  token(values: readonly unknown[], functionTravel: FunctionTravel, inBundle: boolean): string {
    this.functionTravel = functionTravel
    this.inBundle = inBundle
    const write = () => {
      this.sink.uint(values.length)
      for (const value of values) this.value(value)
    }
    try {
      if (!inBundle && !this.leadsBack(() => this.complete(write))) return this.sink.digest()
      this.reset()
      this.functionTravel = functionTravel
      this.met = new Map()
      write()
      for (let i = 0; i < this.apart.length; i++) this.writeLast(this.apart[i]!)
      return this.sink.digest()
    } finally {
      this.reset()
    }
  }

  /** Whether a walk finds something that leads back to itself, and is given up. */
  private leadsBack(walk: () => void): boolean {
    try {
      walk()
      return false
    } catch (error) {
      if (error === cycle) return true
      throw error
    }
  }

  /** Writes something; if parts of it lie too deep, walks those on their own and writes it again. */
  private complete(write: () => void): void {
    const start = this.sink.pos
    const { base, prefix } = this
    for (;;) {
      write()
      if (this.apart.length === 0) return
      const deep = this.apart
      this.apart = []
      this.sink.pos = start
      this.partial.clear()
      for (const { object, depth, trail, ancestors } of deep) {
        if (this.ready.has(object)) continue
        for (const ancestor of ancestors) this.open.add(ancestor)
        this.base = depth
        this.prefix = trail
        this.complete(() => this.object(object))
        this.ready.set(object, this.sink.copyFrom(start))
        this.sink.pos = start
        for (const ancestor of ancestors) this.open.delete(ancestor)
      }
      this.base = base
      this.prefix = prefix
    }
  }

  /** In a bundle, what was put off. */
  private writeLast({ object, depth, trail, description }: Apart): void {
    this.base = depth
    this.prefix = trail
    if (description === undefined) this.content(object)
    else this.captures(object, description)
  }

  private reset(): void {
    this.sink.reset()
    this.shapes.rest()
    if (this.plain.size > 0) this.plain.clear()
    if (this.ready.size > 0) this.ready.clear()
    if (this.open.size > 0) this.open.clear()
    this.ancestors.length = 0
    this.apart = []
    if (this.partial.size > 0) this.partial.clear()
    this.base = 0
    this.prefix = noPath
    this.trail.length = 0
    this.met = undefined
  }

  value(value: unknown): void {
    if (typeof value === 'string') this.sink.string(value)
    else if (typeof value === 'number') this.sink.number(value)
    else if (typeof value === 'object') {
      if (value === null) this.sink.u8(Tag.null)
      else this.object(value)
    } else if (typeof value === 'boolean') this.sink.u8(value ? Tag.true : Tag.false)
    else if (typeof value === 'undefined') this.sink.u8(Tag.undefined)
    else if (typeof value === 'function') this.function(value)
    else if (typeof value === 'bigint') {
      this.sink.u8(Tag.bigint)
      this.sink.string(value.toString(16))
    } else this.symbol(value as symbol)
  }

  child(key: PropertyKey, value: unknown): void {
    this.trail[this.ancestors.length - 1] = key
    this.value(value)
  }

  path(): string[] {
    return [...this.prefix, ...this.trail.slice(0, this.ancestors.length).map(String)]
  }

  /** An error about the object being written, and not about what lies in it. */
  refused(reason: string): NotPortableError {
    const path = [...this.prefix, ...this.trail.slice(0, this.ancestors.length - 1)]
    return new NotPortableError(path.map(String), reason)
  }

  function(fn: object): void {
    const travel = this.functionTravel!.travel(fn, this.path())
    if (typeof travel !== 'string') {
      this.inlineFunction(fn, travel)
      return
    }
    this.sink.u8(Tag.function)
    this.sink.string(travel)
  }

  /** What a function is made of; where it was written is no part of it. */
  private inlineFunction(fn: object, description: FunctionDescription): void {
    if (this.metAgain(fn)) return
    if (description.kind === 'bound') {
      this.sink.u8(Tag.bound)
      this.function(description.target)
      this.value(description.boundThis)
      this.value(description.boundArgs)
      this.value(description.properties)
    } else if (description.kind === 'source') {
      const { source, name, form, strict, captureNames } = description
      this.sink.u8(Tag.source)
      for (const text of [source, name, form, ...captureNames]) this.sink.string(text)
      this.sink.u8(strict ? Tag.true : Tag.false)
      this.putApart(fn, description)
    }
  }

  private captures(fn: object, description: SourceDescription): void {
    const { captureNames, captures, propertyNames, properties } = description
    this.ancestors.push(fn)
    for (const [i, name] of captureNames.entries()) {
      const value = captures[i]
      this.child(name, value instanceof Located ? value.identity : value)
    }
    for (const [i, name] of propertyNames.entries()) {
      this.value(name)
      this.child(name, properties[i])
    }
    this.ancestors.pop()
    this.sink.u8(Tag.end)
  }

  private tooDeep(): NotPortableError {
    return new NotPortableError(
      this.path().slice(0, 20),
      `it is nested more than ${MAX_LEVELS.toLocaleString('en')} levels deep`,
    )
  }

  private putApart(object: object, description?: SourceDescription): void {
    const depth = this.base + this.ancestors.length
    if (depth >= MAX_LEVELS) throw this.tooDeep()
    this.partial.add(object)
    const path = this.path()
    const trail = path.length > 20 ? [...path.slice(0, 20), '...'] : path
    const ancestors = this.met === undefined ? [...this.ancestors] : []
    const apart = { object, depth, trail, ancestors }
    this.apart.push(description === undefined ? apart : { ...apart, description })
  }

  /** In a bundle, writes which object met before this is; remembers it if it is none. */
  private metAgain(object: object): boolean {
    const index = this.met!.get(object)
    if (index === undefined) {
      this.met!.set(object, this.met!.size)
      return false
    }
    this.sink.u8(Tag.again)
    this.sink.uint(index)
    return true
  }

  private symbol(symbol: symbol): void {
    const name = known.get(symbol)
    const key = name ?? Symbol.keyFor(symbol)
    if (key === undefined)
      throw new NotPortableError(
        this.path(),
        `${String(symbol)} is a symbol of this thread alone; use Symbol.for to make one that all threads know`,
      )
    this.sink.u8(Tag.symbol)
    this.sink.u8(name === undefined ? 0 : 1)
    this.sink.string(key)
  }

  private object(object: object): void {
    const ancestors = this.ancestors
    if (this.met !== undefined) {
      const reference = this.functionTravel!.reference(object)
      if (reference !== undefined) {
        this.sink.u8(Tag.function)
        this.sink.string(reference)
        return
      }
      if (this.metAgain(object)) return
    }
    if (this.partial.size > 0 && this.met === undefined && this.partial.has(object)) return
    if (this.ready.size > 0 || this.open.size > 0) {
      if (this.open.has(object)) throw cycle
      const bytes = this.ready.get(object)
      if (bytes !== undefined) {
        this.sink.raw(bytes)
        return
      }
    }
    if (this.met === undefined)
      for (let i = ancestors.length - 1; i >= 0; i--) if (ancestors[i] === object) throw cycle
    if (ancestors.length >= DEEPEST) {
      if (this.met !== undefined) this.sink.u8(Tag.deferred)
      this.putApart(object)
      return
    }
    this.content(object)
  }

  private content(object: object): void {
    if (types.isProxy(object))
      throw new NotPortableError(this.path(), 'it is a Proxy; use a plain copy of what it shows')
    const start = this.sink.pos
    const prototype = Object.getPrototypeOf(object) as object | null
    this.ancestors.push(object)
    if (this.base + this.ancestors.length > MAX_LEVELS) throw this.tooDeep()
    const waiting = this.apart.length
    if (!Object.isExtensible(object) && !types.isModuleNamespaceObject(object))
      this.sink.u8(
        Tag.fixed + (Object.isFrozen(object) ? 0x40 : Object.isSealed(object) ? 0x80 : 0),
      )
    if (prototype === objectPrototype) this.plainObject(object, Tag.object)
    else if (prototype === arrayPrototype && Array.isArray(object)) writeArrayContent(this, object)
    else this.other(object, prototype)
    this.ancestors.pop()
    if (this.sink.fold(start) && this.met === undefined && this.apart.length === waiting)
      this.ready.set(object, this.sink.copyFrom(start))
    else if (this.apart.length !== waiting) this.partial.add(object)
  }

  plainObject(object: object, kind: number): void {
    const start = this.sink.pos
    const shape = this.shapes.of(Object.keys(object))
    this.sink.u8(kind)
    this.sink.raw(shape.bytes)
    const { sorted } = shape
    const mayHave = this.inBundle && this.hasAccessor(object, shape)
    for (let i = 0; i < sorted.length; i++) {
      const key = sorted[i]!
      this.trail[this.ancestors.length - 1] = key
      if (!mayHave || !this.accessor(object, key))
        this.value((object as Record<string, unknown>)[key])
      this.sink.foldSoFar(start)
    }
    this.symbols(object)
    const hidden = hiddenKeys(object)
    if (hidden.length > 0) this.named(object, hidden)
  }

  private hasAccessor(object: object, { sorted, bytes }: KeyShape): boolean {
    const plain = this.plain.get(bytes) ?? 0
    if (plain >= LIKELY_ALL) return false
    if (hasAccessor(object, sorted)) return true
    this.plain.set(bytes, plain + 1)
    return false
  }

  /** Writes what gives and takes a property, if that goes along with the functions here. */
  private accessor(object: object, key: string): boolean {
    const travels = (fn: Function) => this.functionTravel!.travel(fn, this.path())
    const accessor = carriedAccessor(object, key, travels)
    if (accessor === undefined) return false
    this.sink.u8(Tag.accessor)
    this.value(accessor.get)
    this.value(accessor.set)
    return true
  }

  private symbols(object: object): void {
    const symbols = Object.getOwnPropertySymbols(object)
    if (symbols.length > 0) this.namedSymbols(object, symbols)
  }

  private namedSymbols(object: object, symbols: readonly symbol[]): void {
    const named = symbols.map((symbol) => ({
      symbol,
      text: `${known.has(symbol) ? 1 : 0}${String(symbol)}`,
    }))
    named.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    for (const { symbol } of named) {
      this.symbol(symbol)
      this.child(symbol, (object as Record<symbol, unknown>)[symbol])
    }
    this.sink.u8(Tag.end)
  }

  /** Properties besides what a type holds. */
  named(object: object, extras: readonly PropertyKey[]): void {
    if (extras.length === 0) return
    const names = extras.filter((key): key is string => typeof key === 'string')
    this.sink.u8(Tag.named)
    this.sink.uint(names.length)
    for (const key of names.sort()) {
      this.sink.string(key)
      this.trail[this.ancestors.length - 1] = key
      if (!this.inBundle || !this.accessor(object, key))
        this.value((object as Record<string, unknown>)[key])
    }
    this.namedSymbols(
      object,
      extras.filter((key): key is symbol => typeof key === 'symbol'),
    )
  }

  private other(object: object, prototype: object | null): void {
    if (object instanceof TokenHolder || object instanceof Described) {
      this.function(object)
      return
    }
    const registered = findRegisteredType(object, prototype)
    if (registered !== undefined) {
      this.sink.u8(Tag.registered)
      this.sink.string(registered.name)
      this.child(
        registered.name,
        payloadOf(registered, object, () => this.path()),
      )
    } else if (prototype === null) this.plainObject(object, Tag.nullObject)
    else {
      writeBuiltInContent(this, object)
      for (const { depth, name, value } of privateEntries(object)) {
        this.sink.u8(Tag.named)
        this.sink.uint(depth)
        this.sink.string(name)
        this.child(name, value)
      }
    }
  }

  /** Writes the bytes of a view. */
  memory(view: ArrayBufferView, name: string): void {
    this.sink.u8(Tag.view)
    this.sink.string(name)
    this.sink.memory(view)
  }
}
