/**
 * Reads the `this` that an arrow function captured. No scope shows it, so the debugger steps into a call of
 * the arrow, evaluates `this`, and ends the call before any code of the arrow runs. The arguments are chosen
 * such that its parameters compute nothing. Nothing is read while a debugger is attached to this process,
 * as that debugger would pause at every such call.
 */
import { type FunctionLocation, UNSET } from './function-internals.js'
import { isDebugged, isPausedIn, nextStep, stepThrough } from './stepping.js'

const known = new WeakMap<Function, { readonly value: unknown }>()

/** Returns the `this` that an arrow uses; UNSET if it cannot be read, or has no value yet. */
export function thisOfArrow(
  fn: Function,
  location: FunctionLocation | undefined,
  args: string,
): unknown {
  const found = known.get(fn)
  if (found !== undefined) return found.value
  if (location === undefined || isDebugged()) return UNSET
  const value = readThis(fn, location, args)
  if (value !== UNSET) known.set(fn, { value })
  return value
}

function readThis(fn: Function, location: FunctionLocation, args: string): unknown {
  let steps = 0
  const exchange: { value: unknown } = { value: UNSET }
  let callerScript: string | undefined
  stepThrough(fn, args, exchange, (frame, evaluate) => {
    callerScript ??= frame.location.scriptId
    if (isPausedIn(frame, location)) {
      evaluate((name) => `${name}.value=this`)
      return 'end'
    }
    return nextStep(frame, callerScript, ++steps)
  })
  return exchange.value
}
