/**
 * Formats arguments for error messages of array operations.
 */
import { collectionSummary } from '../../base/describe-value.js'

/** Formats a value in at most 80 characters: JSON, with bigints as `5n` and collections in short. */
export function formatArgument(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number' || value === undefined) return String(value)
  const collection = collectionSummary(value)
  if (collection !== undefined) return collection
  const json = JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'bigint' ? `${v}n` : (collectionSummary(v) ?? v),
  )
  return json === undefined ? typeof value : json.length > 80 ? `${json.slice(0, 77)}...` : json
}
