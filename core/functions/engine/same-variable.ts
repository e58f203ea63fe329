/**
 * Finds out by experiment whether functions share a variable, where everything visible of their scopes is
 * equal: the variable is set to a unique value for a moment; the functions that see this value share it.
 *
 * The variable is reached through a function that uses it: one that can be called without effects, or else the
 * debugger steps into a call of it, and the call is ended before any code of the function runs.
 */
import { type FunctionLocation, readFunctionInternals, variableIn } from './function-internals.js'
import { isDebugged, isPausedIn, nextStep, stepThrough } from './stepping.js'
import { accessVariable } from './variable-access.js'

/** A function that may share a variable. */
export interface Sharer {
  readonly fn: Function
  readonly location: FunctionLocation | undefined
  /** The source code of arguments with which its parameters compute nothing. */
  readonly inertArguments: string
  /** The only variable from outside that it uses, if it can be called without effects. */
  readonly onlyVariable: string | undefined
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
  const called = sharersByCall(name, one, others)
  if (called !== undefined) return called[0] ?? null
  const left: Sharer[] = []
  for (const other of others) {
    const seen = sharersByCall(name, other, [one])
    if (seen === undefined) left.push(other)
    else if (seen.length > 0) return other
  }
  return left.length === 0 ? null : sharesSteppedInto(name, one, left)
}

/** Does the same by stepping into calls. */
function sharesSteppedInto(
  name: string,
  one: Sharer,
  others: readonly Sharer[],
): Sharer | null | undefined {
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

/** Returns the functions that see a change of a variable of `one`; undefined if `one` cannot be called for that. */
function sharersByCall(
  name: string,
  one: Sharer,
  others: readonly Sharer[],
): readonly Sharer[] | undefined {
  if (one.onlyVariable !== name) return undefined
  const access = accessVariable(name, one.fn)
  if (access === undefined) return undefined
  const [original, mark] = [access.read(), {}]
  access.assign(mark)
  try {
    return others.filter((other) => sees(other.fn, name, mark))
  } finally {
    access.assign(original)
  }
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
