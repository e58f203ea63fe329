/**
 * Copies objects with only the members that a function uses: of an object of which it reads some
 * members by name, only these are sent.
 *
 * Only plain objects and modules are pruned. Objects that the function changes stay whole, as all users
 * of the object must see the change. An object is also left whole if a used member is a getter.
 */
import { types } from 'node:util'
import { describeModuleValue, isViteName } from '../modules/references.js'
import type { Use } from '../source/scope.js'

/** The used members, and the used members of those; an empty tree means the whole value. */
interface MemberTree extends Map<string, MemberTree> {}

let isWhole: (object: object) => boolean = () => false

/** Sets the test for objects that are never pruned, as they have a registered type. */
export function keepWhole(test: (object: object) => boolean): void {
  isWhole = test
}

/**
 * Returns the value of a captured name without the members that the function does not use. `required`
 * means that the value is the result of `require`, whose functions can be called without their `this`.
 */
export function pruneValue(
  name: string,
  value: unknown,
  uses: readonly Use[],
  required: boolean,
): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (describeModuleValue(value) !== undefined) return value
  const asModule = isViteName(name) || isModuleLike(value) || required
  if (!asModule && types.isProxy(value)) return value
  if (uses.some((use) => use.assigned || use.mutated)) return asModule ? flatten(value) : value
  const tree: MemberTree = new Map()
  for (const use of uses) {
    if (use.probed) continue
    const isFree = !use.called || (asModule && use.path.length === 1)
    const path = isFree || !needsObject(value, use.path) ? use.path : use.path.slice(0, -1)
    if (path.length === 0) return asModule ? flatten(value) : value
    addPath(tree, path)
  }
  for (const { probed, path } of uses) if (probed) addProbedPath(tree, path)
  return asModule ? pickModule(value, tree) : pickMembers(value, tree)
}

/** Whether a method that is called needs its object as `this`; arrows and missing members do not. */
function needsObject(value: object, path: readonly string[]): boolean {
  let member: unknown = value
  for (const name of path) {
    if (typeof member !== 'object' || member === null || types.isProxy(member)) return true
    const descriptor = Object.getOwnPropertyDescriptor(member, name)
    if (descriptor === undefined ? name in member : !('value' in descriptor)) return true
    member = descriptor?.value
    if (member === undefined || member === null) return false
  }
  if (typeof member !== 'function' || types.isProxy(member)) return true
  return usesThis.test(Function.prototype.toString.call(member))
}

/** Native code may use `this` as well. */
const usesThis = /\b(?:this|super|eval)\b|\[native code\] \}$/

/** Adds a path whose existence alone is tested: as a whole value if nothing else uses it. */
function addProbedPath(tree: MemberTree, path: readonly string[]): void {
  let at: MemberTree | undefined = tree
  for (const name of path) {
    if (at !== tree && at.size === 0) return
    const next: MemberTree | undefined = at.get(name)
    if (next === undefined) {
      addPath(tree, path)
      return
    }
    at = next
  }
}

/** Adds a path; a path that is used as a whole includes the paths below it. */
function addPath(tree: MemberTree, path: readonly string[]): void {
  let at = tree
  for (const [i, name] of path.entries()) {
    const known = at.get(name)
    if (known !== undefined && known.size === 0) return
    if (i === path.length - 1) at.set(name, new Map())
    else {
      const next: MemberTree = known ?? new Map()
      at.set(name, next)
      at = next
    }
  }
}

/** Whether an object is a module, or a compiler's form of one. */
export function isModuleLike(value: object): boolean {
  if (types.isModuleNamespaceObject(value)) return true
  if (types.isProxy(value)) return false
  return (
    Object.hasOwn(value, '__esModule') ||
    Object.prototype.toString.call(value) === '[object Module]'
  )
}

/**
 * Returns a plain object with the used members; the object itself if it is not plain or has getters
 * there.
 */
function pickMembers(value: unknown, tree: MemberTree): unknown {
  if (tree.size === 0 || typeof value !== 'object' || value === null) return value
  if (types.isProxy(value)) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  if (describeModuleValue(value) !== undefined || isWhole(value)) return value
  const picked = Object.create(prototype as object | null) as object
  for (const [name, below] of tree) {
    const descriptor = Object.getOwnPropertyDescriptor(value, name)
    if (descriptor === undefined) continue
    if (!('value' in descriptor)) return value
    define(picked, name, pickMembers(descriptor.value, below))
  }
  return picked
}

/** Returns a module's used exports, as a plain object. */
function pickModule(module: object, tree: MemberTree): unknown {
  const picked = {}
  for (const [name, below] of tree)
    if (name in module)
      define(picked, name, pickMembers((module as Record<string, unknown>)[name], below))
  return picked
}

const flattened = new WeakMap<object, object>()

/** Returns all exports of a user's module, as a plain object. */
function flatten(module: object): object {
  let object = flattened.get(module)
  if (object === undefined) {
    object = {}
    flattened.set(module, object)
    for (const name of Object.keys(module))
      define(object, name, (module as Record<string, unknown>)[name])
    // Compilers make it non-enumerable.
    if (Object.hasOwn(module, '__esModule') && !Object.hasOwn(object, '__esModule'))
      Object.defineProperty(object, '__esModule', { value: true })
  }
  return object
}

function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}
