/**
 * Tables of Apache Arrow as bags: each row a plain object.
 */
import type { Table } from 'apache-arrow'
import { dataLayer } from '../../core/graph/layer.js'
import { arg } from '../../core/graph/recipe.js'
import { checkOptions, checkWholeNumber } from '../base/argument-checks.js'
import { describeValue } from '../base/describe-value.js'
import { blockwiseLayer, layerName, operationInfo } from '../base/layer-builders.js'
import { Bag } from './bag.js'
import { arrowStep } from './io/arrow-steps.js'

/**
 * A bag of the rows of an Arrow table, as plain objects. The table itself travels as it is, in even
 * parts; rows are made where they are used.
 *
 * @example db.fromArrow(tableFromIPC(bytes), { npartitions: 8 })
 */
export function fromArrow<T = Record<string, unknown>>(
  table: Table,
  options: { readonly npartitions?: number } = {},
): Bag<T> {
  checkOptions(options, ['npartitions'], 'fromArrow')
  if (!isTable(table)) {
    throw new TypeError(`fromArrow: expected a table of apache-arrow, got ${describeValue(table)}`)
  }
  const rows = table.numRows
  const wanted = checkWholeNumber(options.npartitions ?? 100, 1, 'fromArrow', 'npartitions')
  const count = Math.max(1, Math.min(wanted, rows))
  const border = (i: number): number => Math.ceil((rows * i) / count)
  const parts = Array.from({ length: count }, (_, i) => table.slice(border(i), border(i + 1)))
  const data = dataLayer(layerName('fromArrow-table', parts), [count], parts)
  const step = { fn: arrowStep, args: [arg.input(0)] }
  return new Bag(blockwiseLayer(operationInfo('fromArrow'), step, [{ layer: data }]))
}

function isTable(value: unknown): value is Table {
  const table = value as Partial<Table> | null | undefined
  return (
    typeof table?.numRows === 'number' &&
    typeof table.getChildAt === 'function' &&
    typeof table.slice === 'function'
  )
}
