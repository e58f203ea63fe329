/**
 * Finds out by experiment whether functions share a variable, where everything visible of their scopes is
 * equal: the debugger steps into a call of one function and sets the variable to a unique value; the
 * functions that see this value share it. The variable then gets its value back, and the call is ended
 * before any code of the function runs.
 */
import { type FunctionLocation, readFunctionInternals, variableIn } from './function-internals.js'
import { isDebugged, isPausedIn, nextStep, stepThrough } from './stepping.js'

/** A function that may share a variable. */
export interface Sharer {
  readonly fn: Function
  readonly location: FunctionLocation | undefined
  /** The source code of arguments with which its parameters compute nothing. */
  readonly inertArguments: string
}

/**
 * Returns the first of some functions that shares a variable with `one`; null for none, undefined if
 * this cannot be found out.
 */
export function sharesVariable(
  name: string,
  one: Sharer,
  others: readonly Sharer[],
): Sharer | null | undefined {
  if (isDebugged()) return undefined
  const seeing = findSharers(name, one, others)
  if (seeing !== undefined) return seeing[0] ?? null
  // A class cannot be called; then the experiment starts from the others.
  for (const other of others) {
    const seen = findSharers(name, other, [one])
    if (seen === undefined) return undefined
    if (seen.length > 0) return other
  }
  return null
}

/** Returns the functions that see a change of a variable of `one`; undefined if it cannot be changed. */
function findSharers(
  name: string,
  one: Sharer,
  others: readonly Sharer[],
): readonly Sharer[] | undefined {
  const { fn, location, inertArguments } = one
  if (location === undefined) return undefined
  const holder = { original: undefined as unknown, mark: {} }
  let sharers: readonly Sharer[] | undefined
  let steps = 0
  let callerScript: string | undefined
  stepThrough(fn, inertArguments, holder, (frame, evaluate) => {
    callerScript ??= frame.location.scriptId
    if (!isPausedIn(frame, location)) return nextStep(frame, callerScript, ++steps)
    if (!evaluate((access) => `${access}.original=${name};${name}=${access}.mark`)) return 'end'
    try {
      if (sees(fn, name, holder.mark))
        sharers = others.filter((other) => sees(other.fn, name, holder.mark))
    } finally {
      evaluate((access) => `${name}=${access}.original`)
    }
    return 'end'
  })
  return sharers
}

function sees(fn: Function, name: string, mark: object): boolean {
  const scope = readFunctionInternals(fn).scopes.find((s) => Object.hasOwn(s.variables, name))
  return scope !== undefined && variableIn(scope, name) === mark
}
