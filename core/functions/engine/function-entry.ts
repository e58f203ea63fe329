/**
 * Evaluates code in a call of a function, at its first statement, and ends the call there. So the variables
 * around a function and its `this` can be reached although no code of the function runs.
 *
 * The code is the condition of a breakpoint, which asks the engine to terminate the call and is never fulfilled. That
 * takes a fraction of a millisecond. A pause of the debugger takes milliseconds, and longer the more calls are on the stack,
 * so only functions whose parameters have code of their own are stepped into (`stepping.ts`).
 */
import { types } from 'node:util'
import { type FunctionLocation, functionInternals } from './function-internals.js'
import {
  connect,
  inspector,
  objectGroup,
  objectIdOf,
  post,
  releaseObjects,
} from './inspector-session.js'
import { mainGlobal } from './realms.js'
import { enableDebugger } from './scripts.js'
import { stepInto } from './stepping.js'

/** A function that can be called up to its first statement. */
export interface FunctionEntry {
  readonly fn: Function
  readonly location: FunctionLocation | undefined
  /** The source code of arguments with which its parameters compute nothing. */
  readonly inertArguments: string
}

/** Whether a debugger is, or may be, attached to this process. It would pause at every call that is made here. */
export function isDebugged(): boolean {
  return inspector().url() !== undefined
}

/**
 * Calls a function, evaluates the arguments of `take` at its first statement, calls `take` with them, and ends
 * the call. Returns whether `take` was called.
 */
export function atEntry<Args extends unknown[]>(
  entry: FunctionEntry,
  args: string,
  take: (...args: Args) => void,
): boolean {
  const { fn, location } = entry
  if (location === undefined) return false
  connect()
  // The code sees the globals of the context in which the function was created.
  const { global, scopes } = functionInternals(fn)
  const [call, taker] = [uniqueName(), uniqueName()]
  let isTaken = false
  const taking = (...values: Args) => {
    isTaken = true
    take(...values)
  }
  // A Proxy of a `with` block may hide the names.
  const isHidden = scopes.some(({ variables }) => types.isProxy(variables))
  const ends = !isHidden && endsCalls() && hasPlainParameters(entry)
  if (!define(global, taker, ends ? [terminate, taking] : taking)) return false
  define(mainGlobal, call, fn)
  enableDebugger()
  try {
    const expression = callOf(call, entry)
    if (ends) callWithBreakpoint(expression, fn, `(${taker}[0](),${taker}[1](${args}),false)`)
    else stepInto(expression, location, `${taker}(${args})`)
  } finally {
    Reflect.deleteProperty(mainGlobal, call)
    Reflect.deleteProperty(global, taker)
    releaseObjects()
  }
  return isTaken
}

function uniqueName(): string {
  return `skein_entry_${Math.random().toString(36).slice(2)}`
}

function define(global: object, name: string, value: unknown): boolean {
  return Reflect.defineProperty(global, name, { value, configurable: true })
}

function callOf(name: string, { fn, inertArguments }: FunctionEntry): string {
  // The body of a generator starts with the first value that is requested.
  const start = types.isGeneratorFunction(fn) ? '.next()' : ''
  return `Reflect.apply(${name},undefined,[${inertArguments}])${start}`
}

/** Evaluates a call of a function with a breakpoint at its first statement, whose condition ends the call. */
function callWithBreakpoint(expression: string, fn: Function, condition: string): void {
  let breakpointId: string | undefined
  try {
    const params = { objectId: objectIdOf(fn), condition }
    breakpointId = post<{ breakpointId: string }>(
      'Debugger.setBreakpointOnFunctionCall',
      params,
    ).breakpointId
    post('Runtime.evaluate', { expression, silent: true, objectGroup })
  } catch {
    // This is how the inspector reports that the call was ended.
  } finally {
    if (breakpointId !== undefined) post('Debugger.removeBreakpoint', { breakpointId })
  }
}

/**
 * Ends the call that the inspector evaluates. The engine does so when the condition has been evaluated. If the condition
 * throws, the engine ignores that and the call, so this comes first in it.
 */
function terminate(): void {
  connect().post('Runtime.terminateExecution', () => {})
}

/** Whether the parameters of a function have no code: no defaults and no patterns. */
function hasPlainParameters({ fn, inertArguments }: FunctionEntry): boolean {
  if (/[^null,]/.test(inertArguments)) return false
  if (/\.\.\.\s*[[{]/.test(Function.prototype.toString.call(fn))) return false
  // Parameters from the first default on do not count in the length.
  return fn.length === inertArguments.split(',').filter((arg) => arg !== '').length
}

let canEnd: boolean | undefined

/** Whether calls of functions are ended before their first statement, which is tried out once with one of ours. */
function endsCalls(): boolean {
  if (canEnd !== undefined) return canEnd
  let runs = 0
  const probe = () => runs++
  const { location } = functionInternals(probe)
  canEnd = true
  const wasTaken = [1, 2].every(() =>
    atEntry({ fn: probe, location, inertArguments: '' }, '', () => {}),
  )
  return (canEnd = wasTaken && runs === 0)
}
