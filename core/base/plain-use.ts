/**
 * Errors for lazy values that are used as if they were computed: `x + 1`, `${x}`, `x.length`, `x[0]`, `[...x]`,
 * `JSON.stringify(x)`. Without them, JavaScript gives NaN, undefined or `{}` and goes on.
 *
 * `if (x)` and `!x` cannot be caught: the language calls nothing to convert an object to a boolean.
 */

import { isReadByUser } from './call-site.js'

/** What to write instead, for each way of using a lazy value as a plain one. */
export interface PlainUseAdvice {
  /** The kind of the lazy value, such as `lazy array`. */
  readonly kind: string
  /** The expression that computes it, such as `await x.compute()`. */
  readonly compute: string
  /** What the value is instead of a plain one. By default `not computed yet`. */
  readonly state?: string
  /** What gives the number of elements without computing them all, if anything does. */
  readonly length?: string
  /** What selects an element, if anything does. */
  readonly element?: string
  /** The loop to write for going through the elements, if there is one. */
  readonly iteration?: string
}

/** Gives the advice of a lazy value. */
export const plainUseAdvice = Symbol('plainUseAdvice')

interface LazyObject {
  readonly [plainUseAdvice]: PlainUseAdvice
  toString(): string
}

/** The indices whose use is refused. Others would take a Proxy around every lazy value. */
const refusedIndices = ['-1', ...Array.from({ length: 10 }, (_, i) => String(i))]

/**
 * Defines members on a prototype that throw a TypeError with advice: `Symbol.toPrimitive`, `toJSON`,
 * `length`, the first indices, and iteration. `ownProperty` is a property that every instance has itself.
 */
export function refusePlainUse(prototype: object, ownProperty: string): void {
  const method = (key: string | symbol, value: (this: LazyObject, ...args: unknown[]) => unknown) =>
    Object.defineProperty(prototype, key, { value, configurable: true, writable: true })
  method(Symbol.toPrimitive, function (hint) {
    throw plainUseError(this, `cannot be used as a ${hint === 'string' ? 'string' : 'number'}`)
  })
  method('toJSON', function (...args) {
    // JSON.stringify passes a key; programs that print objects, such as test runners, do not.
    if (args.length === 0) return this.toString()
    throw plainUseError(this, 'cannot be written as JSON')
  })
  refuseIteration(prototype)
  refuseAccess(prototype, ownProperty, 'length', 'has no length', 'length')
  for (const index of refusedIndices) {
    refuseAccess(prototype, ownProperty, index, `has no element [${index}]`, 'element')
  }
}

/**
 * Makes `[...x]`, `for (const item of x)`, `const [a] = x` and `new Set(x)` throw. Only code of the user finds an
 * iterator: packages such as test runners look for one and compare the values without it.
 */
function refuseIteration(prototype: object): void {
  const iterate = function (this: LazyObject): never {
    throw plainUseError(this, 'is not iterable', this[plainUseAdvice].iteration)
  }
  const descriptor = {
    configurable: true,
    get: (): unknown => (isReadByUser(descriptor.get) ? iterate : undefined),
  }
  Object.defineProperty(prototype, Symbol.iterator, descriptor)
}

function refuseAccess(
  prototype: object,
  ownProperty: string,
  key: string,
  problem: string,
  instead: 'length' | 'element',
): void {
  Object.defineProperty(prototype, key, {
    configurable: true,
    get(this: LazyObject) {
      // Some tools read the members of prototypes, which are no lazy values.
      if (!Object.hasOwn(this, ownProperty)) return undefined
      throw plainUseError(this, problem, this[plainUseAdvice][instead])
    },
    set(this: LazyObject) {
      throw new TypeError(
        `a ${this[plainUseAdvice].kind} cannot be changed, so '${key}' cannot be assigned; operations return new ones`,
      )
    },
  })
}

function plainUseError(value: LazyObject, problem: string, instead?: string): TypeError {
  const { kind, compute, state = 'not computed yet' } = value[plainUseAdvice]
  const other = instead === undefined ? '' : `${instead}, or `
  return new TypeError(
    `a ${kind} ${problem}: ${value.toString()} is ${state}; write ${other}${compute}`,
  )
}

/** Whether a value is an object that can be iterated. Lazy values cannot. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  if (typeof value !== 'object' || value === null) return false
  return typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
}
