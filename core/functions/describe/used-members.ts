/**
 * Copies objects with only the members that a function uses: of an object of which it reads some
 * members by name, only these are sent.
 *
 * Only plain objects, modules, and functions with many members are pruned. Objects that the function
 * changes stay whole, as all users of the object must see the change. Methods and getters that are used keep
 * the members that they use through `this`.
 */
import { types } from 'node:util'
import { ownPrototype } from '../engine/own-prototypes.js'
import { describeModuleValue, isViteName } from '../modules/references.js'
import { analyze } from '../rewrite/function-analysis.js'
import type { Use } from '../source/scope.js'
import { exportedBy, isLibraryFunction, isModuleLike } from './exported-members.js'

/** The used members, and the used members of those; an empty tree means the whole value. */
interface MemberTree extends Map<string, MemberTree> {}

let isWhole: (object: object) => boolean = () => false

/** Sets the test for objects that are never pruned, as they have a registered type. */
export function keepWhole(test: (object: object) => boolean): void {
  isWhole = test
}

/** Whether a value is the `exports` of a notebook: tslab keeps the variables of all cells in a Proxy. */
function isNotebook(name: string, value: object): boolean {
  return name === 'exports' && types.isProxy(value)
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
  if (isLibraryFunction(value)) return pruneFunction(value, uses)
  if (typeof value !== 'object' || value === null) return value
  if (describeModuleValue(value) !== undefined) return value
  const isImport = isViteName(name) || isModuleLike(value) || required
  const asModule = isImport || isNotebook(name, value)
  if (!asModule && types.isProxy(value)) return value
  if (uses.some((use) => use.assigned || use.mutated)) return asModule ? flatten(value) : value
  const tree = treeOf(value, uses, asModule)
  if (tree === undefined) return asModule ? flatten(value) : value
  return asModule ? pickModule(value, tree) : pickMembers(value, tree)
}

/** Returns a plain object with the used members of a function; the function itself if it is used. */
function pruneFunction(fn: Function, uses: readonly Use[]): unknown {
  if (uses.some((use) => use.assigned || use.mutated || use.probed)) return fn
  const tree = treeOf(fn, uses, false)
  return tree === undefined ? fn : pickMembers(fn, tree)
}

/** Returns the members that are used; undefined if the whole value is. */
function treeOf(value: object, uses: readonly Use[], asModule: boolean): MemberTree | undefined {
  const tree: MemberTree = new Map()
  for (const use of uses) {
    if (use.probed) continue
    const isFree = !use.called || (asModule && use.path.length === 1)
    if (!addUsed(tree, value, use.path, isFree)) return undefined
  }
  for (const { probed, path } of uses) if (probed) addProbedPath(tree, path)
  return tree
}

/** The limit on methods that are followed from one use. */
const MOST_METHODS = 50

/**
 * Adds a path, and what its getters and its method use through `this`. Returns false if the whole value is
 * used. The last member is called with its object unless `isFree`.
 */
function addUsed(
  tree: MemberTree,
  value: object,
  path: readonly string[],
  isFree: boolean,
): boolean {
  const pending: { path: readonly string[]; isFree: boolean }[] = [{ path, isFree }]
  const seen = new Set<string>()
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const key = JSON.stringify(next)
    if (seen.has(key)) continue
    seen.add(key)
    const methods = next.path.length === 0 ? undefined : methodsOn(value, next.path, next.isFree)
    if (methods === undefined || seen.size > MOST_METHODS) return addWhole(tree, next.path)
    for (const { object, uses } of methods)
      for (const use of uses) {
        const isWhole = use.path.length === 0 || use.assigned || use.mutated
        if (isWhole) pending.push({ path: object, isFree: true })
        else pending.push({ path: [...object, ...use.path], isFree: !use.called })
      }
    addPath(tree, next.path)
  }
  return true
}

/** Adds the object of a method as a whole. Returns false if that is the root. */
function addWhole(tree: MemberTree, path: readonly string[]): boolean {
  const object = path.slice(0, -1)
  if (object.length === 0) return false
  addPath(tree, object)
  return true
}

interface MethodUse {
  /** The path of the object that is the method's `this`. */
  readonly object: readonly string[]
  readonly uses: readonly Use[]
}

/**
 * Returns the getters on a path, and the method at its end, that use `this`; undefined if what they use
 * cannot be determined. Arrows and missing members use none.
 */
function methodsOn(
  root: object,
  path: readonly string[],
  isFree: boolean,
): readonly MethodUse[] | undefined {
  const found: MethodUse[] = []
  const add = (fn: unknown, length: number): boolean => {
    if (typeof fn !== 'function' || types.isProxy(fn)) return false
    const source = Function.prototype.toString.call(fn)
    if (!usesThis.test(source)) return true
    const uses = analyze(source)?.thisUses
    if (uses !== undefined) found.push({ object: path.slice(0, length), uses })
    return uses !== undefined
  }
  let member: unknown = root
  for (const [i, name] of path.entries()) {
    const isLast = i === path.length - 1
    if (!isLibraryFunction(member)) {
      // Members of functions and primitives are not pruned.
      if (typeof member !== 'object') return isFree ? found : undefined
      if (member === null || types.isProxy(member)) return isFree ? found : undefined
    }
    const descriptor = Object.getOwnPropertyDescriptor(member, name)
    if (descriptor === undefined) {
      if (isFree || !(name in (member as object))) return found
      return undefined
    }
    if ('value' in descriptor) member = descriptor.value
    else {
      const exported = exportedBy(member as object, descriptor)
      if (exported === undefined) {
        if (descriptor.set !== undefined && !add(descriptor.set, i)) return undefined
        if (descriptor.get === undefined || !add(descriptor.get, i)) return undefined
        // What the getter returns is not known.
        return isLast && isFree ? found : isLast ? undefined : found
      }
      member = exported.value
    }
    if (member === undefined || member === null) return found
  }
  return isFree || add(member, path.length - 1) ? found : undefined
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

/** Returns a plain object with the used members; the object itself if it is not plain. */
function pickMembers(value: unknown, tree: MemberTree): unknown {
  if (tree.size === 0 || value === null) return value
  if (isLibraryFunction(value)) return pickFunctionMembers(value, tree)
  if (typeof value !== 'object' || types.isProxy(value)) return value
  if (describeModuleValue(value) !== undefined || isWhole(value)) return value
  if (isModuleLike(value)) return pickModule(value, tree)
  const prototype = ownPrototype(Object.getPrototypeOf(value) as object | null)
  if (prototype !== Object.prototype && prototype !== null) return value
  const picked = Object.create(prototype) as object
  for (const [name, below] of tree) {
    const descriptor = Object.getOwnPropertyDescriptor(value, name)
    if (descriptor === undefined) continue
    if ('value' in descriptor) define(picked, name, pickMembers(descriptor.value, below))
    else {
      const exported = exportedBy(value, descriptor)
      if (exported === undefined) Object.defineProperty(picked, name, descriptor)
      else define(picked, name, pickMembers(exported.value, below))
    }
  }
  return picked
}

/** Returns a plain object with the used members of a function; the function itself if it lacks one. */
function pickFunctionMembers(fn: Function, tree: MemberTree): unknown {
  if (describeModuleValue(fn) !== undefined) return fn
  const picked = {}
  for (const [name, below] of tree) {
    const descriptor = Object.getOwnPropertyDescriptor(fn, name)
    if (descriptor?.enumerable !== true || !('value' in descriptor)) return fn
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
