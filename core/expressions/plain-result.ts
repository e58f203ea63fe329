/** Converts results of mathjs to plain JavaScript values. */

interface MathValue {
  readonly type?: unknown
  readonly entries?: readonly unknown[]
  valueOf(): unknown
}

/**
 * Returns a result as a plain JavaScript value; matrices and ranges of mathjs become arrays.
 *
 * @throws TypeError for a function and for mathjs's other classes, such as Complex.
 */
export function toPlain(value: unknown): unknown {
  if (typeof value === 'function') throw new TypeError('the result is a function; call it')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.every(isPlain) ? value : value.map(toPlain)
  const kind = mathKind(value)
  if (kind === undefined) return value
  if (kind === 'ResultSet') return toPlain((value as MathValue).entries?.at(-1))
  if (kind === 'DenseMatrix' || kind === 'SparseMatrix' || kind === 'Range')
    return toPlain((value as { toArray(): unknown }).toArray())
  const advice: Record<string, string> = {
    Complex: 'use re(...), im(...) or abs(...)',
    BigNumber: 'use number(...) or string(...)',
    Fraction: 'use number(...) or string(...)',
  }
  throw new TypeError(
    `the result is a ${kind} of mathjs, ${String(value)}, not a plain value; ${advice[kind] ?? 'return a number, string, boolean or array'}`,
  )
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null ? typeof value !== 'function' : false
}

/** Returns the name of a value's mathjs class; undefined for values of other classes. */
function mathKind(value: object): string | undefined {
  if (Object.getPrototypeOf(value) === Object.prototype) return undefined
  const { type } = value as MathValue
  if (typeof type !== 'string' || Object.hasOwn(value, 'type')) return undefined
  return (value as Record<string, unknown>)[`is${type.replace(/^(Dense|Sparse)/, '')}`] === true ||
    (value as Record<string, unknown>)[`is${type}`] === true
    ? type
    : undefined
}
