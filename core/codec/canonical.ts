/**
 * Values as bytes to be hashed: the same bytes for equal content, in every process and run.
 *
 * The order of an object's keys, the sharing of its parts and where a typed array lies in its buffer
 * leave no trace; types, signs of zero, holes and the order of arrays, Maps and Sets (which is part of
 * what they are) do. The bytes go to the hash as they come, so large values are never held twice.
 */
import * as crypto from 'node:crypto'
import { types } from 'node:util'
import { NotPortableError } from '../errors.js'
import type { FunctionDescription, SourceDescription } from '../functions/types.js'
import type { FunctionTravel } from './encoded.js'
import { refusal } from './refuse.js'
import { classOf, errorFacts, unbox } from './special.js'
import { MAX_LEVELS, WELL_KNOWN_SYMBOLS } from './tags.js'
import { Described, TokenHolder } from './token-holder.js'
import { findRegisteredType } from './types.js'
import { isWellFormed } from './writer.js'

/** Hex digits of a token: 96 bits. */
const TOKEN_LENGTH = 24
const SCRATCH = 64 * 1024
/** Views of this size go to the hash directly. */
const DIRECT = 4096
/** Deeper than this the walk goes on later, in the order in which it was put off. */
const DEFER_DEPTH = 256

const tag = {
  end: 0,
  undefined: 1,
  null: 2,
  true: 3,
  false: 4,
  number: 5,
  string: 6,
  string16: 7,
  bigint: 8,
  symbol: 9,
  array: 10,
  hole: 11,
  object: 12,
  keys: 13,
  function: 14,
  cycle: 15,
  deferred: 16,
  view: 17,
  map: 18,
  set: 19,
  date: 20,
  regexp: 21,
  error: 22,
  boxed: 23,
  text: 24,
  instance: 25,
  registered: 26,
  nullObject: 27,
  named: 28,
  bound: 29,
  source: 30,
  again: 31,
} as const

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

type OneShot = (algorithm: string, data: Uint8Array, encoding: 'hex') => string
const oneShot = (crypto as { hash?: OneShot }).hash

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
  private readonly bytes = Buffer.allocUnsafeSlow(SCRATCH)
  private readonly view = new DataView(this.bytes.buffer)
  private pos = 0
  private hash: crypto.Hash | undefined
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
      this.uint(values.length)
      for (const value of values) this.value(value)
      for (let i = 0; i < this.deferred.length; i++) {
        const { object, description, ancestors } = this.deferred[i]!
        this.ancestors.length = 0
        for (const ancestor of ancestors) this.ancestors.push(ancestor)
        if (description === undefined) this.content(object)
        else this.captures(object, description)
      }
      return this.digest()
    } finally {
      this.reset()
    }
  }

  private digest(): string {
    const rest = this.bytes.subarray(0, this.pos)
    if (this.hash !== undefined) return this.hash.update(rest).digest('hex').slice(0, TOKEN_LENGTH)
    if (oneShot !== undefined) return oneShot('sha256', rest, 'hex').slice(0, TOKEN_LENGTH)
    return crypto.createHash('sha256').update(rest).digest('hex').slice(0, TOKEN_LENGTH)
  }

  private reset(): void {
    this.pos = 0
    this.hash = undefined
    this.last = undefined
    if (this.shapes.size > 0) this.shapes.clear()
    this.ancestors.length = 0
    this.deferred.length = 0
    this.trail.length = 0
    this.met = undefined
  }

  private flush(): void {
    this.hash ??= crypto.createHash('sha256')
    this.hash.update(this.bytes.subarray(0, this.pos))
    this.pos = 0
  }

  private room(bytes: number): void {
    if (this.pos + bytes > SCRATCH) this.flush()
  }

  private u8(value: number): void {
    if (this.pos >= SCRATCH) this.flush()
    this.bytes[this.pos++] = value
  }

  private uint(value: number): void {
    this.room(8)
    let rest = value
    while (rest >= 0x80) {
      this.bytes[this.pos++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.bytes[this.pos++] = rest
  }

  private number(value: number): void {
    this.room(9)
    this.bytes[this.pos] = tag.number
    this.view.setFloat64(this.pos + 1, Number.isNaN(value) ? Number.NaN : value)
    this.pos += 9
  }

  private string(text: string): void {
    const length = text.length
    if (length < 100) {
      this.room(length + 2)
      const bytes = this.bytes
      let at = this.pos + 2
      let i = 0
      for (; i < length; i++) {
        const code = text.charCodeAt(i)
        if (code >= 0x80) break
        bytes[at++] = code
      }
      if (i === length) {
        bytes[this.pos] = tag.string
        bytes[this.pos + 1] = length
        this.pos = at
        return
      }
    }
    this.longString(text)
  }

  private longString(text: string): void {
    const encoding = isWellFormed(text) ? 'utf8' : 'utf16le'
    this.u8(encoding === 'utf8' ? tag.string : tag.string16)
    const length = Buffer.byteLength(text, encoding)
    this.uint(length)
    if (length > DIRECT) this.direct(Buffer.from(text, encoding))
    else {
      this.room(length)
      this.pos += this.bytes.write(text, this.pos, length, encoding)
    }
  }

  private direct(bytes: Uint8Array): void {
    this.flush()
    this.hash!.update(bytes)
  }

  private value(value: unknown): void {
    if (typeof value === 'string') this.string(value)
    else if (typeof value === 'number') this.number(value)
    else if (typeof value === 'object') {
      if (value === null) this.u8(tag.null)
      else this.object(value)
    } else if (typeof value === 'boolean') this.u8(value ? tag.true : tag.false)
    else if (typeof value === 'undefined') this.u8(tag.undefined)
    else if (typeof value === 'function') this.function(value)
    else if (typeof value === 'bigint') {
      this.u8(tag.bigint)
      this.string(value.toString(16))
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
    this.u8(tag.function)
    this.string(travel)
  }

  /** What a function is made of; where it was written is no part of it. */
  private inlineFunction(fn: object, description: FunctionDescription): void {
    if (this.metAgain(fn)) return
    if (description.kind === 'bound') {
      this.u8(tag.bound)
      this.function(description.target)
      this.value(description.boundThis)
      this.value(description.boundArgs)
      this.value(description.properties)
    } else if (description.kind === 'source') {
      const { source, name, form, strict, captureNames } = description
      this.u8(tag.source)
      for (const text of [source, name, form, ...captureNames]) this.string(text)
      this.u8(strict ? tag.true : tag.false)
      this.deferred.push({ object: fn, description, ancestors: [...this.ancestors] })
    }
  }

  private captures(fn: object, description: SourceDescription): void {
    const { captureNames, captures, propertyNames, properties } = description
    this.ancestors.push(fn)
    for (const [i, name] of captureNames.entries()) this.child(name, captures[i])
    for (const [i, name] of propertyNames.entries()) {
      this.value(name)
      this.child(name, properties[i])
    }
    this.u8(tag.end)
  }

  /** In a bundle, writes which object met before this is; remembers it if it is none. */
  private metAgain(object: object): boolean {
    const index = this.met!.get(object)
    if (index === undefined) {
      this.met!.set(object, this.met!.size)
      return false
    }
    this.u8(tag.again)
    this.uint(index)
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
    this.u8(tag.symbol)
    this.u8(name === undefined ? 0 : 1)
    this.string(key)
  }

  private object(object: object): void {
    const ancestors = this.ancestors
    if (this.met !== undefined) {
      const reference = this.functionTravel!.reference(object)
      if (reference !== undefined) {
        this.u8(tag.function)
        this.string(reference)
        return
      }
      if (this.metAgain(object)) return
    }
    for (let i = ancestors.length - 1; i >= 0; i--) {
      if (ancestors[i] !== object) continue
      this.u8(tag.cycle)
      this.uint(ancestors.length - i)
      return
    }
    if (ancestors.length >= DEFER_DEPTH && ancestors.length % DEFER_DEPTH === 0) {
      if (ancestors.length >= MAX_LEVELS)
        throw new NotPortableError(
          this.path().slice(0, 20),
          `it is nested more than ${MAX_LEVELS} levels deep`,
        )
      this.u8(tag.deferred)
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
    if (prototype === objectPrototype) this.plainObject(object, tag.object)
    else if (prototype === arrayPrototype && Array.isArray(object)) this.array(object)
    else this.other(object, prototype)
    this.ancestors.pop()
  }

  private plainObject(object: object, kind: number): void {
    const shape = this.shapeOf(Object.keys(object))
    this.u8(kind)
    this.uint(shape.id)
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
    this.u8(tag.keys)
    this.uint(sorted.length)
    for (const key of sorted) this.string(key)
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
    this.u8(tag.end)
  }

  private array(array: readonly unknown[]): void {
    this.u8(tag.array)
    this.uint(array.length)
    for (let i = 0; i < array.length; i++) {
      const element = array[i]
      if (element === undefined && !(i in array)) {
        // A run of holes is one thing, so that a sparse array costs what is in it.
        const next = nextIndex(array, i)
        this.u8(tag.hole)
        this.uint(next - i)
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
    this.u8(tag.named)
    this.uint(keys.length)
    for (const key of keys.sort()) {
      this.string(key)
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
      this.u8(tag.registered)
      this.string(registered.name)
      this.child(registered.name, registered.encode(object as never))
    } else if (prototype === null) this.plainObject(object, tag.nullObject)
    else this.builtIn(object)
  }

  private builtIn(object: object): void {
    if (types.isNativeError(object) || object instanceof Error) {
      this.u8(tag.error)
      const { kind, facts } = errorFacts(object)
      this.u8(kind)
      // Where an error was made is no part of what it says.
      facts.delete('stack')
      this.map(facts)
      return
    }
    const own = classOf(object)
    if (own !== undefined) {
      this.u8(tag.instance)
      this.function(own)
    }
    if (this.builtInContent(object)) {
      if (own !== undefined) this.named(object)
      return
    }
    const reason = refusal(object)
    if (reason !== undefined) {
      this.ancestors.pop()
      throw new NotPortableError(this.path(), reason)
    }
    this.plainObject(object, tag.object)
  }

  private builtInContent(object: object): boolean {
    if (ArrayBuffer.isView(object)) this.memory(object, viewName(object))
    else if (types.isAnyArrayBuffer(object)) {
      const name = types.isArrayBuffer(object) ? 'ArrayBuffer' : 'SharedArrayBuffer'
      this.memory(new Uint8Array(object as ArrayBuffer), name)
    } else if (types.isMap(object)) this.map(object)
    else if (types.isSet(object)) {
      this.u8(tag.set)
      this.uint(object.size)
      for (const item of object) this.child('(item)', item)
    } else if (types.isDate(object)) {
      this.u8(tag.date)
      this.number(object.getTime())
    } else if (types.isRegExp(object)) {
      this.u8(tag.regexp)
      this.string(object.source)
      this.string(object.flags)
      this.number(object.lastIndex)
    } else if (types.isBoxedPrimitive(object)) {
      this.u8(tag.boxed)
      this.value(unbox(object))
    } else if (object instanceof URL || object instanceof URLSearchParams) {
      this.u8(tag.text)
      this.string(object instanceof URL ? 'URL' : 'URLSearchParams')
      this.string(String(object))
    } else if (Array.isArray(object)) this.array(object)
    else return false
    return true
  }

  private map(map: ReadonlyMap<unknown, unknown>): void {
    this.u8(tag.map)
    this.uint(map.size)
    for (const [key, value] of map) {
      this.child('(key)', key)
      this.child(typeof key === 'string' ? key : '(value)', value)
    }
  }

  private memory(view: ArrayBufferView, name: string): void {
    this.u8(tag.view)
    this.string(name)
    const bytes = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength)
    this.uint(bytes.length)
    if (bytes.length > DIRECT) this.direct(bytes)
    else {
      this.room(bytes.length)
      this.bytes.set(bytes, this.pos)
      this.pos += bytes.length
    }
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
