/**
 * Variables that several functions share and assign to, if these functions are sent together. An object
 * `{ v }` replaces the variable in all of them.
 *
 * Which functions share a variable is derived from their scopes. The engine shows copies of scopes, so two
 * scopes may be the same one if they belong to one file and all their variables are equal. The top-level
 * scope of a file exists once. Two functions from one location that are created once for each instance of
 * the variable have separate variables. The remaining cases are found out by experiment
 * (`same-variable.ts`), which takes a part of a millisecond each; beyond a limit per session, equal scopes count as one.
 */
import type { FunctionEntry } from '../engine/function-entry.js'
import {
  type FunctionInternals,
  type FunctionLocation,
  type ScopeVariables,
  variableIn,
} from '../engine/function-internals.js'
import { sharesVariable } from '../engine/same-variable.js'

/** The object that replaces a shared variable. */
interface SharedVariable {
  v: unknown
}

interface KnownVariable {
  readonly shared: SharedVariable
  readonly sharer: FunctionEntry
  readonly scope: ScopeVariables
  readonly depth: number
  /** The locations of the functions that share it. */
  readonly locations: FunctionLocation[]
}

/** Facts from the source code about a variable and a function that uses it. */
interface VariableFacts {
  /** The variable is declared outside all functions. */
  readonly isTop: boolean
  /** The function is created once for each instance of the variable. */
  readonly isCreatedOncePerVariable: boolean
  /** The source code of arguments with which the function's parameters compute nothing. */
  readonly inertArguments: string
}

/** The limit on experiments per session. */
const MOST_EXPERIMENTS = 300

/** The shared variables of the functions of one session. */
export class SharedVariables {
  private readonly byName = new Map<string, KnownVariable[]>()
  private experiments = 0

  /**
   * Returns the object for a variable. Undefined if it cannot be found out which variable it is, as when the
   * same code created both functions and they may have one each or share one.
   */
  find(
    name: string,
    value: unknown,
    fn: Function,
    internals: FunctionInternals,
    facts: VariableFacts,
  ): SharedVariable | undefined {
    const { location, scopes } = internals
    const at = scopes.findIndex((s) => Object.hasOwn(s.variables, name))
    const scope = scopes[at]!
    const depth = scopes.length - at
    const key = `${location?.scriptId}\n${name}`
    const list = this.byName.get(key) ?? []
    this.byName.set(key, list)
    let possible = list.filter((known) => known.depth === depth)
    const sharer = { fn, location, inertArguments: facts.inertArguments }
    if (!facts.isTop) {
      const isHere = ({ locations }: KnownVariable) =>
        location !== undefined && locations.some((l) => isSameLocation(l, location))
      possible = possible.filter((known) => hasEqualVariables(known.scope, scope))
      if (facts.isCreatedOncePerVariable) possible = possible.filter((known) => !isHere(known))
      const sharing = this.findSharer(name, sharer, possible)
      if (sharing !== undefined) possible = possible.filter((known) => known.sharer === sharing)
      else if (possible.some(isHere)) return undefined
    }
    if (possible.length > 1) return undefined
    const [known] = possible
    if (known === undefined) {
      const shared = { v: value }
      const locations = location === undefined ? [] : [location]
      list.push({ shared, sharer, scope, depth, locations })
      return shared
    }
    if (location !== undefined) known.locations.push(location)
    return known.shared
  }

  /** Returns the function that shares a variable with another one; null for none, undefined if unknown. */
  private findSharer(name: string, sharer: FunctionEntry, possible: readonly KnownVariable[]) {
    if (possible.length === 0) return undefined
    const unknown: FunctionEntry[] = []
    for (const known of possible) {
      const shares = foundBefore(name, sharer.fn, known.sharer.fn)
      if (shares === true) return known.sharer
      if (shares === undefined) unknown.push(known.sharer)
    }
    if (unknown.length === 0) return null
    if (++this.experiments > MOST_EXPERIMENTS) return undefined
    const found = sharesVariable(name, sharer, unknown)
    if (found !== undefined)
      for (const other of unknown) recordFound(name, sharer.fn, other.fn, other === found)
    return found
  }
}

/**
 * Whether two functions share the variables that they use by one name, as found by experiments. This never
 * changes, as a function's scopes are fixed when it is created.
 */
const found = new WeakMap<Function, WeakMap<Function, Map<string, boolean>>>()

function foundBefore(name: string, a: Function, b: Function): boolean | undefined {
  return found.get(a)?.get(b)?.get(name) ?? found.get(b)?.get(a)?.get(name)
}

function recordFound(name: string, a: Function, b: Function, shares: boolean): void {
  let ofA = found.get(a)
  if (ofA === undefined) found.set(a, (ofA = new WeakMap()))
  let names = ofA.get(b)
  if (names === undefined) ofA.set(b, (names = new Map()))
  names.set(name, shares)
}

function hasEqualVariables(a: ScopeVariables, b: ScopeVariables): boolean {
  const names = Object.keys(a.variables)
  if (names.length !== Object.keys(b.variables).length) return false
  return names.every(
    (name) =>
      Object.hasOwn(b.variables, name) && Object.is(variableIn(a, name), variableIn(b, name)),
  )
}

function isSameLocation(a: FunctionLocation, b: FunctionLocation): boolean {
  return a.line === b.line && a.column === b.column
}
