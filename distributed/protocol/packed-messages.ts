/**
 * The short forms of the messages that each call needs: lists of a number for the kind and the fields in a fixed order,
 * with null for empty columns and lists, and plain lists for short columns. Messages about one task then fit into 128
 * bytes, which zeromq copies; larger ones it passes on by reference, and wakes the sender to release them.
 */
import { noNumbers } from '../../core/base/short-columns.js'
import type { Compute, Finished } from './worker-messages.js'

type ColumnType = Int32ArrayConstructor | Float32ArrayConstructor | Float64ArrayConstructor

/** How a field is restored: as a column of a type, or as the list that it is. */
type FieldType = ColumnType | 'list'

/** The fields of a message in the order of its short form. */
type ShortForm<M> = {
  readonly [F in Exclude<keyof M, 'op'>]-?: NonNullable<M[F]> extends Int32Array
    ? Int32ArrayConstructor
    : NonNullable<M[F]> extends Float32Array
      ? Float32ArrayConstructor
      : NonNullable<M[F]> extends Float64Array
        ? Float64ArrayConstructor
        : 'list'
}

const compute: ShortForm<Compute> = {
  tasks: Int32Array,
  attempts: Int32Array,
  recipes: Int32Array,
  inputEnd: Int32Array,
  inputs: Int32Array,
  inputAttempts: Int32Array,
  holders: Int32Array,
  inputBytes: Float32Array,
  params: 'list',
  paramEnd: Int32Array,
  timeouts: Float64Array,
  acquire: Int32Array,
  deliver: Int32Array,
  keys: 'list',
  newRecipes: 'list',
  bundles: 'list',
}

const finished: ShortForm<Finished> = {
  tasks: Int32Array,
  attempts: Int32Array,
  nbytes: Float64Array,
  durations: Float32Array,
  delivered: Int32Array,
  values: 'list',
  bundles: 'list',
}

/** The kinds with a short form, whose numbers are their places here. */
const forms = Object.entries({ compute, finished }).map(([op, fields]) => ({
  op,
  fields: Object.entries<FieldType>(fields),
}))

/** Returns the short form of a message of one of these kinds, and any other message as it is. */
export function packMessage(message: unknown): unknown {
  const op = (message as { readonly op?: unknown } | null)?.op
  const kind = forms.findIndex((form) => form.op === op)
  if (kind < 0) return message
  const packed: unknown[] = [kind]
  for (const [name] of forms[kind]!.fields)
    packed.push(shortened((message as Record<string, ArrayLike<unknown> | undefined>)[name]))
  return packed
}

/**
 * Returns the message of a short form, and anything else as it is. Its fields are not checked.
 *
 * @throws TypeError if a column has something that is no number.
 */
export function unpackMessage(packed: unknown): unknown {
  if (!Array.isArray(packed)) return packed
  const form = forms[packed[0] as number]
  if (form === undefined) return packed
  const message: Record<string, unknown> = { op: form.op }
  let at = 1
  for (const [name, type] of form.fields) message[name] = restored(packed[at++], type)
  return message
}

/** Columns of up to this many numbers become plain lists, for which MessagePack takes a fraction of the time. */
const mostInList = 16

/** Returns null for an empty column or list, a plain list for a short column, and anything else as it is. */
function shortened(column: ArrayLike<unknown> | undefined): ArrayLike<unknown> | null | undefined {
  if (column === undefined || column.length > mostInList) return column
  if (column.length === 0) return null
  if (Array.isArray(column)) return column
  // `Array.from` takes several times as long.
  const list: unknown[] = []
  for (let i = 0; i < column.length; i++) list.push(column[i])
  return list
}

/** Returns the column or list for a field of a short form. A field that is missing, or of another kind, stays so. */
function restored(field: unknown, type: FieldType): unknown {
  if (type === 'list') return field === null ? none : field
  if (field === null) return type === Int32Array ? noNumbers : new type(0)
  return Array.isArray(field) ? new type(field as number[]) : field
}

const none: readonly never[] = []
