/**
 * SharedVariables: variables that several functions which travel together share and assign to.
 *
 * A cell is an object `{ v }` that stands for the variable in all of them. Which functions share a
 * variable is told by their scopes. These are seen as copies only, so two scopes may be one if they
 * belong to the same file and all their variables are the same; a file's top level there is only once.
 * Two functions that stand in one place, and are made once for each variable, have a variable each. What
 * remains is tried out (`same-variable.ts`), which takes some milliseconds, and so is not done for hundreds
 * of functions at one moment: after that, scopes count as one that look the same.
 */
import {
  type FunctionInternals,
  type FunctionLocation,
  type ScopeVariables,
  variableIn,
} from '../engine/function-internals.js'
import { type Sharer, sharesVariable } from '../engine/same-variable.js'

/** What holds a shared variable. */
export interface SharedVariable {
  v: unknown
}

interface Known {
  readonly cell: SharedVariable
  readonly sharer: Sharer
  readonly scope: ScopeVariables
  readonly depth: number
  /** Where the functions that share the cell were written. */
  readonly locations: FunctionLocation[]
}

/** What the file says of a variable and of the function that uses it. */
export interface Declared {
  /** The variable is declared outside all functions. */
  readonly isTop: boolean
  /** The function is made only once each time that the variable is. */
  readonly isCreatedOncePerVariable: boolean
  /** The text of arguments that the function's parameters take without computing anything. */
  readonly inertArguments: string
}

/** So often is it tried out at one moment who shares a variable. */
const MOST_TRIALS = 300

/** The sharedVariables of functions that are described at the same moment. */
export class SharedVariables {
  private readonly byName = new Map<string, Known[]>()
  private trials = 0

  /**
   * The cell of a variable. Undefined if it cannot be told which variable it is, as when the same code
   * made both functions and they may have one each or share one.
   */
  find(
    name: string,
    value: unknown,
    fn: Function,
    internals: FunctionInternals,
    about: Declared,
  ): SharedVariable | undefined {
    const { location, scopes } = internals
    const at = scopes.findIndex((s) => Object.hasOwn(s.variables, name))
    const scope = scopes[at]!
    const depth = scopes.length - at
    const key = `${location?.scriptId}\n${name}`
    const list = this.byName.get(key) ?? []
    this.byName.set(key, list)
    let possible = list.filter((known) => known.depth === depth)
    const sharer = { fn, location, inertArguments: about.inertArguments }
    if (!about.isTop) {
      const isHere = ({ locations }: Known) =>
        location !== undefined && locations.some((l) => samePlace(l, location))
      possible = possible.filter((known) => sameVariables(known.scope, scope))
      if (about.isCreatedOncePerVariable) possible = possible.filter((known) => !isHere(known))
      const sharing = this.tryOut(name, sharer, possible)
      if (sharing !== undefined) possible = possible.filter((known) => known.sharer === sharing)
      else if (possible.some(isHere)) return undefined
    }
    if (possible.length > 1) return undefined
    const [known] = possible
    if (known === undefined) {
      const cell = { v: value }
      list.push({ cell, sharer, scope, depth, locations: location === undefined ? [] : [location] })
      return cell
    }
    if (location !== undefined) known.locations.push(location)
    return known.cell
  }

  /** Who shares a variable with a function; null for nobody, undefined if that cannot be seen. */
  private tryOut(name: string, sharer: Sharer, possible: readonly Known[]) {
    if (possible.length === 0 || ++this.trials > MOST_TRIALS) return undefined
    return sharesVariable(
      name,
      sharer,
      possible.map((known) => known.sharer),
    )
  }
}

function sameVariables(a: ScopeVariables, b: ScopeVariables): boolean {
  const names = Object.keys(a.variables)
  if (names.length !== Object.keys(b.variables).length) return false
  return names.every(
    (name) =>
      Object.hasOwn(b.variables, name) && Object.is(variableIn(a, name), variableIn(b, name)),
  )
}

function samePlace(a: FunctionLocation, b: FunctionLocation): boolean {
  return a.line === b.line && a.column === b.column
}
