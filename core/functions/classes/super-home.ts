/**
 * What `super` means in methods of objects that no class made: `{ __proto__: base, m() { return super.m() } }`.
 *
 * It is the prototype of the object that the method was written in, of which the engine tells nothing. So
 * that object is looked for among those that have the method: first where the method, and the function
 * that is sent, can see; then among all that there are. Where objects with other prototypes have it too,
 * those count whose prototype has what the method asks it for.
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

/** Homes of functions that were built of their text, or found before. */
const homes = new WeakMap<Function, object>()

/** Notes the object in which a function was written. */
export function recordHomeObject(fn: Function, home: object): void {
  homes.set(fn, home)
}

/** What is larger is not looked through. */
const MOST_OBJECTS = 5000
const MOST_FUNCTIONS = 50

/**
 * The object in whose prototype a method looks for what it says `super` of; `uses` are those of `super`
 * in its text, `root` is the function that it goes along with. Undefined if that cannot be told.
 */
export function findHomeObject(
  fn: Function,
  uses: readonly Use[],
  internals: FunctionInternals,
  root: Function | undefined,
): object | undefined {
  const known = homes.get(fn)
  if (known !== undefined) return known
  const near = holdersAround(fn, internals, root)
  let found = oneOf(near.filter((holder) => gives(holder, uses)))
  if (found === undefined) {
    const all = objectsHolding(fn)
    found = oneOf(all.filter((holder) => gives(holder, uses))) ?? oneOf([...near, ...all])
  }
  if (found !== undefined) homes.set(fn, found)
  return found
}

/** Whether the prototype of an object has all that a method asks `super` for. */
function gives(holder: object, uses: readonly Use[]): boolean {
  const prototype = Object.getPrototypeOf(holder) as object | null
  if (prototype === null || types.isProxy(prototype)) return false
  return uses.every(({ path: [key], mutated }) => mutated || key === undefined || key in prototype)
}

/** One of these objects, if all have the same prototype. */
function oneOf(holders: readonly object[]): object | undefined {
  const prototypes = new Set(holders.map((holder) => Object.getPrototypeOf(holder) as unknown))
  return prototypes.size === 1 ? holders[0] : undefined
}

function holdersAround(
  fn: Function,
  internals: FunctionInternals,
  root: Function | undefined,
): object[] {
  const search = new Search(fn)
  search.enterScopes(internals)
  if (root !== undefined && root !== fn) search.enter(root)
  search.run()
  return search.holders
}

class Search {
  readonly holders: object[] = []
  private readonly fn: Function
  private readonly seen = new Set<object>()
  private functions = 0

  constructor(fn: Function) {
    this.fn = fn
    this.seen.add(fn)
  }

  /** Goes through what was entered, which grows meanwhile. */
  run(): void {
    for (const object of this.seen) {
      if (typeof object === 'function') this.lookAtFunction(object)
      else this.lookAtObject(object)
    }
  }

  enter(value: unknown): void {
    if (this.seen.size >= MOST_OBJECTS || value === null) return
    if (typeof value !== 'object' && typeof value !== 'function') return
    if (!types.isProxy(value) && !ArrayBuffer.isView(value)) this.seen.add(value)
  }

  enterScopes({ scopes }: FunctionInternals): void {
    for (const scope of scopes)
      for (const name of Object.keys(scope.variables)) this.enter(variableIn(scope, name))
  }

  private lookAtFunction(fn: Function): void {
    if (fn === this.fn || ++this.functions > MOST_FUNCTIONS) return
    if (describeReference(fn) !== undefined) return
    const internals = readFunctionInternals(fn)
    this.enterScopes(internals)
    if (internals.bound !== undefined)
      for (const value of [internals.bound.target, internals.bound.boundThis]) this.enter(value)
    this.lookAtMembers(fn)
  }

  private lookAtObject(object: object): void {
    if (describeReference(object) !== undefined) return
    if (Array.isArray(object) && object.length > MOST_OBJECTS) return
    if (types.isMap(object))
      for (const [key, value] of Map.prototype.entries.call(object)) {
        this.enter(key)
        this.enter(value)
      }
    this.lookAtMembers(object)
    this.enter(Object.getPrototypeOf(object))
  }

  private lookAtMembers(object: object): void {
    let holding = false
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set } = Object.getOwnPropertyDescriptor(object, key)!
      holding ||= value === this.fn || get === this.fn || set === this.fn
      this.enter(value)
    }
    if (holding) this.holders.push(object)
  }
}
