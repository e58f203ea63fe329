/**
 * Functions as source code. Captured values are written apart from the rest, after everything else,
 * so that functions that need one another all exist before they are completed.
 */

import { DecodeError } from '../../base/errors.js'
import { RelocatableValue } from '../../functions/modules/relocatable.js'
import { originalName } from '../../functions/rewrite/reserved-names.js'
import type {
  BoundDescription,
  BuiltFunction,
  SourceDescription,
  SourceShape,
} from '../../functions/types.js'
import type { Reader } from '../bytes/reader.js'
import { Kind } from '../bytes/tags.js'
import type { Writer } from '../bytes/writer.js'
import type { ValueDecoder, ValueEncoder } from '../interfaces.js'
import { defineOwn, setOwn } from './properties.js'

/** Writes the source code and names of a function, and the number of its own properties. */
export function writeFunctionShape(writer: Writer, shape: SourceShape): void {
  writer.kind(Kind.FUNCTION_SOURCE)
  writer.string(shape.source)
  writer.string(shape.name)
  writer.string(shape.form)
  writer.u8(shape.strict ? 1 : 0)
  writer.string(shape.origin?.file ?? '')
  writer.uint(shape.origin?.line ?? 0)
  writer.uint(shape.origin?.column ?? 0)
  writer.uint(shape.captureNames.length)
  for (const name of shape.captureNames) writer.string(name)
  writer.uint(shape.propertyNames.length)
}

/** Writes the captured values and properties of a function, in the order of their names. */
export function writeCaptures(encoder: ValueEncoder, description: SourceDescription): void {
  const { captureNames, captures, propertyNames, properties } = description
  for (const [i, name] of captureNames.entries()) {
    const value = captures[i]
    encoder.writeChild(originalName(name), value instanceof RelocatableValue ? value.value : value)
  }
  for (const [i, name] of propertyNames.entries()) {
    encoder.writeValue(name)
    encoder.writeChild(name, properties[i])
  }
}

/** Writes a bound function. It can be created only after its parts have been read. */
export function writeBound(encoder: ValueEncoder, description: BoundDescription): void {
  const { target, boundThis, boundArgs, properties } = description
  encoder.writer.kind(Kind.FUNCTION_BOUND)
  encoder.writeChild('(target)', target)
  encoder.writeChild('(this)', boundThis)
  encoder.writeChild('(arguments)', boundArgs)
  encoder.writeChild('(properties)', properties)
}

/** Reads what `writeFunctionShape` wrote; the names of properties come with their values. */
function readFunctionShape(reader: Reader): { shape: SourceShape; properties: number } {
  const [source, name, form] = [reader.string(), reader.string(), reader.string()]
  const strict = reader.u8() === 1
  const [file, line, column] = [reader.string(), reader.uint(), reader.uint()]
  const captureNames: string[] = []
  for (let n = reader.count(); n > 0; n--) captureNames.push(reader.string())
  const shape: SourceShape = {
    kind: 'source',
    source,
    name,
    form: form as SourceShape['form'],
    strict,
    captureNames,
    propertyNames: [],
    origin: file === '' ? undefined : { file, line, column },
  }
  return { shape, properties: reader.count() }
}
/**
 * A placeholder for a bound function that contains itself, as after `this.go = this.go.bind(this)`
 * in a constructor: the object must exist before the function, and has the function as a member.
 */
class BoundPlaceholder {
  readonly fn: Function
  private boundFunction: Function | undefined

  constructor() {
    const callTarget = (args: unknown[], target: Function | undefined): unknown =>
      target === undefined
        ? Reflect.apply(this.boundFunction!, undefined, args)
        : Reflect.construct(this.boundFunction!, args)
    const call = function (...args: unknown[]): unknown {
      return callTarget(args, new.target)
    }
    // Like the bound function, the placeholder has no prototype.
    this.fn = call.bind(undefined)
  }

  /** Sets the function to call, and returns the placeholder function. */
  setTarget(boundFunction: Function): Function {
    this.boundFunction = boundFunction
    for (const key of ['name', 'length'])
      Object.defineProperty(this.fn, key, Object.getOwnPropertyDescriptor(boundFunction, key)!)
    return this.fn
  }
}

/** A function that exists, but whose captured values and properties are still to be read. */
export class IncompleteFunction {
  readonly built: BuiltFunction
  readonly captures: number
  readonly properties: number
  constructor(built: BuiltFunction, captures: number, properties: number) {
    this.built = built
    this.captures = captures
    this.properties = properties
  }
}

/** Reads and builds a function; `completeFunction` must follow. */
export function readFunctionSource(decoder: ValueDecoder): IncompleteFunction {
  const { shape, properties } = readFunctionShape(decoder.reader)
  return new IncompleteFunction(
    decoder.functions.build(shape),
    shape.captureNames.length,
    properties,
  )
}

/** Reads the captured values and properties of a function and completes it. */
export function completeFunction(
  decoder: ValueDecoder,
  { built, captures, properties }: IncompleteFunction,
): void {
  const values: unknown[] = []
  for (let i = 0; i < captures; i++) values.push(decoder.readValue())
  const set = new Map<PropertyKey, unknown>()
  for (let i = 0; i < properties; i++) {
    const name = decoder.readValue()
    if (typeof name !== 'string' && typeof name !== 'symbol')
      throw new DecodeError('A function has a property without a name')
    set.set(name, decoder.readValue())
  }
  built.complete(values, [])
  for (const [name, value] of set) defineOwn(built.fn, name, value, name !== 'length')
}

/** Reads a bound function. */
export function readBound(decoder: ValueDecoder, at: number): Function {
  let placeholder: BoundPlaceholder | undefined
  const make = (): Function => {
    const target = decoder.readValue()
    const boundThis = decoder.readValue()
    const args = decoder.readValue()
    const properties = decoder.readValue()
    if (typeof target !== 'function' || !Array.isArray(args) || !Array.isArray(properties))
      throw new DecodeError('A bound function lacks its function or its arguments')
    const bound = Function.prototype.bind.call(
      target,
      boundThis,
      ...(args as unknown[]),
    ) as Function
    const fn = placeholder?.setTarget(bound) ?? bound
    for (const [name, value] of properties as [string, unknown][]) setOwn(fn, name, value)
    return fn
  }
  return decoder.buildNested(at, make, () => (placeholder ??= new BoundPlaceholder()).fn)
}
