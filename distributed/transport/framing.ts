/**
 * Bytes to envelopes and back.
 *
 * The first frame is MessagePack, `[session, number, messages]`, readable by any peer or tool that
 * knows MessagePack: each message that is small and that MessagePack keeps right, and a null for each
 * other one. Those follow in the codec's form, a head and its buffers as they are, not copied. Short
 * columns go inside a message, as MessagePack extension 0x74: for a single task that costs a fifth of
 * what the codec does, whose strength is what is large.
 * What does not parse, or is not of the form its `op` promises, gives `undefined`: the caller counts
 * and drops it. Messages are checked one level deep; what numbers mean is for the receiver to check.
 */
import { Packr } from 'msgpackr'
import { decode, encode } from '../../core/codec/index.js'
import { type MessageShapes, matchesShape } from '../protocol/field-kinds.js'
import type { Envelope } from '../protocol/index.js'
import { readHeader, unsupported } from './small-messages.js'

/** No records: a message can be read by itself. Of extensions only that of typed arrays is written. */
const packr = new Packr({ useRecords: false, moreTypes: true })

const noEnvelope = 'is no envelope'

/** Longer first frames are nobody's: what is large travels as values. */
const longestHeader = 1 << 24

/** An envelope as frames to be sent; what is in it must not be changed afterwards. */
export function toFrames<M>({ session, number, messages }: Envelope<M>): Uint8Array[] {
  const bulk: M[] = []
  const inline = messages.map((message) => {
    if (isSmall(message)) return message
    bulk.push(message)
    return null
  })
  // The packer's own buffer is used again for the next message, so the frame is a copy.
  const header = new Uint8Array(packr.pack([session, number, inline]))
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
    read = readHeader(header)
    if (read === unsupported) read = packr.unpack(header)
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
  if (!messages.every((message) => matchesShape(message, shapes))) {
    return none('is of no kind that is known here, or lacks what is of its kind')
  }
  return { session, number: number as number, messages: messages as M[] }
}

/** What a message inside the first frame may be made of: bytes, characters, and a few for each other part. */
const smallSize = 4096
const deepest = 8

function isSmall(message: unknown): boolean {
  return typeof message === 'object' && message !== null && sizeInside(message, 0) <= smallSize
}

/** About how large a value is as MessagePack; infinite for one that MessagePack does not keep right. */
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

const columnTypes = new Set<unknown>(
  [Int32Array, Uint8Array, Float32Array, Float64Array].map((type) => type.prototype),
)
