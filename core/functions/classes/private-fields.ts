/**
 * Private members of instances: reading them, and putting them on objects that are revived.
 *
 * Classes that were built from their text hand over functions for it (`private-text.ts`), so that
 * is as fast as any member. The private fields of all others are read through the inspector.
 */

import { isNative } from '../engine/intrinsics.js'
import { privateFields } from '../engine/object-queries.js'
import { analyze } from '../rewrite/function-analysis.js'

/** What a class's own code can do with its private members. */
interface Access {
  /** Whether the class extends nothing, so that it makes its objects itself. */
  readonly base: boolean
  has(object: object): boolean
  read(object: object): unknown[]
  write(object: object, values: readonly unknown[]): void
  /** Arguments that its constructor takes without doing anything, if it has one in its text. */
  readonly args: readonly unknown[] | undefined
}

/** A class in a chain of classes that gives private members to instances. */
export interface PrivateLevel {
  readonly Class: Function
  readonly fields: readonly string[]
  /** One of the names, for messages. */
  readonly brand: string
}

type Maker = (this: unknown, index: number, locals: readonly unknown[]) => Function
type Behind = readonly [Class: Function, index: number, object: unknown, locals: readonly unknown[]]

const makers = new WeakMap<Function, Readonly<Record<string, Maker>>>()
const standIns = new WeakMap<Function, () => Behind>()

/** The class's arrow that a function stands for, if it stands for one. */
export function wrappedArrow(fn: Function): Behind | undefined {
  return standIns.get(fn)?.()
}

const accesses = new WeakMap<Function, Access>()

/** What the text of classes calls `$skeinStamp`. */
export const revivalState = {
  on: false,
  add(Class: Function, access: Access): void {
    accesses.set(Class, access)
  },
  /** Notes what makes the arrows of a class's instances, or of the class itself. */
  makes(Class: Function, isStatic: boolean, maker: Maker): void {
    const known = makers.get(Class) ?? {}
    makers.set(Class, { ...known, [String(isStatic)]: maker })
  },
  /** Makes an arrow of a class anew, for an object. */
  make(
    Class: Function,
    isStatic: boolean,
    index: number,
    object: unknown,
    locals: readonly unknown[],
  ): Function {
    return makers.get(Class)![String(isStatic)]!.call(object, index, locals)
  },
  /** Notes that a function stands for an arrow. */
  standsFor(fn: Function, behind: () => Behind): Function {
    standIns.set(fn, behind)
    return fn
  },
  /** The arguments for the next constructor up the chain. */
  next(): readonly unknown[] {
    return upward[++reached] ?? noArgs
  },
}

const noArgs: readonly unknown[] = []
/** The arguments of the constructors of a chain, from the lowest one that has one in its text. */
let upward: readonly (readonly unknown[])[] = []
let reached = 0

const none: readonly PrivateLevel[] = []
const known = new WeakMap<Function, readonly PrivateLevel[]>()

/** Whether objects are made by the language or by Node as that type, private members and all. */
function isBuiltIn(Class: Function): boolean {
  return isNative(Class) || Class === URL || Class === URLSearchParams
}

/** The classes from the topmost one down to this one that createInjected private members to instances. */
export function privateLevels(Class: Function): readonly PrivateLevel[] {
  const found = known.get(Class)
  if (found !== undefined) return found
  const parent: unknown = Object.getPrototypeOf(Class)
  let levels = typeof parent !== 'function' || isBuiltIn(parent) ? none : privateLevels(parent)
  const text = Function.prototype.toString.call(Class)
  if (/^class\b[\s\S]*#/.test(text)) {
    const privates = analyze(text)?.privates
    if (privates !== undefined) levels = [...levels, { Class, ...privates }]
  }
  known.set(Class, levels)
  return levels
}

/**
 * The values of the private fields of an object, per level; undefined for a level whose members it
 * does not have, as it was not constructed.
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
  // Fields of one name come in the order of the levels, as they were given to the object.
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

let given: object
/** What a class extends for the moment in which it puts its members on an object. */
function Giver(): object {
  return given
}

/**
 * An object with the private members of these classes, topmost first, and no values in their fields.
 * It is `base` if one is given, else an object made for it; the class is the one it is an instance of.
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
      else putOn((object ??= Object.create(Class.prototype as object) as object), level)
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
  upward = chain
  reached = 0
  return Reflect.construct(levels.at(-1)!, chain[0] ?? noArgs, Class) as object
}

/** Puts the private members of a class that extends another one on an object. */
function putOn(object: object, level: Function): void {
  const parent = Object.getPrototypeOf(level) as object
  upward = []
  given = object
  Object.setPrototypeOf(level, Giver)
  try {
    Reflect.construct(level, accessOf(level).args ?? noArgs)
  } finally {
    Object.setPrototypeOf(level, parent)
  }
}

function accessOf(level: Function): Access {
  const access = accesses.get(level)
  if (access === undefined) throw new TypeError(`Class '${level.name}' was not built from its text`)
  return access
}

/** Gives the private fields of one class their values. */
export function writePrivateFields(
  object: object,
  level: Function,
  values: readonly unknown[],
): void {
  accesses.get(level)!.write(object, values)
}

/** Whether a class was built from its text, so that objects can be given its private members. */
export function hasPrivateAccess(Class: Function): boolean {
  return accesses.has(Class)
}
