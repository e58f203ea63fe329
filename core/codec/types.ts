/**
 * Types that say themselves how they travel.
 *
 * A type is registered in every thread and process that meets it, under one name. By class is the
 * cheap way (one look-up by constructor); by test is for what has no class of its own.
 */
import { types } from 'node:util'

/** How one type travels: `encode` gives a value that travels already, `decode` makes it whole again. */
export interface TypeDefinition<T, P> {
  /** The class whose direct instances these are. */
  readonly class?: abstract new (
    ...args: never[]
  ) => T
  /** Whether an object is of this type, if no class says so. */
  readonly test?: (value: object) => boolean
  /** The module of this package that registers it, which is then loaded wherever it is met. */
  readonly module?: string
  readonly encode: (value: T) => P
  readonly decode: (payload: P) => T
}

/** A registered type as the codec sees it. */
export interface RegisteredType {
  readonly name: string
  readonly module: string | undefined
  readonly encode: (value: never) => unknown
  readonly decode: (payload: never) => unknown
}

const byName = new Map<string, RegisteredType>()
const byPrototype = new Map<object, RegisteredType>()
const tested: { test: (value: object) => boolean; type: RegisteredType }[] = []

/**
 * Says how a type travels: `registerType('Point', { class: Point, encode: (p) => [p.x, p.y],
 * decode: ([x, y]) => new Point(x, y) })`. Do so in a module that the tasks import as well.
 */
export function registerType<T extends object, P>(
  name: string,
  definition: TypeDefinition<T, P>,
): void {
  if (typeof name !== 'string' || name === '')
    throw new TypeError('registerType: the name of the type must be a text that is not empty')
  if (typeof definition.encode !== 'function' || typeof definition.decode !== 'function')
    throw new TypeError(`registerType('${name}'): encode and decode must both be functions`)
  const { class: Class, test } = definition
  if (typeof Class !== 'function' && typeof test !== 'function')
    throw new TypeError(`registerType('${name}'): give the class, or a test that knows its values`)
  if (byName.has(name)) unregister(name)
  const { module, encode, decode } = definition
  const type: RegisteredType = { name, module, encode, decode }
  byName.set(name, type)
  if (Class !== undefined) byPrototype.set(Class.prototype as object, type)
  if (test !== undefined) tested.push({ test, type })
}

function unregister(name: string): void {
  const type = byName.get(name)
  for (const [prototype, other] of byPrototype) if (other === type) byPrototype.delete(prototype)
  const at = tested.findIndex((entry) => entry.type === type)
  if (at >= 0) tested.splice(at, 1)
}

/** The registered type of an object, by its prototype or else by the tests. */
export function findRegisteredType(
  object: object,
  prototype: object | null,
): RegisteredType | undefined {
  const found = prototype === null ? undefined : byPrototype.get(prototype)
  if (found !== undefined || tested.length === 0 || types.isProxy(object)) return found
  for (const { test, type } of tested) if (test(object)) return type
  return undefined
}

/** The registered type of this name. */
export function registeredType(name: string): RegisteredType | undefined {
  return byName.get(name)
}
