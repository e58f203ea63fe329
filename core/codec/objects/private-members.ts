/**
 * Objects whose classes give them private members.
 *
 * After the class follow the classes of its chain that have private members, topmost first, each
 * with a flag whether the object has them; then the object like any other instance; then the values
 * of its private fields. The object is created before its values are read, so it may contain
 * itself.
 */
import { DecodeError } from '../../base/errors.js'
import {
  hasPrivateAccess,
  type PrivateLevel,
  readPrivateFields,
  revivePrivateMembers,
  writePrivateFields,
} from '../../functions/classes/private-fields.js'
import type { ValueDecoder, ValueEncoder } from '../interfaces.js'
import { readAllProperties, setOwn } from './properties.js'
import { privateMembersReason } from './refusals.js'

type Values = readonly (readonly unknown[] | undefined)[]

/**
 * Writes which classes give private members to an object. Returns the values to write at the end.
 */
export function writePrivateLevels(
  encoder: ValueEncoder,
  object: object,
  levels: readonly PrivateLevel[],
): Values {
  const values = readPrivateFields(object, levels)
  encoder.writer.uint(levels.length)
  for (const [i, { Class, brand }] of levels.entries()) {
    if (/^module-|:/.test(encoder.functions.tokenByName(Class) ?? ''))
      throw encoder.objectError(privateMembersReason(brand))
    encoder.setKey('constructor')
    encoder.writeFunction(Class)
    encoder.writer.uint(values[i]?.length ?? 0)
    encoder.writer.u8(values[i] === undefined ? 0 : 1)
  }
  return values
}

/** Writes the values of private fields, class by class. */
export function writePrivateValues(
  encoder: ValueEncoder,
  levels: readonly PrivateLevel[],
  values: Values,
): void {
  for (const [i, { fields }] of levels.entries())
    for (const [k, name] of fields.entries())
      if (values[i] !== undefined) encoder.writeChild(name, values[i][k])
}

interface ReadLevel {
  readonly Class: Function
  readonly fields: number
}

function readPrivateLevels(decoder: ValueDecoder): ReadLevel[] {
  const levels: ReadLevel[] = []
  for (let n = decoder.reader.count(3); n > 0; n--) {
    const Class = decoder.readValue()
    if (typeof Class !== 'function' || !hasPrivateAccess(Class))
      throw new DecodeError('A class with private members is expected')
    const fields = decoder.reader.uint()
    if (decoder.reader.u8() === 1) levels.push({ Class, fields })
  }
  return levels
}

/** Reads an instance with private members. */
export function readPrivateInstance(decoder: ValueDecoder, at: number): object {
  let levels: ReadLevel[] = []
  const object = decoder.build(at, () => {
    const Class = readClass(decoder)
    levels = readPrivateLevels(decoder)
    const stamped = revivePrivateMembers(
      Class,
      levels.map((level) => level.Class),
      undefined,
    )
    decoder.functions.inheritFromOriginal?.(stamped, Class)
    return stamped
  })
  readContent(decoder, object, levels)
  return object
}

/** Reads a built-in value whose subclass has private members. */
export function readPrivateSubclass(decoder: ValueDecoder): object {
  const Class = readClass(decoder)
  const levels = readPrivateLevels(decoder)
  const base = decoder.readValue()
  if (typeof base !== 'object' || base === null) throw new DecodeError('A built-in is expected')
  const before = new Set(Reflect.ownKeys(base))
  Object.setPrototypeOf(base, Class.prototype as object)
  revivePrivateMembers(
    Class,
    levels.map((level) => level.Class),
    base,
  )
  decoder.functions.inheritFromOriginal?.(base, Class)
  readContent(decoder, base, levels, before)
  return base
}

/**
 * Reads properties, deleting fields that the classes declare and the object lacks; then private
 * fields.
 */
function readContent(
  decoder: ValueDecoder,
  object: object,
  levels: readonly ReadLevel[],
  retained?: ReadonlySet<PropertyKey>,
): void {
  const declared = Reflect.ownKeys(object).filter((key) => retained?.has(key) !== true)
  if (declared.length === 0) readAllProperties(decoder, object)
  else {
    const own = readAllProperties(decoder, {}) as Record<PropertyKey, unknown>
    for (const key of declared) if (!Object.hasOwn(own, key)) Reflect.deleteProperty(object, key)
    for (const key of Reflect.ownKeys(own)) setOwn(object, key, own[key])
  }
  for (const { Class, fields } of levels) {
    const values: unknown[] = []
    for (let i = 0; i < fields; i++) values.push(decoder.readValue())
    writePrivateFields(object, Class, values)
  }
}

function readClass(decoder: ValueDecoder): Function {
  const Class = decoder.readValue()
  if (
    typeof Class === 'function' &&
    typeof Class.prototype === 'object' &&
    Class.prototype !== null
  )
    return Class
  throw new DecodeError('A class is expected')
}
