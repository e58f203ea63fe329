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
import type { Unpackr } from 'msgpackr'
import { lazyPackage } from '../../core/base/lazy-package.js'
import { decode, encode } from '../../core/codec/index.js'
import { type MessageShapes, matchesShape } from '../protocol/field-kinds.js'
import type { Envelope } from '../protocol/index.js'
import { packMessage, unpackMessage } from '../protocol/packed-messages.js'
import { readHeader, unsupported } from './header-reader.js'
import { HeaderWriter } from './header-writer.js'

const writer = new HeaderWriter()
/** Reads the headers of other writers. */
let general: Unpackr | undefined
/** Without a native part, which only strings of long messages would need. */
const msgpackr = lazyPackage<typeof import('msgpackr')>('msgpackr/index-no-eval')

function generalReader(): Unpackr {
  general ??= new (msgpackr().Unpackr)({ useRecords: false, moreTypes: true })
  return general
}

const noEnvelope = 'is not an envelope'

/** Longer headers are invalid: large values are in the frames that follow. */
const longestHeader = 1 << 24

/** Encodes an envelope as frames. Its messages must not be changed afterwards. */
export function toFrames<M>({ session, number, messages }: Envelope<M>): Uint8Array[] {
  const bulk: M[] = []
  writer.begin(session, number, messages.length)
  for (const message of messages) if (!writer.message(packMessage(message))) bulk.push(message)
  const header = writer.finish()
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
    if (read === unsupported) read = generalReader().unpack(header)
    bulk = head === undefined ? [] : decode({ head, buffers })
  } catch {
    return none('did not parse')
  }
  if (!Array.isArray(read) || read.length !== 3 || !Array.isArray(bulk)) return none(noEnvelope)
  const [session, number, plain] = read as unknown[]
  if (typeof session !== 'string' || !Number.isSafeInteger(number)) return none(noEnvelope)
  if (!Array.isArray(plain)) return none(noEnvelope)
  let next = 0
  const messages: unknown[] = plain.map((message) =>
    message === null ? (bulk as unknown[])[next++] : unpackMessage(message),
  )
  if (next !== bulk.length) return none(noEnvelope)
  if (!messages.every((message) => matchesShape(message, shapes))) {
    return none('is of an unknown kind, or lacks a field of its kind')
  }
  return { session, number: number as number, messages: messages as M[] }
}
