/**
 * Finds the home object of methods in object literals, `{ __proto__: base, m() { return super.m() } }`:
 * `super` reads from its prototype.
 *
 * The engine does not show the home object. So it is looked for among the objects that have the method:
 * first among those that the method and the function that is sent can reach, then among all objects of
 * the thread. If objects with different prototypes have the method, those count whose prototype has the
 * members that the method reads from `super`.
 */
import { types } from 'node:util'
import {
  type FunctionInternals,
  readFunctionInternals,
  variableIn,
} from '../engine/function-internals.js'
import { objectsHolding } from '../engine/object-queries.js'
import { describeReference } from '../modules/references.js'
import type { Use } from '../source/scope.js'

/** The home objects of functions that were built from source code, or found before. */
const homes = new WeakMap<Function, object>()

/** Records the home object of a function. */
export function recordHomeObject(fn: Function, home: object): void {
  homes.set(fn, home)
}

/** Larger collections are not searched. */
const MOST_OBJECTS = 5000
const MOST_FUNCTIONS = 50

/**
 * Returns the home object of a method; undefined if it cannot be found. `uses` are the uses of `super`
 * in the method, `root` is the function or value that the session sends.
 */
export function findHomeObject(
  fn: Function,
  uses: readonly Use[],
  internals: FunctionInternals,
  root: object | undefined,
): object | undefined {
  const known = homes.get(fn)
  if (known !== undefined) return known
  const reachable = holdersAround(fn, internals, root)
  let found = withOnePrototype(reachable.filter((holder) => hasMembers(holder, uses)))
  if (found === undefined) {
    const all = objectsHolding(fn)
    found =
      withOnePrototype(all.filter((holder) => hasMembers(holder, uses))) ??
      withOnePrototype([...reachable, ...all])
  }
  if (found !== undefined) homes.set(fn, found)
  return found
}

/** Whether the prototype of an object has all members that a method reads from `super`. */
function hasMembers(holder: object, uses: readonly Use[]): boolean {
  const prototype = Object.getPrototypeOf(holder) as object | null
  if (prototype === null || types.isProxy(prototype)) return false
  return uses.every(({ path: [key], mutated }) => mutated || key === undefined || key in prototype)
}

/** Returns one of these objects, if all have the same prototype. */
function withOnePrototype(holders: readonly object[]): object | undefined {
  const prototypes = new Set(holders.map((holder) => Object.getPrototypeOf(holder) as unknown))
  return prototypes.size === 1 ? holders[0] : undefined
}

function holdersAround(
  fn: Function,
  internals: FunctionInternals,
  root: object | undefined,
): object[] {
  const search = new HolderSearch(fn)
  search.addScopes(internals)
  if (root !== undefined && root !== fn) search.add(root)
  search.run()
  return search.holders
}

class HolderSearch {
  readonly holders: object[] = []
  private readonly fn: Function
  private readonly seen = new Set<object>()
  private functions = 0

  constructor(fn: Function) {
    this.fn = fn
    this.seen.add(fn)
  }

  /** Visits all registered values, including those that are added meanwhile. */
  run(): void {
    for (const object of this.seen) {
      if (typeof object === 'function') this.visitFunction(object)
      else this.visitObject(object)
    }
  }

  add(value: unknown): void {
    if (this.seen.size >= MOST_OBJECTS || value === null) return
    if (typeof value !== 'object' && typeof value !== 'function') return
    if (!types.isProxy(value) && !ArrayBuffer.isView(value)) this.seen.add(value)
  }

  addScopes({ scopes }: FunctionInternals): void {
    for (const scope of scopes)
      for (const name of Object.keys(scope.variables)) this.add(variableIn(scope, name))
  }

  private visitFunction(fn: Function): void {
    if (fn === this.fn || ++this.functions > MOST_FUNCTIONS) return
    if (describeReference(fn) !== undefined) return
    const internals = readFunctionInternals(fn)
    this.addScopes(internals)
    if (internals.bound !== undefined)
      for (const value of [internals.bound.target, internals.bound.boundThis]) this.add(value)
    this.visitMembers(fn)
  }

  private visitObject(object: object): void {
    if (describeReference(object) !== undefined) return
    if (Array.isArray(object) && object.length > MOST_OBJECTS) return
    if (types.isMap(object))
      for (const [key, value] of Map.prototype.entries.call(object)) {
        this.add(key)
        this.add(value)
      }
    this.visitMembers(object)
    this.add(Object.getPrototypeOf(object))
  }

  private visitMembers(object: object): void {
    let holding = false
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set } = Object.getOwnPropertyDescriptor(object, key)!
      holding ||= value === this.fn || get === this.fn || set === this.fn
      this.add(value)
    }
    if (holding) this.holders.push(object)
  }
}
