/**
 * Filters of readers: expressions over the fields of records, and what they say about ranges of values, so that what has no
 * matching record is not read. Only comparisons with constants, also several that are joined by `and`, exclude anything.
 */
import { describeValue } from '../../../core/base/describe-value.js'
import { expressionFunction } from '../../../core/expressions/expression.js'
import type { MathNode } from '../../../core/expressions/mathjs.js'
import { parseExpression } from '../../../core/expressions/parse-expression.js'

/** A filter of records. */
export interface RecordFilter {
  /** The fields that it reads. */
  readonly fields: readonly string[]
  /** The comparisons that all records must satisfy. */
  readonly comparisons: readonly Comparison[]
  /** Whether a record is kept. */
  readonly accepts: (record: Readonly<Record<string, unknown>>) => boolean
}

/** A comparison of a field with a constant. */
interface Comparison {
  readonly field: string
  readonly operator: Operator
  readonly constant: number | string
}

type Operator = '<' | '<=' | '>' | '>=' | '=='

/** The least and the greatest value of a column. */
export interface ValueRange {
  readonly min: unknown
  readonly max: unknown
}

/**
 * Parses a filter.
 *
 * @throws ExpressionError for a string that is no expression.
 * @throws TypeError for anything else.
 */
export function parseRecordFilter(filter: unknown, operation: string): RecordFilter {
  if (typeof filter !== 'string') {
    throw new TypeError(
      `${operation}: the filter must be an expression such as 'amount > 500', got ${describeValue(filter)}; bag.filter takes functions`,
    )
  }
  const fn = expressionFunction(filter, operation)
  const { body, params, variables } = parseExpression(filter, operation)
  const comparisons = params === undefined ? [...comparisonsOf(body)] : []
  const ordered = comparisons.filter(({ operator }) => operator !== '==').map(({ field }) => field)
  return {
    fields: variables,
    comparisons,
    accepts: (record) => ordered.every((field) => record[field] !== null) && Boolean(fn(record)),
  }
}

/** Whether a record may match whose fields are in ranges; undefined stands for an unknown one. */
export function mayMatch(
  { comparisons }: RecordFilter,
  rangeOf: (field: string) => ValueRange | undefined,
): boolean {
  return comparisons.every((comparison) => {
    const range = rangeOf(comparison.field)
    return range === undefined || mayBeTrue(comparison, range)
  })
}

/** Returns the range of a single value, such as that of a folder. */
export function rangeOfValue(value: unknown): ValueRange | undefined {
  return value === undefined ? undefined : { min: value, max: value }
}

function* comparisonsOf(node: MathNode): Iterable<Comparison> {
  if (node.type === 'ParenthesisNode') yield* comparisonsOf(node.content!)
  if (node.type !== 'OperatorNode') return
  const [left, right] = node.args!
  if (node.op === 'and') {
    yield* comparisonsOf(left!)
    yield* comparisonsOf(right!)
    return
  }
  const operator = node.op as Operator
  if (!Object.hasOwn(MIRRORED, operator)) return
  const [first, second] = [constantOf(left!), constantOf(right!)]
  if (left!.type === 'SymbolNode' && second !== undefined)
    yield { field: left!.name!, operator, constant: second }
  else if (right!.type === 'SymbolNode' && first !== undefined)
    yield { field: right!.name!, operator: MIRRORED[operator], constant: first }
}

const MIRRORED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==' } as const

function constantOf(node: MathNode): number | string | undefined {
  if (node.type === 'ParenthesisNode') return constantOf(node.content!)
  if (node.type === 'OperatorNode' && node.op === '-' && node.args!.length === 1) {
    const value = constantOf(node.args![0]!)
    return typeof value === 'number' ? -value : undefined
  }
  const { value } = node
  if (node.type !== 'ConstantNode') return undefined
  return typeof value === 'number' || typeof value === 'string' ? value : undefined
}

function mayBeTrue({ operator, constant }: Comparison, { min, max }: ValueRange): boolean {
  if (typeof constant === 'string') {
    if (typeof min !== 'string' || typeof max !== 'string' || operator !== '==') return true
    // A bound that was cut within a character has a replacement for it.
    if (`${min}${max}`.includes('\ufffd')) return true
    const bytes = Buffer.from(constant)
    return Buffer.from(min).compare(bytes) <= 0 && Buffer.from(max).compare(bytes) >= 0
  }
  if (!isNumber(min) || !isNumber(max)) return true
  // Expressions take numbers that differ by rounding for equal.
  const error = Math.abs(constant) * ROUNDING
  switch (operator) {
    case '<':
      return min < constant
    case '<=':
      return min <= constant + error
    case '>':
      return max > constant
    case '>=':
      return max >= constant - error
    case '==':
      return min <= constant + error && max >= constant - error
    default:
      return operator satisfies never
  }
}

const ROUNDING = 1e-9

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isNaN(value))
}
