/**
 * The trailer of an extended head: the positions that are referred to, the tokens of functions, and
 * the memory of typed arrays.
 */
import type { ViewTable } from './buffers.js'
import type { Reader } from './reader.js'
import { ESCAPE, EXTENDED, HEADER_BYTES } from './tags.js'
import type { Writer } from './writer.js'

/** The first half of a trailer. */
interface Trailer {
  readonly referenced: readonly number[]
  readonly tokens: readonly string[]
}

/** Whether a head has a trailer. */
export function isExtendedHead(head: Uint8Array): boolean {
  return head[0] === ESCAPE && head[1] === EXTENDED
}

/** Writes the trailer and the first bytes of the head. Returns the buffers to send out of band. */
export function writeTrailer(
  writer: Writer,
  referenced: readonly number[],
  tokens: readonly string[],
  views: ViewTable | undefined,
  onShared: boolean,
  mayWrite: (() => boolean) | undefined,
): readonly Uint8Array[] {
  const offset = writer.pos - HEADER_BYTES
  let buffers: readonly Uint8Array[] = []
  writer.uint(referenced.length)
  // Positions ascend, so each is written as its distance from the one before.
  let last = 0
  for (const position of referenced) {
    writer.uint(position - last)
    last = position
  }
  writer.uint(tokens.length)
  for (const token of tokens) writer.string(token)
  if (views !== undefined) buffers = views.write(writer, onShared, mayWrite)
  else {
    writer.uint(0)
    writer.uint(0)
  }
  writer.bytes.set([ESCAPE, EXTENDED, 0, 0], 0)
  writer.view.setUint32(4, offset)
  return buffers
}

/** Reads the first half of the trailer; the reader is then at the table of buffers. */
export function readTrailer(reader: Reader): Trailer {
  reader.pos = 4
  const offset = reader.u32() + HEADER_BYTES
  reader.pos = 0
  reader.skip(offset)
  const referenced: number[] = []
  let position = 0
  for (let n = reader.count(); n > 0; n--) referenced.push((position += reader.uint()))
  const tokens: string[] = []
  for (let n = reader.count(); n > 0; n--) tokens.push(reader.string())
  return { referenced, tokens }
}
