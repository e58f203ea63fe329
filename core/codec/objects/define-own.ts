/** Setting own properties, whatever their names. */

/** Sets a property as an object literal with a computed key does: `__proto__` is a key like any other. */
export function setOwn(target: object, key: PropertyKey, value: unknown): void {
  if (key === '__proto__') defineOwn(target, key, value, true)
  else (target as Record<PropertyKey, unknown>)[key] = value
}

/** Defines an ordinary property, whatever the prototype says about its name. */
export function defineOwn(
  target: object,
  key: PropertyKey,
  value: unknown,
  enumerable: boolean,
): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true })
}
