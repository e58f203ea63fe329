/**
 * What the names in an expression stand for when it is called, and what it may give.
 *
 * With one argument: the fields of the record that it is; else `x` is the argument itself. With
 * several: `x`, `y` and `z` are the arguments, and other names are fields of the one of them that has
 * such a field. Where nothing else is meant, constants such as `pi`.
 */
import { formatPosition } from './errors.js'
import { CONSTANTS, type Reading } from './read.js'

/** The names of the arguments of an expression that does not name them itself. */
export const OPERANDS: readonly string[] = ['x', 'y', 'z']

/** Whether names can be fields of a value. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(Symbol.iterator in value) &&
    !ArrayBuffer.isView(value)
  )
}

/** An argument as expressions see it: what can be iterated is an array. */
export function operand(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Symbol.iterator in value ? Array.from(value as Iterable<unknown>) : value
}

/** The value of a name; undefined if it has none. */
export function lookUp({ params }: Reading, name: string, args: readonly unknown[]): unknown {
  if (params !== undefined) {
    const place = params.indexOf(name)
    return place < 0 ? CONSTANTS.get(name) : operand(args[place])
  }
  const place = OPERANDS.indexOf(name)
  if (args.length > 1 && place >= 0 && place < args.length) return operand(args[place])
  const having = args.filter((arg) => isRecord(arg) && arg[name] !== undefined)
  if (having.length > 1) {
    const names = args.flatMap((arg, i) => (having.includes(arg) ? [`${OPERANDS[i]}.${name}`] : []))
    throw new TypeError(
      `several arguments have a field '${name}'; say which is meant: ${names.join(' or ')}`,
    )
  }
  if (having.length === 1) return (having[0] as Record<string, unknown>)[name]
  if (place === 0 && args.length === 1 && !(isRecord(args[0]) && name in args[0])) {
    return operand(args[0])
  }
  return CONSTANTS.get(name)
}

/** The error for a name that has no value. */
export function missing(reading: Reading, name: string, args: readonly unknown[]): TypeError {
  const { params } = reading
  const place = (params ?? OPERANDS).indexOf(name)
  if (params !== undefined) return new TypeError(`the argument '${name}' is undefined`)
  const records = args.filter(isRecord)
  if (records.some((record) => name in record))
    return new TypeError(`the field '${name}' is undefined`)
  if (place >= 0 && place < args.length) return new TypeError(`the argument '${name}' is undefined`)
  if (records.length > 0) {
    const fields = [...new Set(records.flatMap((record) => Object.keys(record)))]
    const list = fields.slice(0, 8).join(', ') + (fields.length > 8 ? ', ...' : '')
    const some = list === '' ? 'none' : list
    return new TypeError(`there is no field '${name}'; the fields are: ${some}`)
  }
  const hint = args.length === 1 ? "; the item itself is 'x'" : ''
  return new TypeError(`'${name}' is unknown, as the arguments are no records${hint}`)
}

/** The field of a value within a record. */
export function fieldWithin(value: unknown, name: string, optional: boolean): unknown {
  if ((value === null || value === undefined) && optional) return undefined
  if (!isRecord(value))
    throw new TypeError(
      `there is no field '${name}' in ${describeArgument(value)}, which is no record`,
    )
  const found = value[name]
  if (found === undefined && !optional)
    throw new TypeError(`there is no field '${name}' in ${describeArgument(value)}`)
  return found
}

interface MathValue {
  readonly type?: unknown
  readonly entries?: readonly unknown[]
  valueOf(): unknown
}

/** A result as plain JavaScript: mathjs's own kinds of values are refused, or are arrays. */
export function plain(value: unknown): unknown {
  if (typeof value === 'function')
    throw new TypeError('the result is a function, which is no value; call it')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.every(isPlain) ? value : value.map(plain)
  const kind = mathKind(value)
  if (kind === undefined) return value
  if (kind === 'ResultSet') return plain((value as MathValue).entries?.at(-1))
  if (kind === 'DenseMatrix' || kind === 'SparseMatrix' || kind === 'Range')
    return plain((value as { toArray(): unknown }).toArray())
  const how: Record<string, string> = {
    Complex: 'take re(...), im(...) or abs(...) of it',
    BigNumber: 'take number(...) or string(...) of it',
    Fraction: 'take number(...) or string(...) of it',
  }
  throw new TypeError(
    `the result is a ${kind} of mathjs, ${String(value)}, and not a plain value; ${how[kind] ?? 'give a number, text, boolean or array'}`,
  )
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null ? typeof value !== 'function' : false
}

/** The kind of a value of mathjs's own classes. */
function mathKind(value: object): string | undefined {
  if (Object.getPrototypeOf(value) === Object.prototype) return undefined
  const { type } = value as MathValue
  if (typeof type !== 'string' || Object.hasOwn(value, 'type')) return undefined
  return (value as Record<string, unknown>)[`is${type.replace(/^(Dense|Sparse)/, '')}`] === true ||
    (value as Record<string, unknown>)[`is${type}`] === true
    ? type
    : undefined
}

/** The error of a call: what went wrong, the expression, the place in it, and the arguments. */
export function callError(
  reading: Reading,
  error: unknown,
  at: { readonly line: number; readonly column: number } | undefined,
  args: readonly unknown[],
): TypeError {
  const names = reading.params ?? (args.length === 1 ? ['the item'] : OPERANDS)
  const given = args
    .slice(0, 4)
    .map((arg, i) => `${names[i] ?? `argument ${i + 1}`} is ${describeArgument(arg)}`)
  const message = error instanceof Error ? error.message : String(error)
  const facts = given.length === 0 ? '' : `\n  ${given.join(', ')}`
  return new TypeError(
    `${reading.text}: ${advise(message)}${formatPosition(reading.text, at)}${facts}`,
  )
}

/** mathjs's words in ours where they would puzzle. */
function advise(message: string): string {
  const text = /^Cannot convert "([\s\S]*)" to a number$/.exec(message)
  if (text !== null)
    return `the text "${text[1]}" is no number; texts are joined by concat(a, b) and ordered by compareText(a, b)`
  const actual =
    /^Unexpected type of argument in function (\w+) .*actual: ([\w |]+), index: (\d+)\)$/.exec(
      message,
    )
  if (actual === null) return message
  const [, name, kinds] = actual
  const kind = kinds!.split(' | ').at(-1)
  return `${name!.replace(/Scalar$/, '')} cannot take a value of type ${kind}`
}

/** A value in a few words: a record with its fields. */
export function describeArgument(value: unknown): string {
  if (!isRecord(value)) return short(value)
  const fields = Object.keys(value)
  const shown = fields.slice(0, 8).map((name) => `${name}: ${short(value[name])}`)
  if (fields.length > 8) shown.push('...')
  return shown.length === 0 ? '{}' : `{ ${shown.join(', ')} }`
}

function short(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}...` : JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return String(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (value instanceof Date) return 'a date'
  const name: unknown = value.constructor?.name
  return name === 'Object' || typeof name !== 'string' ? 'a record' : `a ${name}`
}
