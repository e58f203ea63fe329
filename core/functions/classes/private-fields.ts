/**
 * Private members of instances: reading their values, and adding them to revived objects.
 *
 * Classes that were built from their source code register functions for this
 * (`private-member-code.ts`), which are as fast as other code. The private fields of all other classes
 * are read through the inspector.
 */

import { isNative } from '../engine/intrinsics.js'
import { privateFields } from '../engine/object-queries.js'
import { analyze } from '../rewrite/function-analysis.js'

/** The operations of a class on its own private members. */
interface Access {
  /** Whether the class extends nothing, so that it creates its objects itself. */
  readonly base: boolean
  has(object: object): boolean
  read(object: object): unknown[]
  write(object: object, values: readonly unknown[]): void
  /**
   * Arguments with which its constructor does nothing; undefined if it has no constructor in its source
   * code.
   */
  readonly args: readonly unknown[] | undefined
}

/** A class in a chain of base classes that gives private members to instances. */
export interface PrivateLevel {
  readonly Class: Function
  readonly fields: readonly string[]
  /** One of the names, for messages. */
  readonly brand: string
}

type ArrowFactory = (this: unknown, index: number, locals: readonly unknown[]) => Function
type WrappedArrow = readonly [
  Class: Function,
  index: number,
  object: unknown,
  locals: readonly unknown[],
]

const arrowFactories = new WeakMap<Function, Readonly<Record<string, ArrowFactory>>>()
const wrappedArrows = new WeakMap<Function, () => WrappedArrow>()

/** Returns the arrow of a class that a function wraps, if it is such a wrapper. */
export function wrappedArrow(fn: Function): WrappedArrow | undefined {
  return wrappedArrows.get(fn)?.()
}

const accesses = new WeakMap<Function, Access>()

/**
 * The object that the source code of classes calls `$skeinStamp`. The names of its members are part of
 * that code.
 */
export const revivalState = {
  on: false,
  add(Class: Function, access: Access): void {
    accesses.set(Class, access)
  },
  /** Registers the method that creates the arrows of a class's instances, or of the class itself. */
  makes(Class: Function, isStatic: boolean, factory: ArrowFactory): void {
    const known = arrowFactories.get(Class) ?? {}
    arrowFactories.set(Class, { ...known, [String(isStatic)]: factory })
  },
  /** Creates an arrow of a class for an object. */
  make(
    Class: Function,
    isStatic: boolean,
    index: number,
    object: unknown,
    locals: readonly unknown[],
  ): Function {
    return arrowFactories.get(Class)![String(isStatic)]!.call(object, index, locals)
  },
  /** Records that a function wraps an arrow. */
  standsFor(fn: Function, wrapped: () => WrappedArrow): Function {
    wrappedArrows.set(fn, wrapped)
    return fn
  },
  /** Returns the arguments for the next constructor up the chain. */
  next(): readonly unknown[] {
    return constructorArguments[++argumentIndex] ?? noArgs
  },
}

const noArgs: readonly unknown[] = []
/**
 * The arguments of the constructors in a chain of classes, from the lowest one that has one in its
 * source code.
 */
let constructorArguments: readonly (readonly unknown[])[] = []
let argumentIndex = 0

const noLevels: readonly PrivateLevel[] = []
const known = new WeakMap<Function, readonly PrivateLevel[]>()

/** Whether the language or Node creates the objects of a class, with their private members. */
function isBuiltIn(Class: Function): boolean {
  return isNative(Class) || Class === URL || Class === URLSearchParams
}

/** Returns the classes with private members in the chain of a class, topmost first. */
export function privateLevels(Class: Function): readonly PrivateLevel[] {
  const found = known.get(Class)
  if (found !== undefined) return found
  const parent: unknown = Object.getPrototypeOf(Class)
  let levels = typeof parent !== 'function' || isBuiltIn(parent) ? noLevels : privateLevels(parent)
  const source = Function.prototype.toString.call(Class)
  if (/^class\b[\s\S]*#/.test(source)) {
    const privates = analyze(source)?.privates
    if (privates !== undefined) levels = [...levels, { Class, ...privates }]
  }
  known.set(Class, levels)
  return levels
}

/**
 * Returns the values of the private fields of an object, per class; undefined for a class whose members
 * it does not have because it was not constructed.
 */
export function readPrivateFields(
  object: object,
  levels: readonly PrivateLevel[],
): (readonly unknown[] | undefined)[] {
  if (levels.every(({ Class }) => accesses.has(Class)))
    return levels.map(({ Class }) => {
      const access = accesses.get(Class)!
      return access.has(object) ? access.read(object) : undefined
    })
  const found = privateFields(object)
  // Fields of the same name come in the order of the classes, as they were added to the object.
  return levels.map(({ fields }) => {
    const values: unknown[] = []
    for (const name of fields) {
      const at = found.findIndex((field) => field.name === name)
      if (at < 0) return undefined
      values.push(found[at]!.value)
      found.splice(at, 1)
    }
    return values
  })
}

let revivedObject: object
/** The base of a class while it adds its private members to an object. */
function revivalBase(): object {
  return revivedObject
}

/**
 * Returns an object with the private members of these classes, topmost first, whose private fields are
 * empty. It is `base` if that is given, else a new instance of `Class`.
 */
export function revivePrivateMembers(
  Class: Function,
  levels: readonly Function[],
  base: object | undefined,
): object {
  revivalState.on = true
  try {
    if (base === undefined && isChain(levels)) return construct(levels, Class)
    let object = base
    for (const level of levels) {
      if (object === undefined && accessOf(level).base) object = construct([level], Class)
      else addPrivateMembers((object ??= Object.create(Class.prototype as object) as object), level)
    }
    return object ?? (Object.create(Class.prototype as object) as object)
  } finally {
    revivalState.on = false
  }
}

/** Whether each class extends the one before it, and the first one nothing. */
function isChain(levels: readonly Function[]): boolean {
  if (levels.length === 0 || !accessOf(levels[0]!).base) return false
  for (let i = 1; i < levels.length; i++)
    if (Object.getPrototypeOf(levels[i]) !== levels[i - 1]) return false
  return true
}

function construct(levels: readonly Function[], Class: Function): object {
  const chain: (readonly unknown[])[] = []
  for (let i = levels.length - 1; i >= 0; i--) {
    const { args } = accessOf(levels[i]!)
    if (args !== undefined) chain.push(args)
  }
  constructorArguments = chain
  argumentIndex = 0
  return Reflect.construct(levels.at(-1)!, chain[0] ?? noArgs, Class) as object
}

/** Adds the private members of a class that extends another one to an object. */
function addPrivateMembers(object: object, level: Function): void {
  const parent = Object.getPrototypeOf(level) as object
  constructorArguments = []
  revivedObject = object
  Object.setPrototypeOf(level, revivalBase)
  try {
    Reflect.construct(level, accessOf(level).args ?? noArgs)
  } finally {
    Object.setPrototypeOf(level, parent)
  }
}

function accessOf(level: Function): Access {
  const access = accesses.get(level)
  if (access === undefined)
    throw new TypeError(`Class '${level.name}' was not built from its source`)
  return access
}

/** Sets the values of the private fields of one class. */
export function writePrivateFields(
  object: object,
  level: Function,
  values: readonly unknown[],
): void {
  accesses.get(level)!.write(object, values)
}

/** Whether a class was built from its source code, so that its private members can be added to objects. */
export function hasPrivateAccess(Class: Function): boolean {
  return accesses.has(Class)
}
