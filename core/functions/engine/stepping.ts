/**
 * Steps with the debugger into a call of a function, up to its first statement, and ends the call there. So
 * its frame can be inspected although no code of the function runs.
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

/** A call frame in which the debugger has paused. */
interface PausedFrame {
  readonly callFrameId: string
  readonly location: { readonly scriptId: string }
  readonly functionLocation?: {
    readonly scriptId: string
    readonly lineNumber: number
    readonly columnNumber?: number
  }
}

/** Continues after a pause: steps into a call or out of one, or ends the whole call. */
type StepAction = 'into' | 'out' | 'end'

/** Inspects a paused frame and returns how to continue. */
type StepHandler = (
  frame: PausedFrame,
  /** Evaluates an expression, which may use the exchange object under a name, in the frame; false if it throws. */
  evaluate: (expression: (exchange: string) => string) => boolean,
) => StepAction

/** More steps than it takes to get from the call into the function. */
const MOST_STEPS = 6

/** Whether a debugger is, or may be, attached to this process. */
export function isDebugged(): boolean {
  return inspector().url() !== undefined
}

/**
 * Steps into a call of a function and calls `handle` at each pause. `args` is the source code of the
 * arguments. Code that `handle` evaluates can read and change the members of `exchange`.
 *
 * A pause takes longer the more calls are on the stack. So the first pause is at the first statement of the
 * function, by a breakpoint; only if its parameters have code of their own, the debugger pauses before the
 * call and steps into it.
 */
export function stepThrough(
  fn: Function,
  args: string,
  exchange: object,
  handle: StepHandler,
): void {
  const session = connect()
  const name = `skein.step.${Math.random()}`
  // The frame sees the globals of the context in which the function was created.
  const { global } = functionInternals(fn)
  const exchangeName = `skein.exchange.${Math.random()}`
  // The body of a generator starts with the first value that is requested.
  const start = types.isGeneratorFunction(fn) ? '.next()' : ''
  const isDirect = hasPlainParameters(fn, args)
  const access = `globalThis[${JSON.stringify(exchangeName)}]`
  let breakpoint: string | undefined
  let callerScript: string | undefined
  const onPaused = ({ params }: { params: { callFrames: PausedFrame[] } }) => {
    const [frame] = params.callFrames as [PausedFrame, ...PausedFrame[]]
    if (!isDirect) callerScript ??= frame.location.scriptId
    // The call ended without a pause where `handle` expected one; this is our own code.
    if (
      !isDirect &&
      !params.callFrames.some(({ location }) => location.scriptId === callerScript)
    ) {
      post('Debugger.resume')
      return
    }
    let next: StepAction = 'end'
    // Code that runs while the frame is inspected must not pause.
    post('Debugger.setSkipAllPauses', { skip: true })
    try {
      next = handle(frame, (code) => evaluateIn(frame, code(access)))
    } finally {
      post('Debugger.setSkipAllPauses', { skip: false })
      if (next === 'into') post('Debugger.stepInto')
      else if (next === 'out') post('Debugger.stepOut')
      else post('Debugger.resume', { terminateOnResume: true })
    }
  }
  enableDebugger()
  define(mainGlobal, name, fn)
  define(global, exchangeName, exchange)
  session.on('Debugger.paused', onPaused)
  try {
    if (isDirect) breakpoint = breakAtCall(fn)
    post('Debugger.setSkipAllPauses', { skip: false })
    const expression = `${isDirect ? '' : 'debugger;'}Reflect.apply(globalThis[${JSON.stringify(name)}],undefined,[${args}])${start}`
    post('Runtime.evaluate', { expression, silent: true, objectGroup })
  } catch {
    // This is how the inspector reports that the call was ended.
  } finally {
    session.off('Debugger.paused', onPaused)
    post('Debugger.setSkipAllPauses', { skip: true })
    if (breakpoint !== undefined) post('Debugger.removeBreakpoint', { breakpointId: breakpoint })
    Reflect.deleteProperty(mainGlobal, name)
    Reflect.deleteProperty(global, exchangeName)
    releaseObjects()
  }
}

/** Whether the parameters of a function have no code: no defaults and no patterns. */
function hasPlainParameters(fn: Function, args: string): boolean {
  if (/[^null,]/.test(args) || /\.\.\.\s*[[{]/.test(Function.prototype.toString.call(fn)))
    return false
  // Parameters from the first default on do not count in the length.
  return fn.length === args.split(',').filter((arg) => arg !== '').length
}

/** Sets a breakpoint at the first statement of a function and returns its id. */
export function breakAtCall(fn: Function, condition?: string): string {
  const params = { objectId: objectIdOf(fn), condition }
  return post<{ breakpointId: string }>('Debugger.setBreakpointOnFunctionCall', params).breakpointId
}

function define(global: object, name: string, value: unknown): void {
  Reflect.defineProperty(global, name, { value, configurable: true })
}

function evaluateIn({ callFrameId }: PausedFrame, expression: string): boolean {
  const { exceptionDetails } = post<{ exceptionDetails?: object }>('Debugger.evaluateOnCallFrame', {
    callFrameId,
    expression,
    silent: true,
    objectGroup,
  })
  return exceptionDetails === undefined
}

/**
 * Returns the next step from the call of a function, in the script `callerScript`, into the function. While
 * asynchronous hooks are active, an async function calls those first.
 */
export function nextStep(frame: PausedFrame, callerScript: string, steps: number): StepAction {
  if (steps >= MOST_STEPS) return 'end'
  return frame.location.scriptId === callerScript ? 'into' : 'out'
}

/** Whether the debugger has paused in the function at a location. */
export function isPausedIn(
  { functionLocation }: PausedFrame,
  { scriptId, line, column }: FunctionLocation,
): boolean {
  return (
    functionLocation?.scriptId === scriptId &&
    functionLocation.lineNumber === line &&
    (functionLocation.columnNumber ?? 0) === column
  )
}
