/** A user's function as it was when the operation was added. */
export class CapturedFunction {
  readonly fn: Function
  readonly name: string
  readonly token: string
  constructor(fn: Function, token: string) {
    this.fn = fn
    this.name = fn.name
    this.token = token
  }

  /** The function to run in this very thread. */
  local(): Function {
    return this.fn
  }
}

/** Captures a function: what collections call when an operation is added. */
export function capture(fn: Function): CapturedFunction {
  return new CapturedFunction(fn, fn.toString())
}
