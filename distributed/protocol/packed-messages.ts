/**
 * The short forms of the messages of which each call needs one: lists of a number for the kind and the fields in a fixed
 * order, with null for empty columns and lists. Messages about one task then fit into 128 bytes, which zeromq copies;
 * larger ones it passes on by reference, and wakes the sender to release them.
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
    tasks: orEmpty(fields[1], noNumbers),
    attempts: orEmpty(fields[2], noNumbers),
    recipes: orEmpty(fields[3], noNumbers),
    inputEnd: orEmpty(fields[4], noNumbers),
    inputs: orEmpty(fields[5], noNumbers),
    inputAttempts: orEmpty(fields[6], noNumbers),
    holders: orEmpty(fields[7], noNumbers),
    inputBytes: orEmpty(fields[8], noFloats),
    params: orEmpty(fields[9], none),
    paramEnd: orEmpty(fields[10], noNumbers),
    timeouts: orEmpty(fields[11], noDoubles),
    acquire: orEmpty(fields[12], noNumbers),
    deliver: orEmpty(fields[13], noNumbers),
    keys: orEmpty(fields[14], none),
    newRecipes: orEmpty(fields[15], none),
    bundles: orEmpty(fields[16], none),
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
    tasks: orEmpty(fields[1], noNumbers),
    attempts: orEmpty(fields[2], noNumbers),
    nbytes: orEmpty(fields[3], noDoubles),
    durations: orEmpty(fields[4], noFloats),
    delivered: orEmpty(fields[5], noNumbers),
    values: orEmpty(fields[6], none),
    bundles: orEmpty(fields[7], none),
  }
}

/** Returns a column or list, or null if it is empty. */
function given<C extends { readonly length: number }>(column: C | undefined): C | null | undefined {
  return column?.length === 0 ? null : column
}

/** Returns a field, or the empty column or list that null stands for. A field that is missing stays so. */
function orEmpty(field: unknown, empty: unknown): unknown {
  return field === null ? empty : field
}

const noFloats = new Float32Array(0)
const noDoubles = new Float64Array(0)
const none: readonly never[] = []
