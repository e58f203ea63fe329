/**
 * Options among the arguments of a function that a client runs. They are known by their position: after
 * all parameters that the function declares.
 */
import { describeValue } from '../../core/base/describe-value.js'
import { isBeyondParameters, parameterCount } from '../../core/functions/source/parameter-count.js'
import { isPlainObject } from './futures/gather-results.js'

/** The arguments of a function, and the options after them. */
interface SplitArguments {
  readonly args: readonly unknown[]
  /** Undefined if there are none. */
  readonly options: Readonly<Record<string, unknown>> | undefined
}

/**
 * Splits off options: a plain object after all parameters of the function. After the arguments of a
 * function that takes any number, or of an expression, it is options if all its names are in `names`.
 */
export function splitOptions(
  fn: unknown,
  args: readonly unknown[],
  names: readonly string[],
): SplitArguments {
  const last = args.at(-1)
  if (!isPlainObject(last)) return { args, options: undefined }
  const count = typeof fn === 'function' ? parameterCount(fn) : Number.POSITIVE_INFINITY
  const given = Object.keys(last)
  const isOptions =
    count === Number.POSITIVE_INFINITY
      ? given.length > 0 && given.every((name) => names.includes(name))
      : args.length > count
  return isOptions ? { args: args.slice(0, -1), options: last } : { args, options: undefined }
}

/**
 * Throws TypeError for a plain object after all parameters of a function: the function would not see
 * it, so it is meant as options.
 */
export function assertNoOptionsLast(fn: unknown, args: readonly unknown[], what: string): void {
  if (!isBeyondParameters(fn, args.length, args.at(-1))) return
  throw new TypeError(
    `${what}: ${fn.name || 'the function'} has no parameter for ${describeValue(args.at(-1))}; options come first: client.submitWith({ retries: 2 }, fn, ...args)`,
  )
}
