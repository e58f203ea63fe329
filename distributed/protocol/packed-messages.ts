/**
 * The short forms of the messages of which each call needs one: lists of a number for the kind and the fields in a fixed
 * order, with null for empty columns and lists, and plain lists for short columns. Messages about one task then fit into 128
 * bytes, which zeromq copies; larger ones it passes on by reference, and wakes the sender to release them.
 */
import { noNumbers } from '../../core/base/short-columns.js'
import type { Compute, Finished } from './worker-messages.js'

const [compute, finished] = [1, 2]

/** Returns the short form of a message of one of these kinds, and any other message as it is. */
export function packMessage(message: unknown): unknown {
  switch ((message as { readonly op?: unknown } | null)?.op) {
    case 'compute':
      return packCompute(message as Compute)
    case 'finished':
      return packFinished(message as Finished)
    default:
      return message
  }
}

/** Returns the message of a short form, and anything else as it is. Its fields are not checked. */
export function unpackMessage(packed: unknown): unknown {
  if (!Array.isArray(packed)) return packed
  const fields = packed as readonly unknown[]
  if (fields[0] === compute) return unpackCompute(fields)
  if (fields[0] === finished) return unpackFinished(fields)
  return packed
}

function packCompute(message: Compute): unknown[] {
  return [
    compute,
    given(message.tasks),
    given(message.attempts),
    given(message.recipes),
    given(message.inputEnd),
    given(message.inputs),
    given(message.inputAttempts),
    given(message.holders),
    given(message.inputBytes),
    given(message.params),
    given(message.paramEnd),
    given(message.timeouts),
    given(message.acquire),
    given(message.deliver),
    given(message.keys),
    given(message.newRecipes),
    given(message.bundles),
  ]
}

function unpackCompute(fields: readonly unknown[]): unknown {
  return {
    op: 'compute',
    tasks: column(fields[1], Int32Array),
    attempts: column(fields[2], Int32Array),
    recipes: column(fields[3], Int32Array),
    inputEnd: column(fields[4], Int32Array),
    inputs: column(fields[5], Int32Array),
    inputAttempts: column(fields[6], Int32Array),
    holders: column(fields[7], Int32Array),
    inputBytes: column(fields[8], Float32Array),
    params: list(fields[9]),
    paramEnd: column(fields[10], Int32Array),
    timeouts: column(fields[11], Float64Array),
    acquire: column(fields[12], Int32Array),
    deliver: column(fields[13], Int32Array),
    keys: list(fields[14]),
    newRecipes: list(fields[15]),
    bundles: list(fields[16]),
  }
}

function packFinished(message: Finished): unknown[] {
  return [
    finished,
    given(message.tasks),
    given(message.attempts),
    given(message.nbytes),
    given(message.durations),
    given(message.delivered),
    given(message.values),
    given(message.bundles),
  ]
}

function unpackFinished(fields: readonly unknown[]): unknown {
  return {
    op: 'finished',
    tasks: column(fields[1], Int32Array),
    attempts: column(fields[2], Int32Array),
    nbytes: column(fields[3], Float64Array),
    durations: column(fields[4], Float32Array),
    delivered: column(fields[5], Int32Array),
    values: list(fields[6]),
    bundles: list(fields[7]),
  }
}

/** Columns of up to this many numbers become plain lists, for which MessagePack takes a fraction of the time. */
const mostInList = 16

/** Returns what stands for a column or list: null if it is empty, a plain list if it is short. */
function given(column: ArrayLike<unknown> | undefined): ArrayLike<unknown> | null | undefined {
  if (column === undefined || column.length > mostInList) return column
  if (column.length === 0) return null
  return Array.isArray(column) ? column : Array.from(column)
}

type ColumnType = Int32ArrayConstructor | Float32ArrayConstructor | Float64ArrayConstructor

/** Returns the column that a field stands for. A field that is missing, or of another kind, stays so. */
function column(field: unknown, type: ColumnType): unknown {
  if (field === null) return type === Int32Array ? noNumbers : new type(0)
  return Array.isArray(field) ? new type(field as number[]) : field
}

/** Returns the list that a field stands for. A field that is missing stays so. */
function list(field: unknown): unknown {
  return field === null ? none : field
}

const none: readonly never[] = []
