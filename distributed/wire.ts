/**
 * Bytes to envelopes and back.
 *
 * The first frame is the codec's head, the others are its buffers as they are, not copied. What does
 * not parse, or is not of the form its `op` promises, gives `undefined`: the caller counts and drops
 * it. Messages are checked one level deep; what numbers mean is for the receiver to check.
 */
import { decode, encode } from '../core/codec/index.js'
import type { Envelope } from './protocol.js'

/** An envelope as frames to be sent; what is in it must not be changed afterwards. */
export function toFrames<M>({ session, number, messages }: Envelope<M>): Uint8Array[] {
  const { head, buffers } = encode([session, number, messages])
  return [head, ...buffers]
}

/** The envelope that frames hold, or undefined if they hold none. */
export function fromFrames<M>(
  frames: readonly Uint8Array[],
  shapes: MessageShapes,
): Envelope<M> | undefined {
  const [head, ...buffers] = frames
  if (head === undefined) return undefined
  let read: unknown
  try {
    read = decode({ head, buffers })
  } catch {
    return undefined
  }
  if (!Array.isArray(read) || read.length !== 3) return undefined
  const [session, number, messages] = read as unknown[]
  if (typeof session !== 'string' || !Number.isSafeInteger(number)) return undefined
  if (!Array.isArray(messages) || !messages.every((message) => fits(message, shapes))) {
    return undefined
  }
  return { session, number: number as number, messages: messages as M[] }
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

/** For each `op` the fields of its messages. */
export type MessageShapes = Readonly<Record<string, Readonly<Record<string, FieldKind>>>>

function fits(message: unknown, shapes: MessageShapes): boolean {
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
