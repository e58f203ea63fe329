/** The layers that read from SQL databases and write to them. */
import type { Layer } from '../../../core/graph/layer.js'
import { arg } from '../../../core/graph/recipe.js'
import { blockwiseLayer, indexedLayer, operationInfo } from '../../base/layer-builders.js'
import { readSqlStep, sqlBordersStep } from '../sql/read-sql.js'
import type { FromSqlPlan } from '../sql/sql-plan.js'
import { prepareSqlStep, type SqlWriting, writeSqlStep } from '../sql/write-sql.js'

/** Reads the rows of a query. One task finds the borders of partitions, if there are several. */
export function fromSqlLayer({ reading, run, borders }: FromSqlPlan): Layer {
  const { npartitions } = reading
  const args = [arg.value(reading), arg.value(borders), arg.value(run)]
  const needsBorders = npartitions > 1 && borders === undefined
  const dependencies = needsBorders
    ? [
        blockwiseLayer(
          operationInfo('fromSql-borders'),
          { fn: sqlBordersStep, args: [arg.value(reading), arg.value(run)] },
          [],
          { npartitions: 1 },
        ),
      ]
    : []
  const blocks = Array.from({ length: npartitions }, (_, position) => ({
    inputs: needsBorders ? [0, 0] : [],
    params: [position],
  }))
  const step = { fn: readSqlStep, args: [arg.param(0), ...args] }
  return indexedLayer(operationInfo('fromSql'), step, dependencies, blocks, { gather: true })
}

/** Writes every partition to a table, after a task has prepared it. The items of the layer say what was written. */
export function toSqlLayer(layer: Layer, writing: SqlWriting): Layer {
  const preparation = blockwiseLayer(
    operationInfo('toSql-prepare'),
    { fn: prepareSqlStep, args: [arg.value(writing)] },
    [],
    { npartitions: 1 },
  )
  const blocks = Array.from({ length: layer.numblocks[0]! }, (_, i) => ({
    inputs: [0, i, 1, 0],
    params: [i],
  }))
  const step = { fn: writeSqlStep, args: [arg.param(0), arg.value(writing)] }
  return indexedLayer(operationInfo('toSql'), step, [layer, preparation], blocks)
}
