/** Built-in types and functions, read back from what `special.ts` and the encoder wrote. */
import { DecodeError } from '../../base/errors.js'
import { restoreEntry } from '../../functions/describe/private-entries.js'
import type { BuiltFunction } from '../../functions/types.js'
import type { Reader } from '../bytes/reader.js'
import { WELL_KNOWN_SYMBOLS } from '../bytes/tags.js'
import type { ValueDecoder } from '../interfaces.js'
import { defineOwn, setOwn } from '../objects/define-own.js'
import { readShape } from '../objects/function-shape.js'
import { readOwn } from '../objects/own-extras.js'
import { makeOf, registeredType } from '../objects/registered-types.js'
import { StandIn } from '../objects/stand-in.js'
import { ERROR_KINDS, errorClasses } from './write-built-in.js'

export function readBigint(reader: Reader): bigint {
  const size = reader.uint()
  const bytes = Math.floor(size / 2)
  const start = reader.skip(bytes)
  const value = BigInt(`0x${reader.bytes.toString('hex', start, start + bytes)}`)
  return size % 2 === 1 ? -value : value
}

export function readKnownSymbol(reader: Reader): symbol {
  const name = reader.text()
  const symbol = WELL_KNOWN_SYMBOLS.get(name)
  if (symbol === undefined) throw new DecodeError(`This version of Node has no Symbol.${name}`)
  return symbol
}

export function readPattern(decoder: ValueDecoder, at: number): RegExp {
  const { reader } = decoder
  const pattern = decoder.keep(at, new RegExp(reader.text(), reader.text()))
  pattern.lastIndex = decoder.value() as number
  return pattern
}

export function readError(decoder: ValueDecoder, at: number): Error {
  const { reader } = decoder
  const error = decoder.keep(at, makeError(reader.u8()))
  decoder.enter()
  for (let n = reader.count(3); n > 0; n--) {
    const key = reader.text()
    const enumerable = reader.u8() === 1
    defineOwn(error, key, decoder.value(), enumerable)
  }
  decoder.symbols(error)
  decoder.leave()
  return error
}

function makeError(kind: number): Error {
  const Class = errorClasses[kind]
  if (Class === undefined)
    throw new DecodeError(`This version has no error of kind ${ERROR_KINDS[kind] ?? kind}`)
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    const error = Reflect.construct(Error, [], Class) as Error
    delete error.stack
    return error
  } finally {
    Error.stackTraceLimit = limit
  }
}

export function readBoxed(decoder: ValueDecoder, at: number): object {
  const primitive = decoder.value()
  if (primitive === null || primitive === undefined)
    throw new DecodeError('A boxed primitive holds nothing')
  return decoder.keep(at, Object(primitive) as object)
}

export function readSparse(decoder: ValueDecoder, at: number): unknown[] {
  const length = decoder.reader.uint()
  if (length >= 2 ** 32) throw new DecodeError(`No array has ${length} elements`)
  const target: unknown[] = decoder.keep(at, [])
  decoder.named(target, decoder.reader.count(2))
  if (target.length < length) {
    // Going through a far element keeps V8 from reserving memory for all that are missing.
    target[length - 1] = undefined
    delete target[length - 1]
  }
  return target
}

export function readInstance(decoder: ValueDecoder, at: number): object {
  return decoder.allProperties(readNewInstance(decoder, at))
}

/** An instance without its fields; its class may be spelt out here, and be referred to like the instance. */
export function readNewInstance(decoder: ValueDecoder, at: number): object {
  return decoder.made(at, () => Object.create(readPrototype(decoder)) as object)
}

/** A built-in, which is kept at its own position, made one of a class that extends it. */
export function readSubclass(decoder: ValueDecoder): object {
  const prototype = readPrototype(decoder)
  const base = readOwn(decoder)
  Object.setPrototypeOf(base, prototype)
  return decoder.allProperties(base)
}

/** An instance, and what the stores of its classes are to hold of it. */
export function readPrivates(decoder: ValueDecoder): object {
  const object = decoder.value()
  if (typeof object !== 'object' || object === null) throw new DecodeError('An object is expected')
  decoder.enter()
  for (let n = decoder.reader.count(3); n > 0; n--) {
    const { reader } = decoder
    const entry = { depth: reader.uint(), name: reader.text(), value: decoder.value() }
    decoder.last.push(() => {
      if (!restoreEntry(object, entry))
        throw new DecodeError(`The class of an object has no private members by '${entry.name}'`)
    })
  }
  decoder.leave()
  return object
}

/** What the instances of a class inherit from. */
function readPrototype(decoder: ValueDecoder): object {
  const Class = decoder.value()
  if (typeof Class === 'function') {
    const prototype = Class.prototype as unknown
    if (typeof prototype === 'object' && prototype !== null) return prototype
  }
  throw new DecodeError('A class is expected')
}

export function readRegistered(decoder: ValueDecoder, at: number): unknown {
  const name = decoder.reader.text()
  const type = registeredType(name)
  if (type === undefined)
    throw new DecodeError(
      `Type '${name}' is not registered in this thread, and what registered it could not come along: let its encode and decode use only what can travel, or call registerType in a package that the tasks import`,
    )
  return decoder.whole(at, () => makeOf(type, decoder.value()))
}

/** An object of a type that came along. */
export function readTyped(decoder: ValueDecoder, at: number): unknown {
  const name = decoder.reader.text()
  const token = decoder.token(decoder.reader.uint())
  const type = registeredType(name) ?? decoder.functions.type(token)
  return decoder.whole(at, () => makeOf(type, decoder.value()))
}

/** A function that exists, and whose values are still to be read. */
export class Unfinished {
  readonly built: BuiltFunction
  readonly captures: number
  readonly properties: number
  constructor(built: BuiltFunction, captures: number, properties: number) {
    this.built = built
    this.captures = captures
    this.properties = properties
  }
}

export function readSource(decoder: ValueDecoder): Unfinished {
  const { shape, properties } = readShape(decoder.reader)
  return new Unfinished(decoder.functions.build(shape), shape.captureNames.length, properties)
}

/** Gives a function its values. */
export function complete(decoder: ValueDecoder, { built, captures, properties }: Unfinished): void {
  const values: unknown[] = []
  for (let i = 0; i < captures; i++) values.push(decoder.value())
  const set = new Map<PropertyKey, unknown>()
  for (let i = 0; i < properties; i++) {
    const name = decoder.value()
    if (typeof name !== 'string' && typeof name !== 'symbol')
      throw new DecodeError('A function has a property without a name')
    set.set(name, decoder.value())
  }
  built.complete(values, [])
  for (const [name, value] of set) defineOwn(built.fn, name, value, name !== 'length')
}

export function readBound(decoder: ValueDecoder, at: number): Function {
  let stand: StandIn | undefined
  const make = (): Function => {
    const target = decoder.value()
    const boundThis = decoder.value()
    const args = decoder.value()
    const properties = decoder.value()
    if (typeof target !== 'function' || !Array.isArray(args) || !Array.isArray(properties))
      throw new DecodeError('A bound function is not made of a function and arguments')
    const bound = Function.prototype.bind.call(
      target,
      boundThis,
      ...(args as unknown[]),
    ) as Function
    const fn = stand?.become(bound) ?? bound
    for (const [name, value] of properties as [string, unknown][]) setOwn(fn, name, value)
    return fn
  }
  return decoder.whole(at, make, () => (stand ??= new StandIn()).fn)
}

/** Gives an object that was promised what was read of it later. */
export function refill(shell: object, content: object): void {
  if (Array.isArray(shell) !== Array.isArray(content))
    throw new DecodeError('What was put off is not what was promised')
  if (Array.isArray(shell)) shell.length = (content as unknown[]).length
  for (const key of Reflect.ownKeys(content))
    if (key !== 'length' || !Array.isArray(shell))
      take(shell, key, Object.getOwnPropertyDescriptor(content, key)!)
}

function take(shell: object, key: PropertyKey, property: PropertyDescriptor): void {
  if (property.enumerable && property.writable && property.configurable)
    setOwn(shell, key, property.value)
  else Object.defineProperty(shell, key, property)
}
