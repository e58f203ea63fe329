/**
 * Steps with the debugger into a call of a function, up to its first statement, evaluates code there, and ends the
 * call. Each pause takes longer the more calls are on the stack.
 */
import type { FunctionLocation } from './function-internals.js'
import { connect, objectGroup, post } from './inspector-session.js'

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

/** More steps than it takes to get from the call into the function. */
const MOST_STEPS = 6

/** Steps into a call of the function at a location, evaluates `code` at its first statement, and ends the call. */
export function stepInto(call: string, location: FunctionLocation, code: string): void {
  const session = connect()
  let callerScript: string | undefined
  let steps = 0
  const next = (frame: PausedFrame): StepAction => {
    if (isPausedIn(frame, location)) {
      const { callFrameId } = frame
      post('Debugger.evaluateOnCallFrame', {
        callFrameId,
        expression: code,
        silent: true,
        objectGroup,
      })
      return 'end'
    }
    if (++steps >= MOST_STEPS) return 'end'
    // While asynchronous hooks are active, an async function calls those first.
    return frame.location.scriptId === callerScript ? 'into' : 'out'
  }
  const onPaused = ({ params }: { params: { callFrames: PausedFrame[] } }) => {
    const [frame] = params.callFrames as [PausedFrame, ...PausedFrame[]]
    callerScript ??= frame.location.scriptId
    // The call ended without a pause where one was expected; this is our own code.
    if (!params.callFrames.some(({ location: { scriptId } }) => scriptId === callerScript)) {
      post('Debugger.resume')
      return
    }
    let action: StepAction = 'end'
    // Code that runs while the frame is inspected must not pause.
    post('Debugger.setSkipAllPauses', { skip: true })
    try {
      action = next(frame)
    } finally {
      post('Debugger.setSkipAllPauses', { skip: false })
      if (action === 'into') post('Debugger.stepInto')
      else if (action === 'out') post('Debugger.stepOut')
      else post('Debugger.resume', { terminateOnResume: true })
    }
  }
  session.on('Debugger.paused', onPaused)
  try {
    post('Debugger.setSkipAllPauses', { skip: false })
    post('Runtime.evaluate', { expression: `debugger;${call}`, silent: true, objectGroup })
  } catch {
    // This is how the inspector reports that the call was ended.
  } finally {
    session.off('Debugger.paused', onPaused)
    post('Debugger.setSkipAllPauses', { skip: true })
  }
}

/** Whether the debugger has paused in the function at a location. */
function isPausedIn(
  { functionLocation }: PausedFrame,
  { scriptId, line, column }: FunctionLocation,
): boolean {
  return (
    functionLocation?.scriptId === scriptId &&
    functionLocation.lineNumber === line &&
    (functionLocation.columnNumber ?? 0) === column
  )
}
