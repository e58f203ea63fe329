/** The step that reads the rows of an Arrow table. */
import type { Table } from 'apache-arrow'
import { operations } from '../../../core/base/operations.js'
import { BATCH_SIZE, type ItemSource } from '../engine/item-source.js'
import { PartitionStream } from '../engine/partition-stream.js'

/** Returns the rows of a table as plain objects. */
export function arrowStep(table: Table): PartitionStream {
  return PartitionStream.from(new ArrowSource(table))
}

class ArrowSource implements ItemSource {
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
      // Column by column, so all rows get their fields in the same order and share a hidden class.
      for (let c = 0; c < names.length; c++) {
        const column = columns[c]!
        const name = names[c]!
        for (let i = 0; i < count; i++) rows[i]![name] = column.get(start + i) as unknown
      }
      yield rows
    }
  }
}

operations('collections/bag/io/arrow-steps', { arrowStep })
