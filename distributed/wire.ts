/**
 * Bytes to envelopes and back.
 *
 * The first frame is MessagePack, `[session, number, messages]`: all of a message that is numbers and
 * words, readable by any peer or tool that knows MessagePack, and a null for each message that
 * carries values. Those follow in the codec's form, a head and its buffers as they are, not copied;
 * values are for the codec alone, since MessagePack does not keep them right (-0, sharing, cycles).
 * What does not parse, or is not of the form its `op` promises, gives `undefined`: the caller counts
 * and drops it. Messages are checked one level deep; what numbers mean is for the receiver to check.
 */
import { Packr } from 'msgpackr'
import { decode, encode } from '../core/codec/index.js'
import type { Envelope } from './protocol.js'

/** No records and no extensions: what comes from outside can be nothing but plain data. */
const packr = new Packr({ useRecords: false, moreTypes: false })

const noEnvelope = 'is no envelope'

/** Longer first frames are nobody's: what is large travels as values. */
const longestHeader = 1 << 24

/** An envelope as frames to be sent; what is in it must not be changed afterwards. */
export function toFrames<M>({ session, number, messages }: Envelope<M>): Uint8Array[] {
  const bulk = messages.filter((message) => !isPlainMessage(message))
  const plain =
    bulk.length === 0
      ? messages
      : messages.map((message) => (bulk.includes(message) ? null : message))
  // The packer's own buffer is used again for the next message, so the frame is a copy.
  const header = Uint8Array.from(packr.pack([session, number, plain]))
  if (bulk.length === 0) return [header]
  const { head, buffers } = encode(bulk)
  return [header, head, ...buffers]
}

/** The envelope that frames hold, or undefined if they hold none; `onFault` is told why then. */
export function fromFrames<M>(
  frames: readonly Uint8Array[],
  shapes: MessageShapes,
  onFault?: (fault: string) => void,
): Envelope<M> | undefined {
  const none = (fault: string): undefined => {
    onFault?.(fault)
    return undefined
  }
  const [header, head, ...buffers] = frames
  if (header === undefined || header.byteLength > longestHeader) {
    return none('begins with nothing that a message can begin with')
  }
  let read: unknown
  let bulk: unknown
  try {
    read = packr.unpack(header)
    bulk = head === undefined ? [] : decode({ head, buffers })
  } catch {
    return none('did not parse')
  }
  if (!Array.isArray(read) || read.length !== 3 || !Array.isArray(bulk)) return none(noEnvelope)
  const [session, number, plain] = read as unknown[]
  if (typeof session !== 'string' || !Number.isSafeInteger(number)) return none(noEnvelope)
  if (!Array.isArray(plain)) return none(noEnvelope)
  let next = 0
  const messages: unknown[] = plain.map((message) => message ?? (bulk as unknown[])[next++])
  if (next !== bulk.length) return none(noEnvelope)
  if (!messages.every((message) => fits(message, shapes))) {
    return none('is of no kind that is known here, or lacks what is of its kind')
  }
  return { session, number: number as number, messages: messages as M[] }
}

/** Whether MessagePack keeps a message right: numbers, words and flags, or objects of these. */
function isPlainMessage(message: unknown, depth = 0): boolean {
  if (typeof message !== 'object' || message === null) return false
  if (Object.getPrototypeOf(message) !== Object.prototype) return false
  for (const field of Object.values(message)) {
    const kind = typeof field
    if (kind === 'number' || kind === 'boolean') continue
    if (kind === 'string' && !/\p{Surrogate}/u.test(field as string)) continue
    if (kind === 'object' && depth === 0 && isPlainMessage(field, 1)) continue
    return false
  }
  return true
}

/** What a field of a message holds. */
export type FieldKind =
  | 'number'
  | 'text'
  | 'flag'
  | 'int32'
  | 'uint8'
  | 'float32'
  | 'float64'
  | 'list'
  | 'value'
  | 'encoded'
  | 'bundles'
  | 'object'
  | 'any'

/** For each `op` the fields of its messages. */
export type MessageShapes = Readonly<Record<string, Readonly<Record<string, FieldKind>>>>

/** Whether a message has the fields that its `op` promises. */
export function fits(message: unknown, shapes: MessageShapes): boolean {
  if (typeof message !== 'object' || message === null) return false
  const fields = message as Record<string, unknown>
  const { op } = fields
  if (typeof op !== 'string' || !Object.hasOwn(shapes, op)) return false
  const shape = shapes[op]!
  for (const name in shape) if (!checks[shape[name]!](fields[name])) return false
  return true
}

const checks: Record<FieldKind, (value: unknown) => boolean> = {
  number: (value) => typeof value === 'number',
  text: (value) => typeof value === 'string',
  flag: (value) => typeof value === 'boolean',
  int32: (value) => value instanceof Int32Array,
  uint8: (value) => value instanceof Uint8Array,
  float32: (value) => value instanceof Float32Array,
  float64: (value) => value instanceof Float64Array,
  list: (value) => Array.isArray(value),
  value: isStored,
  encoded: isEncodedBytes,
  bundles: (value) =>
    Array.isArray(value) &&
    value.every(
      (item) => Array.isArray(item) && typeof item[0] === 'string' && isEncodedBytes(item[1]),
    ),
  object: (value) => typeof value === 'object' && value !== null,
  any: () => true,
}

/** Whether a value is one at rest: a primitive or encoded bytes. */
export function isStored(value: unknown): boolean {
  return typeof value !== 'object' || value === null || isEncodedBytes(value)
}

function isEncodedBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { head, buffers, bundles } = value as Record<string, unknown>
  return (
    head instanceof Uint8Array &&
    Array.isArray(buffers) &&
    buffers.every((buffer) => buffer instanceof Uint8Array) &&
    Array.isArray(bundles) &&
    bundles.every((token) => typeof token === 'string')
  )
}
