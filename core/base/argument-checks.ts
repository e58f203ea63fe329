/**
 * Checks of the arguments and options that users pass to public functions. A check throws at the call;
 * its message names the operation, the argument and the offending value.
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

/** Checks that `options` is an object without properties other than `names`. Undefined passes. */
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
