/**
 * Captured functions: a user's function with the values its variables had when the operation was added.
 * Collections and tasks hold captured functions, which hold their bundles. They are sent as tokens.
 */

import { NotPortableError } from './base/errors.js'
import type { StoredBundle } from './codec/bundles/bundle-store.js'
import { functions } from './codec/bundles/functions.js'
import { TokenHolder } from './codec/bytes/token-holder.js'
import { areUnchanged, isImmutable } from './functions/describe/class-identity.js'
import { describeFunction } from './functions/describe/describe.js'
import { inDescriptionSession } from './functions/describe/description-session.js'
import { foreignGlobalOf } from './functions/engine/realms.js'
import { analyze } from './functions/rewrite/function-analysis.js'
import type { FunctionDescription } from './functions/types.js'

/** A captured function. Equal functions with equal captured values have equal tokens. */
export class CapturedFunction extends TokenHolder {
  /** The user's function. */
  readonly fn: Function
  /** The function's name. */
  readonly name: string
  /** The hash of its source code and captured values. */
  readonly token: string
  /**
   * The encoded function, which is kept as long as this object.
   * @internal
   */
  override readonly bundle: StoredBundle | undefined
  /** The function and all functions that it captured, if nothing else was captured that can change. */
  private readonly immutable: ReadonlySet<Function> | undefined
  private runnable: Function | undefined

  /** Made by Skein only. */
  constructor(fn: Function, made: CapturedBundle, immutable?: ReadonlySet<Function>) {
    super()
    this.fn = fn
    this.name = fn.name
    this.token = made.token
    this.bundle = made.bundle as StoredBundle | undefined
    this.immutable = immutable
  }

  /** Whether nothing that the function captured could change when it was captured. */
  get isImmutable(): boolean {
    return this.immutable !== undefined
  }

  /**
   * Returns the function to run in this thread: the user's own if nothing it captured can change, else a
   * copy with the captured values.
   */
  local(): Function {
    this.runnable ??= this.isUnchanged ? this.fn : (this.copy() as Function)
    return this.runnable
  }

  private get isUnchanged(): boolean {
    return this.immutable !== undefined && areUnchanged(this.immutable)
  }

  private copy(): unknown {
    const { token, bundle } = this
    return bundle === undefined ? functions.lookup(token) : functions.decodedOf(bundle)
  }
}

/** The token of a function and, unless it is sent by name, its bundle. */
interface CapturedBundle {
  readonly token: string
  /** A stored bundle. */
  readonly bundle?: { readonly token: string } | undefined
}

/** Captured functions whose captured values cannot change, by function. */
const captured = new WeakMap<Function, ImmutableCapture>()

interface ImmutableCapture {
  readonly made: CapturedFunction
  /** The function itself and the functions that it captured. */
  readonly functions: ReadonlySet<Function>
}

/** Bundles by description, which functions of equal source, such as every `(x) => x + 1`, share. */
const bundles = new WeakMap<FunctionDescription, CapturedBundle>()

/**
 * Captures a function with the current values of its variables. Collections call it when an operation is
 * added. `name` begins the paths in errors; `isCalled` is false for a function that is only a value.
 *
 * @throws NotPortableError, with the path to the cause, if the function or a captured value cannot be
 *   sent, or if the function is called and needs a `this`, which operations do not provide.
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
  // Members of a captured class can be replaced at any time.
  if (known !== undefined && areUnchanged(known.functions)) return known.made
  return inDescriptionSession(fn, () => captureNew(fn, [name ?? (fn.name || 'function')], isCalled))
}

function captureNew(fn: Function, path: readonly string[], isCalled: boolean): CapturedFunction {
  const description = describeFunction(fn, path)
  if (isCalled && description.kind === 'source')
    assertNoUnboundThis(fn, path, () => description.strict)
  const members = new Set<Function>()
  if (!isImmutable(fn, description, path, members))
    return new CapturedFunction(fn, functions.bundle(fn, path))
  let bundle = bundles.get(description)
  if (bundle === undefined) {
    bundle = functions.bundle(fn, path)
    bundles.set(description, bundle)
  }
  // A function of another context would return values of that.
  const isForeign = foreignGlobalOf(fn) !== undefined
  const made = new CapturedFunction(fn, bundle, isForeign ? undefined : members)
  // A function that captures nothing is found by its source, and is often created anew for every operation.
  if (description.kind !== 'source' || description.captureNames.length > 0)
    captured.set(fn, { made, functions: members })
  return made
}

/**
 * Throws NotPortableError for a function that uses `this`: operations and tasks call functions without
 * one. `isStrict` is called only for functions that use `this`.
 */
export function assertNoUnboundThis(
  fn: Function,
  path: readonly string[],
  isStrict: () => boolean = () => isStrictFunction(fn, path),
): void {
  const source = Function.prototype.toString.call(fn)
  const member = source.includes('this') ? analyze(source)?.unboundThis : undefined
  if (member === undefined) return
  // In sloppy mode `this` is the global object, which may be intended.
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

/** Whether a function is strict; a function that cannot be described is rejected elsewhere, if it is sent. */
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
