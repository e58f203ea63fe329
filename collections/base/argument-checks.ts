/**
 * Checks of the arguments that users pass to operations of collections. A check throws when the
 * collection is built; its message names the operation, the argument and the offending value.
 */
import { describeValue } from './describe-value.js'

/**
 * Checks that a call has no more than `most` arguments. Those that are undefined at the end do not
 * count.
 *
 * @param operation The operation as users call it, such as `ravel`.
 * @param args The `arguments` of the call.
 * @param usage How the call is written, such as `x.clip(low, high)`.
 * @throws TypeError that names the surplus argument, or the options in it.
 */
export function checkArguments(
  operation: string,
  args: ArrayLike<unknown>,
  most: number,
  usage: string,
): void {
  if (args.length <= most) return
  let count = args.length
  while (count > most && args[count - 1] === undefined) count--
  if (count > most) throw surplusError(operation, Array.from(args).slice(0, count), most, usage)
}

function surplusError(
  operation: string,
  args: readonly unknown[],
  most: number,
  usage: string,
): TypeError {
  const surplus = args[most]
  const options = isPlainObject(surplus) ? Object.keys(surplus) : []
  if (options.length > 0) {
    return new TypeError(
      `${operation}: there is no option ${options.map((name) => `'${name}'`).join(', ')} here; write ${usage}`,
    )
  }
  const takes = most === 0 ? 'no arguments' : most === 1 ? 'one argument' : `${most} arguments`
  const others = args.slice(most).map(describeValue).join(', ')
  return new TypeError(
    `${operation} takes ${takes}, as in ${usage}; got ${args.length}, surplus: ${others}${callbackAdvice(args, usage)}`,
  )
}

/**
 * Returns advice for a function that `list.map` and the like called with an item, its index and the
 * list; the empty string for other calls.
 */
export function callbackAdvice(args: ArrayLike<unknown>, usage: string): string {
  const [item, index, list] = Array.from(args)
  const inCallback = args.length === 3 && Array.isArray(list) && list[index as number] === item
  return inCallback ? `; as a callback write (x) => ${usage}` : ''
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Checks that `options` is an object that has no names but `names`. Undefined passes. */
export function checkOptions(options: unknown, names: readonly string[], operation: string): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(
      `${operation}: options must be an object such as { ${names[0]}: ... }, got ${describeValue(options)}`,
    )
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    throw new TypeError(
      `${operation}: there is no option '${name}'; the options are ${names.join(', ')}`,
    )
  }
}

/** Returns `value` if it is a whole number of at least `least`. Throws a RangeError otherwise. */
export function checkWholeNumber(
  value: unknown,
  least: number,
  operation: string,
  name: string,
): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number
  throw new RangeError(
    `${operation}: ${name} must be a whole number of at least ${least}, got ${describeValue(value)}`,
  )
}

/**
 * Returns how many partial values one task of a reduction merges: 8 by default, Infinity for
 * `splitEvery: false`.
 */
export function checkSplitEvery(splitEvery: unknown, operation: string): number {
  if (splitEvery === undefined) return 8
  if (splitEvery === false) return Number.POSITIVE_INFINITY
  if (Number.isSafeInteger(splitEvery) && (splitEvery as number) >= 2) return splitEvery as number
  throw new RangeError(
    `${operation}: splitEvery must be a whole number of at least 2, or false, got ${describeValue(splitEvery)}`,
  )
}

/** Whether a value is a whole number that is not negative, and so can index an array. */
export function isArrayIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
