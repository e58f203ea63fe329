/**
 * The `this` of the function around an arrow, which no scope shows: the engine is asked for it at the
 * moment at which a call of the arrow begins.
 *
 * The debugger steps into a call, reads `this`, and ends the call before any of the arrow's code has
 * run. Its arguments are such that its parameters compute nothing. Nothing is read while somebody
 * debugs this process, whose debugger would stop at every such call.
 */
import { url } from 'node:inspector'
import { type FunctionLocation, type PausedFrame, stepping, UNSET } from './inspector.js'

const known = new WeakMap<Function, { readonly value: unknown }>()

/** More steps than it takes to get from the call into the function. */
const MOST_STEPS = 6

/** The `this` that an arrow uses; UNSET if it cannot be read, or has no value yet. */
export function thisOfArrow(
  fn: Function,
  location: FunctionLocation | undefined,
  parameters: string,
): unknown {
  const found = known.get(fn)
  if (found !== undefined) return found.value
  if (location === undefined || isDebugged()) return UNSET
  const value = read(fn, location, parameters)
  if (value !== UNSET) known.set(fn, { value })
  return value
}

/** Whether somebody has, or may have, a debugger attached. */
export function isDebugged(): boolean {
  return url() !== undefined
}

function read(fn: Function, location: FunctionLocation, parameters: string): unknown {
  let steps = 0
  let answer: unknown = UNSET
  let own: string | undefined
  stepping(fn, parameters, (frame, evaluate, take) => {
    own ??= frame.location.scriptId
    if (isAt(frame, location)) {
      const said = evaluate('this')
      if (said !== undefined) answer = take(said)
      return 'end'
    }
    return nextStep(frame, own, ++steps)
  })
  return answer
}

/**
 * How to get from the call of a function, which is in the script `own`, into the function. Where somebody
 * follows what is asynchronous, an async function calls that first.
 */
export function nextStep(frame: PausedFrame, own: string, steps: number): 'into' | 'out' | 'end' {
  if (steps >= MOST_STEPS) return 'end'
  return frame.location.scriptId === own ? 'into' : 'out'
}

/** Whether the debugger stopped in the function that stands at a place. */
export function isAt(
  { functionLocation }: PausedFrame,
  { scriptId, line, column }: FunctionLocation,
): boolean {
  return (
    functionLocation?.scriptId === scriptId &&
    functionLocation.lineNumber === line &&
    (functionLocation.columnNumber ?? 0) === column
  )
}
