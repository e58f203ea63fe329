/**
 * Envelopes as objects, which replace the bytes of `distributed/transport/framing.ts`. They are copied as
 * deep as anybody writes to them, so that sent messages do not change. Some seeds play with real bytes.
 */
import { Packr } from 'msgpackr'
import { vi } from 'vitest'
import { type MessageShapes, matchesShape } from '../../distributed/protocol/field-kinds.js'
import type { Envelope } from '../../distributed/protocol/index.js'
import { currentWorld } from './current-world.js'

type Wire = typeof import('../../distributed/transport/framing.js')
const real = await vi.importActual<Wire>('../../distributed/transport/framing.js')

const packr = new Packr({ useRecords: false, moreTypes: false })

export function toFrames<M>(envelope: Envelope<M>): Uint8Array[] {
  if (currentWorld().conditions.usesBytes) return real.toFrames(envelope)
  return [{ ...envelope, messages: envelope.messages.map(copyOf) } as unknown as Uint8Array]
}

export function fromFrames<M>(
  frames: readonly Uint8Array[],
  shapes: MessageShapes,
  onFault?: (fault: string) => void,
): Envelope<M> | undefined {
  if (frames[0] instanceof Uint8Array) return real.fromFrames(frames, shapes, onFault)
  const envelope = frames[0] as unknown as Envelope<M>
  if (envelope.messages.every((message) => matchesShape(message, shapes))) return envelope
  currentWorld().failIf(`a message does not have the shape of its kind: ${contentOf(frames)}`)
  return undefined
}

/** Copies a message with its columns. */
function copyOf<M>(message: M): M {
  const copy: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(message as Record<string, unknown>)) {
    const isColumn = ArrayBuffer.isView(field) || Array.isArray(field)
    copy[name] = isColumn ? (field as Uint8Array).slice() : field
  }
  return copy as M
}

/** Describes the content of an envelope, for the trace. */
export function contentOf(frames: readonly Uint8Array[]): string {
  const [first] = frames
  const isBytes = first instanceof Uint8Array
  const { number, messages } = isBytes ? unpacked(first) : (first as unknown as Envelope<Op>)
  return `${number} [${messages.map((message) => message?.op ?? 'with values').join()}]`
}

type Op = { readonly op: string } | null

function unpacked(header: Uint8Array): Pick<Envelope<Op>, 'number' | 'messages'> {
  const [, number, messages] = packr.unpack(header) as [string, number, Op[]]
  return { number, messages }
}
