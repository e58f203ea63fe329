/**
 * Types with their own encoding, registered by users or by this package.
 *
 * A type has one name everywhere. Its definition is sent with the values, as functions are, so
 * threads and workers get it when they need it. A definition that is already registered under the
 * name takes precedence. Finding a type by its class is cheap (one lookup by prototype); a test
 * serves objects without a class of their own.
 */

import { types } from 'node:util'
import { checkArguments, checkOptions } from '../../base/argument-checks.js'
import { DecodeError, NotPortableError } from '../../base/errors.js'
import { keepWhole } from '../../functions/describe/used-members.js'
import type { RegisteredType, TypeParts } from '../interfaces.js'

/**
 * The encoding of a registered type: `encode` returns a value that can be sent, `decode` restores
 * the object from it.
 */
export interface TypeDefinition<T, P> {
  /** The class whose direct instances have this type. */
  readonly class?: abstract new (
    ...args: never[]
  ) => T
  /** Whether an object has this type, if no class determines it. Plain objects and arrays are tested too. */
  readonly test?: (value: object) => boolean
  /**
   * The module of this package that registers the type. It is loaded wherever such a value is
   * decoded.
   */
  readonly module?: string
  /** False if no object of a type of the language, with nothing added to it, can have this type. */
  readonly builtIns?: boolean
  /** Returns a value that can be sent, from which `decode` makes the object again. */
  readonly encode: (value: T) => P
  /** Makes the object of the value that `encode` returned. */
  readonly decode: (payload: P) => T
}

const definitionNames = ['class', 'test', 'encode', 'decode', 'module', 'builtIns']

const byName = new Map<string, RegisteredType>()
const byPrototype = new WeakMap<object, RegisteredType>()
const tested: { test: (value: object) => boolean; type: RegisteredType }[] = []
/** The types with a test that may claim objects of the language's own types. */
const builtInClaimants = new Set<RegisteredType>()

/**
 * Registers how objects of a type are encoded. Both functions are sent with the values, as they
 * were when the first value was sent.
 *
 * @throws {TypeError} if the name or the definition is incomplete.
 * @example
 * registerType('Point', {
 *   class: Point,
 *   encode: (point) => [point.x, point.y],
 *   decode: ([x, y]) => new Point(x, y),
 * })
 */
export function registerType<T extends object, P>(
  name: string,
  definition: TypeDefinition<T, P>,
): void {
  if (typeof name !== 'string' || name === '')
    throw new TypeError('registerType: the name of the type must be a string that is not empty')
  checkArguments('registerType', arguments, 2, 'registerType(name, definition)')
  checkOptions(definition, definitionNames, `registerType('${name}')`)
  if (typeof definition.encode !== 'function' || typeof definition.decode !== 'function')
    throw new TypeError(`registerType('${name}'): encode and decode must both be functions`)
  const { class: Class, test } = definition
  if (typeof Class !== 'function' && typeof test !== 'function')
    throw new TypeError(
      `registerType('${name}'): give the class, or a test that recognizes its values`,
    )
  if (byName.has(name)) unregister(name)
  const { module, encode, decode } = definition
  const type: RegisteredType = {
    name,
    module,
    encode,
    decode,
    definition: { name, class: Class, test, encode, decode },
  }
  byName.set(name, type)
  addLookup(type, Class, test)
  if (definition.builtIns === false) builtInClaimants.delete(type)
}

function addLookup(
  type: RegisteredType,
  Class: (abstract new (...args: never[]) => object) | undefined,
  test: ((value: object) => boolean) | undefined,
): void {
  if (Class !== undefined) byPrototype.set(Class.prototype as object, type)
  if (test === undefined) return
  tested.push({ test, type })
  builtInClaimants.add(type)
}

function unregister(name: string): void {
  const type = byName.get(name)
  const Class = type?.definition.class as { readonly prototype: object } | undefined
  if (Class !== undefined) byPrototype.delete(Class.prototype)
  if (type !== undefined) builtInClaimants.delete(type)
  const at = tested.findIndex((entry) => entry.type === type)
  if (at >= 0) tested.splice(at, 1)
}

/** Returns the registered type of an object, by its prototype or else by the tests. */
export function findRegisteredType(
  object: object,
  prototype: object | null,
): RegisteredType | undefined {
  const found = prototype === null ? undefined : byPrototype.get(prototype)
  if (found !== undefined || tested.length === 0 || types.isProxy(object)) return found
  for (const { test, type } of tested) if (passes(test, type, object)) return type
  return undefined
}

keepWhole((object) => {
  if (tested.length === 0) return false
  return findRegisteredType(object, Object.getPrototypeOf(object) as object | null) !== undefined
})

/** Whether a registered type may claim objects with this prototype and no own properties. */
export function mayClaim(prototype: object): boolean {
  return builtInClaimants.size > 0 || byPrototype.has(prototype)
}

/** Whether types have tests, so that any plain object or array may have one of them. */
export function areTested(): boolean {
  return builtInClaimants.size > 0
}

function passes(
  test: (value: object) => boolean,
  { name }: RegisteredType,
  object: object,
): boolean {
  try {
    return test(object) === true
  } catch (error) {
    throw notPortable([], `the test of type '${name}' threw ${describeError(error)}`, error)
  }
}

/**
 * Encodes an object of a registered type. Errors name the type and the path to the object; a
 * NotPortableError without a path gets one.
 */
export function encodePayload(
  { name, encode }: RegisteredType,
  object: object,
  path: () => readonly string[],
): unknown {
  let payload: unknown
  try {
    payload = encode(object as never)
  } catch (error) {
    if (error instanceof NotPortableError)
      throw error.path.length > 0 ? error : notPortable(path(), error.reason)
    throw notPortable(path(), `encode of type '${name}' threw ${describeError(error)}`, error)
  }
  if (types.isPromise(payload)) {
    payload.catch(() => {})
    throw notPortable(
      path(),
      `encode of type '${name}' returned a promise; it must return the value itself`,
    )
  }
  return payload
}

/** Restores an object of a registered type from its payload. */
export function decodePayload(
  { name, decode }: Pick<RegisteredType, 'name' | 'decode'>,
  payload: unknown,
) {
  let decoded: unknown
  try {
    decoded = decode(payload as never)
  } catch (cause) {
    throw new DecodeError(`decode of type '${name}' threw ${describeError(cause)}`, { cause })
  }
  if (types.isPromise(decoded)) {
    decoded.catch(() => {})
    throw new DecodeError(
      `decode of type '${name}' returned a promise; it must return the object itself`,
    )
  }
  if ((typeof decoded !== 'object' || decoded === null) && typeof decoded !== 'function')
    throw new DecodeError(
      `decode of type '${name}' returned ${String(decoded)}, which is not an object`,
    )
  return decoded
}

function notPortable(path: readonly string[], reason: string, cause?: unknown): NotPortableError {
  const error = new NotPortableError(path, reason)
  if (cause !== undefined)
    Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true })
  return error
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/** Adopts a type whose definition was sent with a value: its objects are recognized from now on. */
export function adoptReceivedType(parts: unknown): RegisteredType {
  const definition = parts as TypeParts
  const { name, class: Class, test, encode, decode } = definition ?? {}
  if (typeof name !== 'string' || typeof encode !== 'function' || typeof decode !== 'function')
    throw new DecodeError('The definition of a registered type is malformed')
  const type = { name, module: undefined, encode, decode, definition } as unknown as RegisteredType
  // Types registered in this thread take precedence.
  if (typeof Class === 'function' && byPrototype.has(Class.prototype as object)) return type
  addLookup(type, Class as never, byName.has(name) ? undefined : (test as never))
  return type
}

/** Returns the registered type of this name. */
export function registeredType(name: string): RegisteredType | undefined {
  return byName.get(name)
}
