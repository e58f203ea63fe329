/**
 * Converts envelopes to frames and back.
 *
 * The first frame is the header: MessagePack of `[session, number, messages]`, which any MessagePack
 * reader understands. Small messages that MessagePack represents exactly are in the header; for each
 * other message it has a null. Those messages follow in the codec's form: a head, and buffers that are
 * not copied. Short columns in the header are MessagePack extension 0x74; for a message about one task
 * this takes a fifth of the codec's time.
 *
 * Frames that do not parse, and messages without the fields that their `op` requires, give `undefined`;
 * the caller counts and drops them. The fields are checked one level deep; receivers check what numbers
 * refer to.
 */
import type { Packr } from 'msgpackr'
import { lazyPackage } from '../../core/base/lazy-package.js'
import { decode, encode } from '../../core/codec/index.js'
import { type MessageShapes, matchesShape } from '../protocol/field-kinds.js'
import type { Envelope } from '../protocol/index.js'
import { packMessage, unpackMessage } from '../protocol/packed-messages.js'
import { readHeader, unsupported } from './header-reader.js'

/** Without records, so that each message can be read by itself. The only extension written is that of typed arrays. */
let packr: Packr | undefined
/** Without a native part, which only strings of long messages would need. */
const msgpackr = lazyPackage<typeof import('msgpackr')>('msgpackr/index-no-eval')

function ourPackr(): Packr {
  packr ??= new (msgpackr().Packr)({ useRecords: false, moreTypes: true })
  return packr
}

const noEnvelope = 'is not an envelope'

/** Longer headers are invalid: large values are in the frames that follow. */
const longestHeader = 1 << 24

/** Encodes an envelope as frames. Its messages must not be changed afterwards. */
export function toFrames<M>({ session, number, messages }: Envelope<M>): Uint8Array[] {
  const bulk: M[] = []
  const inline = messages.map((message) => {
    const packed = packMessage(message)
    if (isSmall(packed)) return packed
    bulk.push(message)
    return null
  })
  // The packer's own buffer is used again for the next message, so the frame is a copy.
  const header = new Uint8Array(ourPackr().pack([session, number, inline]))
  if (bulk.length === 0) return [header]
  const { head, buffers } = encode(bulk)
  return [header, head, ...buffers]
}

/** Decodes frames. Returns undefined for invalid ones, after a call of `onFault` with the reason. */
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
    return none('has no header, or one that is too long')
  }
  let read: unknown
  let bulk: unknown
  try {
    read = readHeader(header)
    if (read === unsupported) read = ourPackr().unpack(header)
    bulk = head === undefined ? [] : decode({ head, buffers })
    if (Array.isArray(read) && Array.isArray(read[2])) read[2] = read[2].map(unpackMessage)
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
  if (!messages.every((message) => matchesShape(message, shapes))) {
    return none('is of an unknown kind, or lacks a field of its kind')
  }
  return { session, number: number as number, messages: messages as M[] }
}

/** The maximum size of a message in the header, and its maximum depth. */
const smallSize = 4096
const deepest = 8

function isSmall(message: unknown): boolean {
  return typeof message === 'object' && message !== null && sizeInside(message, 0) <= smallSize
}

/** Estimates the size of a value as MessagePack; infinite for one that MessagePack does not represent exactly. */
function sizeInside(value: unknown, depth: number): number {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? Number.POSITIVE_INFINITY : 8
    case 'boolean':
    case 'undefined':
      return 1
    case 'string':
      if (value.length > smallSize || surrogate.test(value)) return Number.POSITIVE_INFINITY
      return value.length + 2
    case 'object':
      return value === null ? 1 : sizeOfObject(value, depth)
    default:
      return Number.POSITIVE_INFINITY
  }
}

const surrogate = /\p{Surrogate}/u

function sizeOfObject(value: object, depth: number): number {
  if (depth > deepest) return Number.POSITIVE_INFINITY
  const prototype: unknown = Object.getPrototypeOf(value)
  let size = 4
  if (prototype === Array.prototype) {
    const items = value as readonly unknown[]
    for (let i = 0; i < items.length && size <= smallSize; i++) {
      size += i in items ? sizeInside(items[i], depth + 1) : Number.POSITIVE_INFINITY
    }
    return size
  }
  if (prototype === Object.prototype) {
    for (const name in value) {
      if (name === '__proto__') return Number.POSITIVE_INFINITY
      size += name.length + sizeInside((value as Record<string, unknown>)[name], depth + 1)
      if (size > smallSize) break
    }
    return size
  }
  return columnTypes.has(prototype)
    ? size + (value as Int32Array).byteLength
    : Number.POSITIVE_INFINITY
}

/**
 * The types of columns that msgpackr recognizes. Jest runs code in a context whose `Uint8Array` is that of another
 * context, and msgpackr then knows none but those of that context.
 */
const columnTypes = new Set<unknown>(
  [Int32Array, Uint8Array, Float32Array, Float64Array]
    .map((type): object => type.prototype)
    .filter((type) => Object.getPrototypeOf(type) === Object.getPrototypeOf(Uint8Array.prototype)),
)
