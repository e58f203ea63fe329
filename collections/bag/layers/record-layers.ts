/** The layers of bags of records: JSON and CSV. */
import type { BlockParam, Layer } from '../../../core/graph/layer.js'
import { type Arg, arg } from '../../../core/graph/recipe.js'
import {
  blockwiseLayer,
  indexedLayer,
  operationInfo,
  stepLayer,
} from '../../base/layer-builders.js'
import { functionArg } from '../../base/step-arguments.js'
import type { TextRange } from '../io/text-format.js'
import type { ReadArrowPlan } from '../records/arrow-file-plan.js'
import { readArrowStep } from '../records/arrow-file-steps.js'
import type { ReadAvroPlan } from '../records/avro-plan.js'
import { readAvroStep } from '../records/avro-steps.js'
import type { CsvFormat } from '../records/csv-source.js'
import type { DirtyRecords } from '../records/dirty-records.js'
import type { JsonFormat } from '../records/json-source.js'
import type { ReadParquetPlan } from '../records/parquet-plan.js'
import { readParquetStep } from '../records/parquet-steps.js'
import type { RecordPlan } from '../records/read-records-plan.js'
import { csvBordersStep, readCsvStep, readJsonStep, scanCsvStep } from '../records/record-steps.js'
import { writeRecordsStep } from '../records/write-records.js'
import type { WriteRecordsPlan } from '../records/write-records-plan.js'

/** The arguments of a step that reads records: the format, a schema, and what the name of the layer depends on. */
function readerArguments<F>(
  { files, format, onError, validate }: RecordPlan<F>,
  yields: DirtyRecords['yields'],
): Arg[] {
  const changed = files.map((file) => file.changed)
  const whole = { ...format, onError: onError === 'raise' ? 'raise' : 'skip', yields }
  const schema =
    validate === undefined ? arg.value(undefined) : functionArg(validate, 'readers', 'schema')
  return [arg.value(whole), schema, arg.value(changed)]
}

/** Reads the records in files of Parquet. */
export function readParquetLayer({ files, partitions, columns, filter }: ReadParquetPlan): Layer {
  const changed = files.map((file) => file.changed)
  const step = {
    fn: readParquetStep,
    args: [arg.param(0), arg.value(columns), arg.value(filter), arg.value(changed)],
  }
  const params = [{ kind: 'values', values: partitions } as const]
  const options = { npartitions: partitions.length, params }
  return blockwiseLayer(operationInfo('readParquet'), step, [], options)
}

/** Reads the records in files of Arrow. */
export function readArrowLayer({ files, partitions, columns }: ReadArrowPlan): Layer {
  const changed = files.map((file) => file.changed)
  const step = { fn: readArrowStep, args: [arg.param(0), arg.value(columns), arg.value(changed)] }
  const params = [{ kind: 'values', values: partitions } as const]
  const options = { npartitions: partitions.length, params }
  return blockwiseLayer(operationInfo('readArrow'), step, [], options)
}

/** Reads the values in files of Avro. */
export function readAvroLayer({ files, partitions, columns }: ReadAvroPlan): Layer {
  const changed = files.map((file) => file.changed)
  const step = { fn: readAvroStep, args: [arg.param(0), arg.value(columns), arg.value(changed)] }
  const params = [{ kind: 'values', values: partitions } as const]
  const options = { npartitions: partitions.length, params }
  return blockwiseLayer(operationInfo('readAvro'), step, [], options)
}

/** Writes every partition to a file. The items of the layer say what was written. */
export function writeRecordsLayer(
  layer: Layer,
  { files, formats, partitionBy }: WriteRecordsPlan<unknown>,
  operation: string,
  fn: Function = writeRecordsStep,
): Layer {
  const params: BlockParam[] = [
    { kind: 'values', values: files },
    { kind: 'values', values: formats },
  ]
  const step = { fn, args: [arg.param(0), arg.param(1), arg.value(partitionBy)] }
  return stepLayer(layer, operationInfo(operation), step, { params })
}

/** Reads the values in files of JSON, or those that cannot be read. */
export function readJsonLayer(plan: RecordPlan<JsonFormat>, yields: DirtyRecords['yields']): Layer {
  const { partitions } = plan
  const step = { fn: readJsonStep, args: [arg.param(0), ...readerArguments(plan, yields)] }
  const params = [{ kind: 'values', values: partitions } as const]
  const options = { npartitions: partitions.length, params }
  return blockwiseLayer(operationInfo('readJson'), step, [], options)
}

/** Reads the records in files of CSV, or those that cannot be read. */
export function readCsvLayer(plan: RecordPlan<CsvFormat>, yields: DirtyRecords['yields']): Layer {
  const { partitions, format } = plan
  const args = readerArguments(plan, yields)
  const step = { fn: readCsvStep, args: [arg.param(0), arg.param(1), ...args] }
  const isCut = (ranges: readonly TextRange[]): boolean => ranges[0]!.start > 0
  const needsBorders = format.newlinesInFields && partitions.some(isCut)
  const borders = needsBorders ? bordersLayer(plan, args) : undefined
  const blocks = partitions.map((ranges) => {
    const file = borders?.files.get(ranges[0]!.path)
    const position = file?.ranges.indexOf(ranges[0]!) ?? 0
    return {
      inputs: file === undefined || position <= 0 ? [] : [0, file.block],
      params: [ranges, position],
    }
  })
  const dependencies = borders === undefined ? [] : [borders.layer]
  return indexedLayer(operationInfo('readCsv'), step, dependencies, blocks, { gather: true })
}

/** A file that is cut, and the block that has its borders. */
interface CutFile {
  readonly ranges: TextRange[]
  readonly block: number
}

/** Finds out where the records of ranges start, in files that are cut: one block for each file. */
function bordersLayer(
  { partitions }: RecordPlan<CsvFormat>,
  [format, , changed]: readonly Arg[],
): { readonly layer: Layer; readonly files: ReadonlyMap<string, CutFile> } {
  const byPath = new Map<string, TextRange[]>()
  for (const ranges of partitions) {
    for (const range of ranges) byPath.set(range.path, [...(byPath.get(range.path) ?? []), range])
  }
  const cut = [...byPath].filter(([, ranges]) => ranges.length > 1)
  // The last range of a file leads to no other.
  const scanned = cut.flatMap(([, ranges]) => ranges.map((range) => [range]))
  const scans = blockwiseLayer(
    operationInfo('readCsv-scan'),
    { fn: scanCsvStep, args: [arg.param(0), format!, changed!] },
    [],
    { npartitions: scanned.length, params: [{ kind: 'values', values: scanned }] },
  )
  let first = 0
  const blocks = cut.map(([, ranges]) => {
    const inputs = ranges.flatMap((_, i) => [0, first + i])
    first += ranges.length
    return { inputs }
  })
  const step = { fn: csvBordersStep }
  const layer = indexedLayer(operationInfo('readCsv-borders'), step, [scans], blocks, {
    gather: true,
  })
  const files = new Map(cut.map(([path, ranges], block) => [path, { ranges, block }]))
  return { layer, files }
}
