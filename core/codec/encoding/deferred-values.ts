/**
 * Values that are written after the value that contains them: deep nesting, and the captured values
 * of functions.
 */
import { types } from 'node:util'
import { DecodeError } from '../../base/errors.js'
import type { SourceDescription } from '../../functions/types.js'
import { writeMapEntries, writeSetItems } from '../built-ins/write-built-in.js'
import { Kind } from '../bytes/tags.js'
import { writeArray } from '../columns/write-arrays.js'
import type { ValueEncoder } from '../interfaces.js'
import { writeCaptures } from '../objects/function-source.js'
import { writePlainObject } from '../objects/plain-objects.js'
import { setOwn } from '../objects/properties.js'

/** An object whose content is written later. */
export interface Deferred {
  readonly object: object
  /** The description of a function; undefined for any other object. */
  readonly description: SourceDescription | undefined
  /** The nesting level of the object. */
  readonly level: number
  /** The function that captured the object, if functions are surveyed. */
  readonly capturedBy: object | undefined
  /** Whether the content belongs to a function. */
  readonly isInBundle: boolean
  readonly path: readonly string[]
}

/**
 * Returns the kind of a deferred Map or Set; undefined for other objects and for those with own
 * properties.
 */
export function deferredKind(object: object, prototype: object | null): number | undefined {
  const isMap = prototype === Map.prototype && types.isMap(object)
  const isSet = prototype === Set.prototype && types.isSet(object)
  if ((!isMap && !isSet) || Reflect.ownKeys(object).length > 0) return undefined
  return isMap ? Kind.DEFER_MAP : Kind.DEFER_SET
}

/** Writes the content of a deferred object. */
export function writeDeferred(encoder: ValueEncoder, { object, description }: Deferred): void {
  if (description !== undefined) writeCaptures(encoder, description)
  else if (Array.isArray(object)) writeArray(encoder, object)
  else if (types.isMap(object)) writeMapEntries(encoder, object)
  else if (types.isSet(object)) writeSetItems(encoder, object)
  else writePlainObject(encoder, object)
}

/** Gives an object that was promised what was read of it later. */
export function fillDeferred(target: object, content: object): void {
  if (Array.isArray(target) !== Array.isArray(content))
    throw new DecodeError('Deferred content is of another kind than the object it belongs to')
  if (Array.isArray(target)) target.length = (content as unknown[]).length
  for (const key of Reflect.ownKeys(content))
    if (key !== 'length' || !Array.isArray(target))
      copyProperty(target, key, Object.getOwnPropertyDescriptor(content, key)!)
}

function copyProperty(target: object, key: PropertyKey, property: PropertyDescriptor): void {
  if (property.enumerable && property.writable && property.configurable)
    setOwn(target, key, property.value)
  else Object.defineProperty(target, key, property)
}
