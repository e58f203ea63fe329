/**
 * Tables of Apache Arrow as bags: each row a plain object.
 */
import type { Table } from 'apache-arrow'
import { dataLayer } from '../../core/layer.js'
import { operations } from '../../core/operation.js'
import { arg } from '../../core/recipe.js'
import { checkOptions, wholeNumber } from './arguments.js'
import { Bag } from './bag.js'
import { about, eachPartition, layerName } from './build.js'
import { show } from './item-operations.js'
import { BATCH_SIZE, type Source } from './source.js'
import { PartitionStream } from './stream.js'

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
    throw new TypeError(`fromArrow: expected a table of apache-arrow, got ${show(table)}`)
  }
  const rows = table.numRows
  const wanted = wholeNumber(options.npartitions ?? 100, 1, 'fromArrow', 'npartitions')
  const count = Math.max(1, Math.min(wanted, rows))
  const border = (i: number): number => Math.ceil((rows * i) / count)
  const parts = Array.from({ length: count }, (_, i) => table.slice(border(i), border(i + 1)))
  const data = dataLayer(layerName('fromArrow-table', parts), [count], parts)
  const step = { fn: arrowStep, args: [arg.input(0)] }
  return new Bag(eachPartition(about('fromArrow'), step, [{ layer: data }]))
}

function isTable(value: unknown): value is Table {
  const table = value as Partial<Table> | null | undefined
  return (
    typeof table?.numRows === 'number' &&
    typeof table.getChildAt === 'function' &&
    typeof table.slice === 'function'
  )
}

/** The rows of a table, one after another. */
export function arrowStep(table: Table): PartitionStream {
  return PartitionStream.from(new ArrowSource(table))
}

class ArrowSource implements Source {
  readonly replayable = true
  private readonly table: Table

  constructor(table: Table) {
    this.table = table
  }

  *batches(): Iterable<readonly unknown[]> {
    const { table } = this
    const names = table.schema.fields.map(({ name }) => name)
    const columns = names.map((_, i) => table.getChildAt(i)!)
    for (let start = 0; start < table.numRows; start += BATCH_SIZE) {
      const count = Math.min(BATCH_SIZE, table.numRows - start)
      const rows = Array.from({ length: count }, (): Record<string, unknown> => ({}))
      // Column by column, so that all rows get their fields in the same order.
      for (let c = 0; c < names.length; c++) {
        const column = columns[c]!
        const name = names[c]!
        for (let i = 0; i < count; i++) rows[i]![name] = column.get(start + i) as unknown
      }
      yield rows
    }
  }
}

operations('collections/bag/arrow', { arrowStep })
