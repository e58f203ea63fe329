/**
 * Errors as values: their built-in kind, their own properties, and the class of the user.
 *
 * An error whose class cannot be sent is written as the built-in kind of error that it is, since it
 * must be reported in any case.
 */

import * as errors from '../../base/errors.js'
import { ownPrototype } from '../../functions/engine/own-prototypes.js'
import { foreignGlobalOf } from '../../functions/engine/realms.js'
import { Kind } from '../bytes/tags.js'
import type { ValueDecoder, ValueEncoder } from '../interfaces.js'
import { defineOwn, readSymbolProperties, writeSymbolProperties } from '../objects/properties.js'
import { classOf } from './instances.js'

/** The kinds of errors that keep their class; any other error becomes an `Error`. */
const ERROR_KINDS = [
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
  'AggregateError',
  'SuppressedError',
  'SkeinError',
  'CycleError',
  'MissingKeyError',
  'GraphError',
  'KeyConflictError',
  'NotPortableError',
  'DecodeError',
  'TaskError',
  'CancelledError',
] as const

type ErrorClass = (new (...args: never[]) => Error) | undefined

/** The classes of these kinds; undefined for those that this version of Node lacks. */
const errorClasses = ERROR_KINDS.map(
  (kind) =>
    (globalThis as unknown as Record<string, ErrorClass>)[kind] ??
    (errors as unknown as Record<string, ErrorClass>)[kind],
)

/**
 * Returns the built-in kind of an error, and its own properties by name. With `hasClass`,
 * properties inherited from its class are left out.
 */
export function errorContent(
  error: Error,
  hasClass: boolean,
): { kind: number; properties: Map<string, unknown> } {
  const kind = Math.max(
    0,
    errorClasses.findLastIndex((Class) => Class !== undefined && isInstance(error, Class)),
  )
  const properties = new Map<string, unknown>()
  for (const key of Object.getOwnPropertyNames(error))
    properties.set(key, (error as unknown as Record<string, unknown>)[key])
  for (const key of ['name', 'message', 'stack'] as const) {
    // Properties that are not the error's own come from its class.
    if (properties.has(key) || (hasClass && key !== 'stack')) continue
    const value: unknown = error[key]
    if (typeof value === 'string') properties.set(key, value)
  }
  if (!hasClass && properties.get('name') === ERROR_KINDS[kind]) properties.delete('name')
  if (properties.get('message') === '' && !Object.hasOwn(error, 'message'))
    properties.delete('message')
  return { kind, properties }
}

/** Whether an error is an instance of a class, or of its counterpart in another context. */
function isInstance(error: Error, Class: NonNullable<ErrorClass>): boolean {
  if (error instanceof Class) return true
  if (foreignGlobalOf(error) === undefined) return false
  let at: object | null = error
  do at = ownPrototype(Object.getPrototypeOf(at) as object | null)
  while (at !== null && at !== Class.prototype)
  return at !== null
}

/** Returns the user's class of an error; undefined if it has none, or one that cannot be sent. */
export function errorClass(
  error: Error,
  encode: (Class: Function) => unknown,
): Function | undefined {
  const Class = classOf(error)
  if (Class === undefined) return undefined
  // Errors of this package are identified by their kind, as those of the language are.
  if (errorClasses.includes(Class as ErrorClass)) return undefined
  if (error instanceof DOMException) return undefined
  try {
    encode(Class)
    return Class
  } catch (reason) {
    if (reason instanceof errors.NotPortableError) return undefined
    throw reason
  }
}

/** Writes an error: its kind, then its own properties. */
export function writeError(encoder: ValueEncoder, error: Error, hasClass: boolean): void {
  const { kind, properties } = errorContent(error, hasClass)
  encoder.writer.kind(Kind.ERROR)
  encoder.writer.u8(kind)
  encoder.writer.uint(properties.size)
  for (const [key, value] of properties) {
    encoder.writer.string(key)
    encoder.writer.u8(Object.prototype.propertyIsEnumerable.call(error, key) ? 1 : 0)
    encoder.writeChild(key, value)
  }
  writeSymbolProperties(encoder, error)
}

/** Reads an error. */
export function readError(decoder: ValueDecoder, at: number): Error {
  const { reader } = decoder
  const error = decoder.register(at, makeError(reader.u8()))
  decoder.enter()
  for (let n = reader.count(3); n > 0; n--) {
    const key = reader.string()
    const enumerable = reader.u8() === 1
    defineOwn(error, key, decoder.readValue(), enumerable)
  }
  readSymbolProperties(decoder, error)
  decoder.leave()
  return error
}

function makeError(kind: number): Error {
  const Class = errorClasses[kind]
  if (Class === undefined)
    throw new errors.DecodeError(`This version has no error of kind ${ERROR_KINDS[kind] ?? kind}`)
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
