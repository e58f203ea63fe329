/** The steps that calculate with lazy items: arithmetic on numbers and bigints, and comparisons. */
import { describeValue } from '../../core/base/describe-value.js'
import { operations } from '../../core/base/operations.js'

/** An operation on a lazy item and another value. */
export type ItemOperation =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'

/** Calculates with two values. */
export function calculateStep(a: unknown, operation: ItemOperation, b: unknown): unknown {
  switch (operation) {
    case 'eq':
      return comparable(a) === comparable(b)
    case 'ne':
      return comparable(a) !== comparable(b)
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return compared(a, operation, b)
    default:
      return arithmetic(numeric(a, operation), operation, numeric(b, operation))
  }
}

/** Changes the sign of a number or a bigint. */
export function negateStep(value: unknown): number | bigint {
  return -numeric(value, 'neg')
}

function numeric(value: unknown, operation: string): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  throw new TypeError(`${operation}: expected a number or a bigint, got ${describeValue(value)}`)
}

function arithmetic(
  a: number | bigint,
  operation: 'add' | 'sub' | 'mul' | 'div' | 'pow',
  b: number | bigint,
): number | bigint {
  if (operation === 'div') return Number(a) / Number(b)
  // The compiler allows operators on two numbers or two bigints only.
  const [x, y] = (typeof a === typeof b ? [a, b] : [Number(a), Number(b)]) as [number, number]
  switch (operation) {
    case 'add':
      return x + y
    case 'sub':
      return x - y
    case 'mul':
      return x * y
    default:
      return x ** y
  }
}

function comparable(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value
}

function compared(a: unknown, operation: 'lt' | 'le' | 'gt' | 'ge', b: unknown): boolean {
  const kinds = [a, b].map((value) => (value instanceof Date ? 'date' : typeof value))
  const areNumbers = kinds.every((kind) => kind === 'number' || kind === 'bigint')
  const areEqualKinds = kinds[0] === kinds[1] && (kinds[0] === 'string' || kinds[0] === 'date')
  if (!areNumbers && !areEqualKinds) {
    throw new TypeError(`${operation}: cannot compare ${describeValue(a)} with ${describeValue(b)}`)
  }
  const [x, y] = [a, b] as [number, number]
  switch (operation) {
    case 'lt':
      return x < y
    case 'le':
      return x <= y
    case 'gt':
      return x > y
    default:
      return x >= y
  }
}

operations('collections/base/item-arithmetic', { calculateStep, negateStep })
