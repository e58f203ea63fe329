/**
 * Values as bytes to be hashed: the same bytes for equal content, in every process and run.
 *
 * The order of an object's keys, the sharing of its parts and where a typed array lies in its buffer
 * leave no trace; types, signs of zero, holes and the order of arrays, Maps and Sets (which is part of
 * what they are) do. The bytes go to the hash as they come, so large values are never held twice.
 */
import { types } from 'node:util'
import { NotPortableError } from '../errors.js'
import { Located } from '../functions/located.js'
import { privateEntries } from '../functions/private-entries.js'
import { isPrivateStore } from '../functions/private-stores.js'
import { privateLevels, readPrivates } from '../functions/stamp.js'
import type { FunctionDescription, SourceDescription } from '../functions/types.js'
import type { FunctionTravel } from './encoded.js'
import { HashSink, Tag } from './hash-sink.js'
import { refusal } from './refuse.js'
import { classOf, errorClass, errorFacts, unbox } from './special.js'
import { MAX_LEVELS, WELL_KNOWN_SYMBOLS } from './tags.js'
import { Described, TokenHolder } from './token-holder.js'
import { findRegisteredType } from './types.js'

/** Deeper than this the walk goes on later, in the order in which it was put off. */
const DEFER_DEPTH = 256

interface Shape {
  readonly keys: readonly string[]
  readonly sorted: readonly string[]
  readonly id: number
}

interface Deferred {
  readonly object: object
  readonly description?: SourceDescription
  readonly ancestors: readonly object[]
}

const known = new Map([...WELL_KNOWN_SYMBOLS].map(([name, symbol]) => [symbol, name]))
const objectPrototype = Object.prototype
const arrayPrototype = Array.prototype

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
class Canonical {
  private readonly sink = new HashSink()
  private readonly ancestors: object[] = []
  private readonly trail: PropertyKey[] = []
  private readonly deferred: Deferred[] = []
  private readonly shapes = new Map<string, Shape>()
  private last: Shape | undefined
  private functionTravel: FunctionTravel | undefined
  /** In a bundle it counts which objects are the same, as functions share what they captured. */
  private met: Map<object, number> | undefined

  /** The token of these values, in this order. */
  token(values: readonly unknown[], functionTravel: FunctionTravel, inBundle: boolean): string {
    this.functionTravel = functionTravel
    if (inBundle) this.met = new Map()
    try {
      this.sink.uint(values.length)
      for (const value of values) this.value(value)
      for (let i = 0; i < this.deferred.length; i++) {
        const { object, description, ancestors } = this.deferred[i]!
        this.ancestors.length = 0
        for (const ancestor of ancestors) this.ancestors.push(ancestor)
        if (description === undefined) this.content(object)
        else this.captures(object, description)
      }
      return this.sink.digest()
    } finally {
      this.reset()
    }
  }

  private reset(): void {
    this.sink.reset()
    this.last = undefined
    if (this.shapes.size > 0) this.shapes.clear()
    this.ancestors.length = 0
    this.deferred.length = 0
    this.trail.length = 0
    this.met = undefined
  }

  private value(value: unknown): void {
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

  private child(key: PropertyKey, value: unknown): void {
    this.trail[this.ancestors.length - 1] = key
    this.value(value)
  }

  private path(): string[] {
    return ['value', ...this.trail.slice(0, this.ancestors.length).map(String)]
  }

  private function(fn: object): void {
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
      this.deferred.push({ object: fn, description, ancestors: [...this.ancestors] })
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
    this.sink.u8(Tag.end)
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
    for (let i = ancestors.length - 1; i >= 0; i--) {
      if (ancestors[i] !== object) continue
      this.sink.u8(Tag.cycle)
      this.sink.uint(ancestors.length - i)
      return
    }
    if (ancestors.length >= DEFER_DEPTH && ancestors.length % DEFER_DEPTH === 0) {
      if (ancestors.length >= MAX_LEVELS)
        throw new NotPortableError(
          this.path().slice(0, 20),
          `it is nested more than ${MAX_LEVELS} levels deep`,
        )
      this.sink.u8(Tag.deferred)
      this.deferred.push({ object, ancestors: [...ancestors] })
      return
    }
    this.content(object)
  }

  private content(object: object): void {
    if (types.isProxy(object))
      throw new NotPortableError(this.path(), 'it is a Proxy; use a plain copy of what it shows')
    const prototype = Object.getPrototypeOf(object) as object | null
    this.ancestors.push(object)
    if (prototype === objectPrototype) this.plainObject(object, Tag.object)
    else if (prototype === arrayPrototype && Array.isArray(object)) this.array(object)
    else this.other(object, prototype)
    this.ancestors.pop()
  }

  private plainObject(object: object, kind: number): void {
    const shape = this.shapeOf(Object.keys(object))
    this.sink.u8(kind)
    this.sink.uint(shape.id)
    const { sorted } = shape
    for (let i = 0; i < sorted.length; i++) {
      const key = sorted[i]!
      this.trail[this.ancestors.length - 1] = key
      this.value((object as Record<string, unknown>)[key])
    }
    this.symbols(object)
  }

  /** The sorted keys, spelt out where they are met first and then known by a number. */
  private shapeOf(keys: readonly string[]): Shape {
    const last = this.last
    if (last !== undefined && last.keys.length === keys.length) {
      let i = 0
      while (i < keys.length && keys[i] === last.keys[i]) i++
      if (i === keys.length) return last
    }
    const sorted = [...keys].sort()
    const name = JSON.stringify(sorted)
    const found = this.shapes.get(name)
    if (found !== undefined) return (this.last = { keys, sorted: found.sorted, id: found.id })
    const shape = { keys, sorted, id: this.shapes.size }
    this.shapes.set(name, shape)
    this.last = shape
    this.sink.u8(Tag.keys)
    this.sink.uint(sorted.length)
    for (const key of sorted) this.sink.string(key)
    return shape
  }

  private symbols(object: object): void {
    const symbols = Object.getOwnPropertySymbols(object)
    if (symbols.length === 0) return
    const named = symbols.map((symbol) => ({ symbol, text: String(symbol) }))
    named.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    for (const { symbol } of named) {
      this.symbol(symbol)
      this.child(symbol, (object as Record<symbol, unknown>)[symbol])
    }
    this.sink.u8(Tag.end)
  }

  private array(array: readonly unknown[]): void {
    this.sink.u8(Tag.array)
    this.sink.uint(array.length)
    for (let i = 0; i < array.length; i++) {
      const element = array[i]
      if (element === undefined && !(i in array)) {
        // A run of holes is one thing, so that a sparse array costs what is in it.
        const next = nextIndex(array, i)
        this.sink.u8(Tag.hole)
        this.sink.uint(next - i)
        i = next - 1
      } else {
        this.trail[this.ancestors.length - 1] = i
        this.value(element)
      }
    }
    if (array.length <= 64 || 'index' in array || 'raw' in array || 'groups' in array)
      this.named(array)
  }

  private named(object: object): void {
    const keys = Object.keys(object).filter((key) => !/^(?:0|[1-9]\d*)$/.test(key))
    if (keys.length === 0) return
    this.sink.u8(Tag.named)
    this.sink.uint(keys.length)
    for (const key of keys.sort()) {
      this.sink.string(key)
      this.child(key, (object as Record<string, unknown>)[key])
    }
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
      this.child(registered.name, registered.encode(object as never))
    } else if (prototype === null) this.plainObject(object, Tag.nullObject)
    else {
      this.builtIn(object)
      for (const { depth, name, value } of privateEntries(object)) {
        this.sink.u8(Tag.named)
        this.sink.uint(depth)
        this.sink.string(name)
        this.child(name, value)
      }
    }
  }

  private builtIn(object: object): void {
    if (types.isNativeError(object) || object instanceof Error) {
      const path = this.path()
      const Class = errorClass(object, (fn) => this.functionTravel!.travel(fn, path))
      if (Class !== undefined) {
        this.sink.u8(Tag.instance)
        this.function(Class)
      }
      this.sink.u8(Tag.error)
      const { kind, facts } = errorFacts(object, Class !== undefined)
      this.sink.u8(kind)
      // Where an error was made is no part of what it says.
      facts.delete('stack')
      this.map(facts)
      this.privates(object, Class)
      return
    }
    const own = classOf(object)
    if (own !== undefined) {
      this.sink.u8(Tag.instance)
      this.function(own)
    }
    if (this.builtInContent(object)) {
      if (own !== undefined) this.named(object)
      this.privates(object, own)
      return
    }
    const reason = refusal(object)
    if (reason !== undefined) {
      this.ancestors.pop()
      throw new NotPortableError(this.path(), reason)
    }
    this.plainObject(object, Tag.object)
    this.privates(object, own)
  }

  private privates(object: object, own: Function | undefined): void {
    const levels = own === undefined ? [] : privateLevels(own)
    if (levels.length === 0) return
    for (const [i, values] of readPrivates(object, levels).entries()) {
      this.sink.u8(values === undefined ? Tag.hole : Tag.named)
      for (const [k, value] of values?.entries() ?? []) this.child(levels[i]!.fields[k]!, value)
    }
  }

  private builtInContent(object: object): boolean {
    if (ArrayBuffer.isView(object)) this.memory(object, viewName(object))
    else if (types.isAnyArrayBuffer(object)) {
      const name = types.isArrayBuffer(object) ? 'ArrayBuffer' : 'SharedArrayBuffer'
      this.memory(new Uint8Array(object as ArrayBuffer), name)
    } else if (types.isMap(object)) this.map(object)
    else if (types.isSet(object)) {
      this.sink.u8(Tag.set)
      this.sink.uint(object.size)
      for (const item of object) this.child('(item)', item)
    } else if (types.isDate(object)) {
      this.sink.u8(Tag.date)
      this.sink.number(object.getTime())
    } else if (types.isRegExp(object)) {
      this.sink.u8(Tag.regexp)
      this.sink.string(object.source)
      this.sink.string(object.flags)
      this.sink.number(object.lastIndex)
    } else if (types.isBoxedPrimitive(object)) {
      this.sink.u8(Tag.boxed)
      this.value(unbox(object))
    } else if (object instanceof URL || object instanceof URLSearchParams) {
      this.sink.u8(Tag.text)
      this.sink.string(object instanceof URL ? 'URL' : 'URLSearchParams')
      this.sink.string(String(object))
    } else if (Array.isArray(object)) this.array(object)
    else if (isPrivateStore(object)) this.sink.u8(Tag.set)
    else return false
    return true
  }

  private map(map: ReadonlyMap<unknown, unknown>): void {
    this.sink.u8(Tag.map)
    this.sink.uint(map.size)
    for (const [key, value] of map) {
      this.child('(key)', key)
      this.child(typeof key === 'string' ? key : '(value)', value)
    }
  }

  private memory(view: ArrayBufferView, name: string): void {
    this.sink.u8(Tag.view)
    this.sink.string(name)
    this.sink.bytesOf(new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength))
  }
}

function viewName(view: ArrayBufferView): string {
  if (Buffer.isBuffer(view)) return 'Buffer'
  return types.isDataView(view) ? 'DataView' : (view as Uint8Array)[Symbol.toStringTag]
}

/** The first index from `from` on that is there, else the array's length. */
function nextIndex(array: readonly unknown[], from: number): number {
  for (let i = from; i < Math.min(array.length, from + 1000); i++) if (i in array) return i
  const later = Object.keys(array).find((key) => /^\d+$/.test(key) && Number(key) >= from)
  return later === undefined ? array.length : Number(later)
}
