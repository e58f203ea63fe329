/** The types of columns of CSV: converting fields, and telling the types from a sample. */
import { describeValue } from '../../../core/base/describe-value.js'

/** The types of columns. An empty field is null, except in columns of strings. */
export type ColumnType = 'string' | 'number' | 'boolean' | 'bigint' | 'date'

const TYPES: readonly ColumnType[] = ['string', 'number', 'boolean', 'bigint', 'date']

/** What a field can be. */
export type CsvValue = string | number | boolean | bigint | Date | null

/** Stands for a field that does not fit the type of its column. */
export const UNFIT = Symbol('unfit')

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
/** Numbers that begin with zeros are names, such as postal codes. */
const CODE = /^[+-]?0\d/
const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
}
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false }

/** Converts a field to the type of its column. Returns `UNFIT` if it does not fit. */
export function convertField(field: string, type: ColumnType): unknown {
  if (type === 'string') return field
  const text = field.trim()
  if (text === '') return null
  switch (type) {
    case 'number': {
      const number = Number(text)
      if (!Number.isNaN(number) && NUMBER.test(text)) return number
      return SPECIAL[text.toLowerCase()] ?? UNFIT
    }
    case 'boolean':
      return BOOLEANS[text.toLowerCase()] ?? UNFIT
    case 'bigint':
      return /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : UNFIT
    case 'date': {
      const date = new Date(text)
      return Number.isNaN(date.getTime()) ? UNFIT : date
    }
    default:
      return unknownType(type)
  }
}

const MOST_EXACT_DIGITS = 15
/** Powers of ten, by their exponents. */
export const POWERS = Array.from({ length: MOST_EXACT_DIGITS + 1 }, (_, i) => 10 ** i)

/**
 * Parses a plain number between two indices, such as `-12.5`. Such numbers have at most 15 digits, so the division by a
 * power of ten is rounded once, as the number itself would be. Returns undefined for all others.
 */
export function plainNumber(text: string, start: number, end: number): number | undefined {
  let at = start
  const isNegative = text.charCodeAt(at) === 45
  if (isNegative) at++
  if (end - at > MOST_EXACT_DIGITS + 1 || at === end) return undefined
  let digits = 0
  let fraction = -1
  for (; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) {
      digits = digits * 10 + (code - 48)
      if (fraction >= 0) fraction++
    } else if (code === 46 && fraction < 0) fraction = 0
    else return undefined
  }
  const length = end - start - (isNegative ? 1 : 0) - (fraction >= 0 ? 1 : 0)
  if (length === 0 || length > MOST_EXACT_DIGITS) return undefined
  const value = fraction > 0 ? digits / POWERS[fraction]! : digits
  return isNegative ? -value : value
}

/** Returns the types of columns from rows of fields: numbers, booleans, or else strings. */
export function inferTypes(rows: readonly (readonly string[])[], width: number): ColumnType[] {
  return Array.from({ length: width }, (_, column) => {
    const fields = rows.map((row) => row[column]?.trim() ?? '').filter((field) => field !== '')
    if (fields.length === 0) return 'string'
    if (fields.every(looksLikeNumber)) return 'number'
    return fields.every((field) => convertField(field, 'boolean') !== UNFIT) ? 'boolean' : 'string'
  })
}

function looksLikeNumber(field: string): boolean {
  if (CODE.test(field)) return false
  // Integers that numbers cannot hold stay strings.
  if (/^[+-]?\d+$/.test(field)) return Number.isSafeInteger(Number(field))
  return convertField(field, 'number') !== UNFIT
}

/** Checks the types that a user has given for columns. */
export function checkTypes(
  types: unknown,
  operation: string,
): Readonly<Record<string, ColumnType>> | undefined {
  if (types === undefined) return undefined
  if (typeof types !== 'object' || types === null || Array.isArray(types)) {
    throw new TypeError(
      `${operation}: types must be an object such as { amount: 'number' }, got ${describeValue(types)}`,
    )
  }
  for (const [name, type] of Object.entries(types)) {
    if (TYPES.includes(type as ColumnType)) continue
    throw new RangeError(
      `${operation}: the type of '${name}' must be 'string', 'number', 'boolean', 'bigint' or 'date', got ${describeValue(type)}`,
    )
  }
  return types as Readonly<Record<string, ColumnType>>
}

function unknownType(type: never): never {
  throw new Error(`Invariant broken: no column has the type '${String(type)}'`)
}
