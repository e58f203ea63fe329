/**
 * Finds the objects that a function, or a function that is sent with it, assigns to. Such an object is
 * sent as a whole, and all functions share one copy.
 *
 * The search runs only if a file shows that some function assigns to members of a variable's value. It
 * does not follow members that no function uses, as these are not sent.
 */
import { types } from 'node:util'
import { operationReference } from '../../base/operations.js'
import { expressionSource } from '../../expressions/expression.js'
import { thisOfArrow } from '../engine/arrow-this.js'
import { functionInternals, variableIn } from '../engine/function-internals.js'
import { describeReference, referenceInFile } from '../modules/references.js'
import { analyze } from '../rewrite/function-analysis.js'
import { fileBindings } from '../source/file-bindings.js'
import { isModuleLike } from './exported-members.js'
import { pruneValue } from './used-members.js'

// The iteration methods of the language, as a class of collections may override them.
const mapEach = Map.prototype.forEach
const setEach = Set.prototype.forEach

/** Limits of the search. */
const MOST_VALUES = 10_000
const MOST_FUNCTIONS = 4000

/**
 * Returns the objects to whose members `root`, or a function that is sent with it, assigns; undefined
 * if the limits are exceeded. The objects of a value that is not a function may all be changed by its receiver.
 */
export function changedObjects(root: object): ReadonlySet<object> | undefined {
  const search = new ChangeSearch()
  if (typeof root !== 'function') search.runWithoutFunctions(root)
  return search.run(root) ? search.changed : undefined
}

/** An assignment to a member of `this`. */
const assignsToThis =
  /(?:\+\+|--)\s*this\b|\bthis(?:\.#?[\w$]+|\[[^\]]*\])+\s*(?:\+\+|--|(?:[-+*/%&|^?]{1,2}|<<|>>>?)?=(?![=>]))/

/** Whether the value at a path is a method, or an accessor, that assigns to members of its object. */
function changesItsObject(root: unknown, path: readonly string[]): boolean {
  let object = root
  for (const [i, name] of path.entries()) {
    if (typeof object !== 'object' || object === null || types.isProxy(object)) return false
    // Exports of a module are called without it as `this`.
    if (isModuleLike(object)) return false
    const descriptor = Object.getOwnPropertyDescriptor(object, name)
    if (descriptor === undefined) return false
    const { get, set, value } = descriptor
    if (i === path.length - 1) return [get, set, value].some(assignsToOwnObject)
    object = value
  }
  return false
}

function assignsToOwnObject(fn: unknown): boolean {
  if (typeof fn !== 'function' || types.isProxy(fn)) return false
  const source = Function.prototype.toString.call(fn)
  return !/^class\b/.test(source) && assignsToThis.test(source)
}

function mayAssign(fn: Function): boolean {
  return /native code|\+\+|--|[^=!<>]=(?![=>])/.test(Function.prototype.toString.call(fn))
}

class ChangeSearch {
  readonly changed = new Set<object>()
  private readonly seen = new Set<object>()
  private readonly pending: object[] = []
  private values = 0
  private functions = 0

  /** Marks all objects of a value that can be reached without functions as changed. */
  runWithoutFunctions(root: object): void {
    this.add(root)
    const functions: object[] = []
    for (let next = this.pending.pop(); next !== undefined; next = this.pending.pop()) {
      if (typeof next === 'function') functions.push(next)
      else {
        this.changed.add(next)
        this.visitObject(next)
      }
      if (this.values > MOST_VALUES) return
    }
    this.pending.push(...functions)
  }

  run(root: object): boolean {
    this.add(root)
    for (let next = this.pending.pop(); next !== undefined; next = this.pending.pop()) {
      if (typeof next === 'function') this.visitFunction(next)
      else this.visitObject(next)
      if (this.values > MOST_VALUES || this.functions > MOST_FUNCTIONS) return false
    }
    return true
  }

  private add(value: unknown): void {
    if (this.values > MOST_VALUES || value === null) return
    if (typeof value !== 'object' && typeof value !== 'function') return
    if (types.isProxy(value) || this.seen.has(value)) return
    this.seen.add(value)
    this.values++
    this.pending.push(value)
  }

  private addAll(values: readonly unknown[]): void {
    for (const value of values) this.add(value)
  }

  private visitObject(object: object): void {
    if (ArrayBuffer.isView(object) || describeReference(object) !== undefined) return
    if (types.isMap(object)) mapEach.call(object, (value, key) => this.addAll([key, value]))
    else if (types.isSet(object)) setEach.call(object, (item) => this.add(item))
    if (Array.isArray(object) && object.length > MOST_VALUES) this.values = Number.POSITIVE_INFINITY
    else this.addOwnProperties(object)
    this.add(Object.getPrototypeOf(object))
  }

  private addOwnProperties(object: object): void {
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set } = Object.getOwnPropertyDescriptor(object, key)!
      this.add(value)
      // Accessors of compiled modules only read, and would lead to the whole module.
      for (const half of [get, set]) if (half !== undefined && mayAssign(half)) this.add(half)
    }
  }

  private visitFunction(fn: Function): void {
    if (describeReference(fn) !== undefined || operationReference(fn) !== undefined) return
    if (expressionSource(fn) !== undefined) return
    const source = Function.prototype.toString.call(fn)
    const analysis = analyze(source)
    const isNative = source.endsWith('{ [native code] }')
    if (isNative || (analysis !== undefined && analysis.freeVariables.size > 0)) {
      this.functions++
      const { bound, location, scopes } = functionInternals(fn)
      const file = fileBindings(location)
      // Such as `require`, from whose scopes all modules of the process can be reached.
      if (file?.url.startsWith('node:') === true) return
      if (file !== undefined && referenceInFile(fn, file, scopes) !== undefined) return
      if (bound !== undefined) {
        this.addAll([bound.target, ...bound.boundArgs])
        // The `this` of a bound function is sent as a whole, and the function may change it.
        this.markChanged(bound.boundThis, [])
      }
      for (const [name, uses] of analysis?.freeVariables ?? []) {
        const scope = scopes.find((s) => Object.hasOwn(s.variables, name))
        if (scope === undefined && name !== 'this') continue
        const value =
          scope === undefined
            ? thisOfArrow(fn, location, analysis!.inertArguments)
            : variableIn(scope, name)
        for (const { mutated, path } of uses) {
          if (mutated) this.markChanged(value, path)
          else if (changesItsObject(value, path)) this.markChanged(value, path.slice(0, -1))
        }
        this.add(pruneValue(name, value, uses, false))
      }
    }
    this.addOwnProperties(fn)
    this.add(Object.getPrototypeOf(fn))
  }

  /** Marks an object as changed, and those on the path to it, which must be sent as a whole too. */
  private markChanged(root: unknown, path: readonly string[]): void {
    let value = root
    for (const name of [...path, '']) {
      if (typeof value !== 'object' || value === null || types.isProxy(value)) return
      this.changed.add(value)
      this.add(value)
      value = Object.getOwnPropertyDescriptor(value, name)?.value
    }
  }
}
