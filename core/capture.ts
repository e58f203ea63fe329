/**
 * A user's function as it was when the operation was added: what collections hold, and what tasks
 * are made of. It travels as its token; the bytes behind the token are in this thread's store of
 * bundles.
 */

import { NotPortableError } from './base/errors.js'
import { bundleFunction, functions } from './codec/bundles/functions.js'
import { TokenHolder } from './codec/bytes/token-holder.js'
import { isImmutable } from './functions/describe/class-identity.js'
import { describeFunction } from './functions/describe/describe.js'
import { inDescriptionSession } from './functions/describe/description-session.js'
import { analyze } from './functions/rewrite/function-analysis.js'
import type { FunctionDescription } from './functions/types.js'

/** A function that was captured; equal functions with equal captured values have equal tokens. */
export class CapturedFunction extends TokenHolder {
  readonly fn: Function
  readonly name: string
  readonly token: string
  private readonly immutable: boolean
  private runnable: Function | undefined

  constructor(fn: Function, token: string, immutable: boolean) {
    super()
    this.fn = fn
    this.name = fn.name
    this.token = token
    this.immutable = immutable
  }

  /**
   * The function to run in this very thread: the user's own if nothing that it captured can change,
   * else a copy made of the values at the time it was captured.
   */
  local(): Function {
    this.runnable ??= this.immutable ? this.fn : (functions.lookup(this.token) as Function)
    return this.runnable
  }
}

/** Captures that hold for good, by function. */
const captured = new WeakMap<Function, CapturedFunction>()
/** Tokens of descriptions that many functions share, such as that of every `(x) => x + 1`. */
const tokens = new WeakMap<FunctionDescription, string>()

/**
 * Captures a function: what collections call when an operation is added. Throws NotPortableError,
 * with the path to the culprit, if the function or what it captured cannot travel, or if it needs a
 * `this`, which operations do not give; `isCalled` is false for a function that is a mere value.
 */
export function capture(
  fn: Function | CapturedFunction,
  name?: string,
  isCalled = true,
): CapturedFunction {
  if (fn instanceof CapturedFunction) return fn
  if (typeof fn !== 'function')
    throw new TypeError(`capture: expected a function, got ${show(fn)}; pass a function`)
  const known = captured.get(fn)
  if (known !== undefined) return known
  return inDescriptionSession(fn, () => captureNew(fn, [name ?? (fn.name || 'function')], isCalled))
}

function captureNew(fn: Function, path: readonly string[], isCalled: boolean): CapturedFunction {
  const description = describeFunction(fn, path)
  if (isCalled && description.kind === 'source')
    assertNoUnboundThis(fn, path, () => description.strict)
  if (!isImmutable(fn, description, path))
    return new CapturedFunction(fn, bundleFunction(fn, path), false)
  let token = tokens.get(description)
  if (token === undefined) {
    token = bundleFunction(fn, path)
    tokens.set(description, token)
  }
  const made = new CapturedFunction(fn, token, true)
  // What captures nothing is found by its text, and often made anew for every operation.
  if (description.kind !== 'source' || description.captureNames.length > 0) captured.set(fn, made)
  return made
}

/**
 * Operations and tasks call their functions with arguments alone, so there is no `this` to read from:
 * throws NotPortableError for a function that does. `isStrict` is asked only of those.
 */
export function assertNoUnboundThis(
  fn: Function,
  path: readonly string[],
  isStrict: () => boolean = () => isStrictFunction(fn, path),
): void {
  const text = Function.prototype.toString.call(fn)
  const member = text.includes('this') ? analyze(text)?.unboundThis : undefined
  if (member === undefined) return
  // In sloppy code it is the global object, and some mean that.
  const name = /^this\.([\w$]+)/.exec(member)?.[1]
  if (name !== undefined && name in globalThis && !isStrict()) return
  const shown = member.length > 40 ? `${member.slice(0, 40)}...` : member
  const called = fn.name || 'method'
  throw new NotPortableError(
    path,
    `it uses \`${shown}\`, and an operation calls it without a \`this\`; ` +
      `write \`(x) => object.${called}(x)\`, or bind it: \`object.${called}.bind(object)\``,
  )
}

/** What cannot be described is refused elsewhere, if it is to travel. */
function isStrictFunction(fn: Function, path: readonly string[]): boolean {
  try {
    const description = describeFunction(fn, path)
    return description.kind !== 'source' || description.strict
  } catch {
    return true
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return `an object`
  return String(value)
}
