/**
 * Columns of tensors in Arrow tables: the canonical extension type `arrow.fixed_shape_tensor`, whose storage is lists of
 * fixed size, and whose metadata has the shape.
 */
import type { Field, Schema, Table } from 'apache-arrow'
import { lazyPackage } from '../../../core/base/lazy-package.js'
import { fromArrowVector, type RowMajorBlock, toArrowVector } from './arrow-blocks.js'
import { isComplex } from './dtype.js'
import { formatArgument } from './format-argument.js'
import { sizeOf } from './shapes.js'

const arrow = lazyPackage<typeof import('apache-arrow')>('apache-arrow')

const NAME_KEY = 'ARROW:extension:name'
const METADATA_KEY = 'ARROW:extension:metadata'
const EXTENSION = 'arrow.fixed_shape_tensor'

/**
 * Returns an Arrow file with one column, which has a tensor for each position of the first axis. It is bytes, and not a table:
 * tables of the package as `require` loads it are not those that `import` loads.
 */
export function toTensorFile({ dtype, shape, data }: RowMajorBlock, name: string): Uint8Array {
  assertName(name, 'toArrowTensors')
  if (isComplex(dtype)) {
    throw new TypeError(
      'toArrowTensors: Arrow has no complex numbers; write the real and the imaginary parts',
    )
  }
  const [count, ...sizes] = shape as [number, ...number[]]
  const { Field, RecordBatch, Schema, Struct, Table, makeData, tableToIPC } = arrow()
  const vector = toArrowVector({ dtype, shape: [count, sizeOf(sizes)], data })
  const metadata = new Map([
    [NAME_KEY, EXTENSION],
    [METADATA_KEY, JSON.stringify({ shape: sizes })],
  ])
  const field = new Field(name, vector.type, false, metadata)
  const schema = new Schema([field])
  const type = new Struct([field])
  const rows = makeData({ type, length: count, nullCount: 0, children: [vector.data[0]!] })
  const batch = new RecordBatch(schema as Schema, rows as never)
  return tableToIPC(new Table(schema as Schema, batch), 'file')
}

/** The metadata of a column of tensors. */
interface TensorMetadata {
  readonly shape: readonly number[]
  /** The axis of `shape` that each axis of the tensors is. */
  readonly permutation?: readonly number[]
}

/** The elements of a column, and the axes of the tensors in the order of the array. */
export interface TensorColumn {
  readonly block: RowMajorBlock
  readonly axes: readonly number[]
}

/** Returns the tensors of a column. Numbers are not copied, if the column has one chunk. */
export function fromTensorTable(table: Table, name: string): TensorColumn {
  assertName(name, 'fromArrowTensors')
  const field = table.schema.fields.find((each: Field) => each.name === name)
  if (field === undefined) {
    const names = table.schema.fields.map((each: Field) => `'${each.name}'`).join(', ')
    throw new RangeError(`fromArrowTensors: there is no column '${name}'; there are ${names}`)
  }
  if (field.metadata.get(NAME_KEY) !== EXTENSION) {
    throw new TypeError(
      `fromArrowTensors: the column '${name}' has no tensors of fixed shape (${EXTENSION}); use NDArray.fromArrow for other columns`,
    )
  }
  const { shape, permutation } = JSON.parse(
    field.metadata.get(METADATA_KEY) ?? '',
  ) as TensorMetadata
  const { dtype, data, shape: stored } = fromArrowVector(table.getChild(name)!)
  const axes = permutation ?? shape.map((_, axis) => axis)
  return {
    block: { dtype, data, shape: [stored[0]!, ...shape] },
    axes: [0, ...axes.map((axis) => axis + 1)],
  }
}

function assertName(name: unknown, operation: string): void {
  if (typeof name === 'string') return
  throw new TypeError(
    `${operation}: give the name of the column, a string; got ${formatArgument(name)}`,
  )
}
