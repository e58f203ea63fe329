/**
 * Looks up the names of an expression in the arguments of a call.
 *
 * With one argument, names are fields of the record that it is, and `x` is the argument itself unless it
 * has a field `x`. With several, `x`, `y` and `z` are the arguments, and other names are fields of the
 * only argument that has such a field. A name found nowhere may be a constant such as `pi`.
 */
import { describeArgument, isRecord } from './describe-argument.js'
import { CONSTANTS, type ParsedExpression } from './parsed-expression.js'

/** The names of the arguments of an expression without parameters. */
export const OPERANDS: readonly string[] = ['x', 'y', 'z']

/** Converts an argument for mathjs: iterables such as Sets and typed arrays become arrays. */
export function toOperand(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Symbol.iterator in value ? Array.from(value as Iterable<unknown>) : value
}

/**
 * Returns the value of a name; undefined if it has none.
 *
 * @throws TypeError if several arguments have a field of that name.
 */
export function lookUp(
  { params }: ParsedExpression,
  name: string,
  args: readonly unknown[],
): unknown {
  if (params !== undefined) {
    const index = params.indexOf(name)
    return index < 0 ? CONSTANTS.get(name) : toOperand(args[index])
  }
  const index = OPERANDS.indexOf(name)
  if (args.length > 1 && index >= 0 && index < args.length) return toOperand(args[index])
  const having = args.filter((arg) => isRecord(arg) && arg[name] !== undefined)
  if (having.length > 1) {
    const names = args.flatMap((arg, i) => (having.includes(arg) ? [`${OPERANDS[i]}.${name}`] : []))
    throw new TypeError(
      `several arguments have a field '${name}'; write which one you mean: ${names.join(' or ')}`,
    )
  }
  if (having.length === 1) return (having[0] as Record<string, unknown>)[name]
  if (index === 0 && args.length === 1 && !(isRecord(args[0]) && name in args[0])) {
    return toOperand(args[0])
  }
  return CONSTANTS.get(name)
}

/** Returns the error for a name without a value. */
export function missingNameError(
  parsed: ParsedExpression,
  name: string,
  args: readonly unknown[],
): TypeError {
  const { params } = parsed
  const index = (params ?? OPERANDS).indexOf(name)
  if (params !== undefined) return new TypeError(`the argument '${name}' is undefined`)
  const records = args.filter(isRecord)
  if (records.some((record) => name in record))
    return new TypeError(`the field '${name}' is undefined`)
  if (index >= 0 && index < args.length) return new TypeError(`the argument '${name}' is undefined`)
  if (records.length > 0) {
    const fields = [...new Set(records.flatMap((record) => Object.keys(record)))]
    const list = fields.slice(0, 8).join(', ') + (fields.length > 8 ? ', ...' : '')
    const shown = list === '' ? 'none' : list
    return new TypeError(`there is no field '${name}'; the fields are: ${shown}`)
  }
  const hint = args.length === 1 ? "; the item itself is 'x'" : ''
  return new TypeError(`'${name}' is unknown, since no argument is a record${hint}`)
}

/**
 * Returns a field of a value.
 *
 * @throws TypeError if the value is not a record or has no such field, unless that is `optional`.
 */
export function readField(value: unknown, name: string, optional: boolean): unknown {
  if ((value === null || value === undefined) && optional) return undefined
  if (!isRecord(value))
    throw new TypeError(
      `there is no field '${name}' in ${describeArgument(value)}, which is not a record`,
    )
  const found = value[name]
  if (found === undefined && !optional)
    throw new TypeError(`there is no field '${name}' in ${describeArgument(value)}`)
  return found
}
