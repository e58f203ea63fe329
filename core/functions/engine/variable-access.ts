/**
 * Access to a variable around a function that can be called without effects (`inert-bodies.ts`). The condition of a
 * breakpoint at its first statement makes two functions, which read and assign the variable, and is never fulfilled.
 * That takes a fraction of a millisecond, whereas a pause takes milliseconds, and longer the more calls are on the stack.
 */
import { functionInternals } from './function-internals.js'
import { connect, post, releaseObjects } from './inspector-session.js'
import { enableDebugger } from './scripts.js'
import { breakAtCall } from './stepping.js'

/** Reads and assigns a variable. */
export interface VariableAccess {
  readonly read: () => unknown
  readonly assign: (value: unknown) => void
}

/** What the variable holds during the call. */
const inert = Object.freeze(Object.create(null)) as object

/** Returns access to the variable, the only one from outside that `fn` uses; undefined if that fails. */
export function accessVariable(name: string, fn: Function): VariableAccess | undefined {
  connect()
  // The condition sees the globals of the context in which the function was created.
  const { global } = functionInternals(fn)
  const exchangeName = `skein.exchange.${Math.random()}`
  let access: (VariableAccess & { readonly original: unknown }) | undefined
  const take = (read: () => unknown, assign: (value: unknown) => void): void => {
    access = { read, assign, original: read() }
    assign(inert)
  }
  if (!Reflect.defineProperty(global, exchangeName, { value: take, configurable: true }))
    return undefined
  enableDebugger()
  let breakpointId: string | undefined
  try {
    const exchange = `globalThis[${JSON.stringify(exchangeName)}]`
    const condition = `${exchange}(()=>${name},(value)=>{${name}=value}),false`
    breakpointId = breakAtCall(fn, condition)
    post('Debugger.setSkipAllPauses', { skip: false })
    Reflect.apply(fn, undefined, [])
  } catch {
    // The function could not do something with the object.
  } finally {
    post('Debugger.setSkipAllPauses', { skip: true })
    if (breakpointId !== undefined) post('Debugger.removeBreakpoint', { breakpointId })
    Reflect.deleteProperty(global, exchangeName)
    access?.assign(access.original)
    releaseObjects()
  }
  return access
}
