/**
 * The memory of typed arrays and buffers: which parts of it are sent, and how.
 *
 * The views of one encoding are collected in a table. At the end, the parts of each underlying
 * buffer that views cover become *segments*. Overlapping views share a segment, so they share
 * memory in the decoded value too, and a small view of a huge buffer does not cause the whole
 * buffer to be sent. Large segments are sent out of band, without a copy; small ones are in the
 * trailer. Resizable buffers are sent as a whole.
 */
import { types } from 'node:util'
import { DecodeError } from '../../base/errors.js'
import type { Reader } from './reader.js'
import { maxLength, tracksLength } from './resizable-buffers.js'
import { toShared } from './shared-memory.js'
import { VIEW_TYPES, type ViewType } from './tags.js'
import type { Writer } from './writer.js'

/** Segments of more than this many bytes are sent as separate buffers. */
const INLINE_LIMIT = 1024
/** Captured memory of up to this many bytes is copied for each thread. */
const COPY_UP_TO = 1 << 20
/** Ranges of one buffer that are at most this many bytes apart share a segment. */
const NEAR = 64

const OUT_OF_BAND = 1
const WHOLE = 2
const WHOLE_SHARED = 4
/** The memory is resizable; its maximum length follows. */
const RESIZABLE = 8
/** Each reader gets a copy, which it may write to. */
const COPY = 16
/** Added to the type code of a view whose length follows that of its memory. */
const LENGTH_TRACKING = 0x40

type AnyBuffer = ArrayBuffer | SharedArrayBuffer

interface View {
  readonly type: number
  readonly buffer: AnyBuffer
  readonly start: number
  readonly bytes: number
  segment: number
  offset: number
}

interface Segment {
  readonly buffer: AnyBuffer
  start: number
  end: number
  flags: number
}

const typeCodes: ReadonlyMap<string, number> = new Map(VIEW_TYPES.map((name, i) => [name, i]))

/** The views of a value being encoded. */
export class ViewTable {
  private readonly views: View[] = []

  get size(): number {
    return this.views.length
  }

  /** Adds a view and returns its index in the table. */
  add(type: ViewType, value: ArrayBufferView | AnyBuffer): number {
    const whole = !ArrayBuffer.isView(value)
    return (
      this.views.push({
        type: typeCodes.get(type)! + (whole || !tracksLength(value) ? 0 : LENGTH_TRACKING),
        buffer: whole ? value : (value.buffer as AnyBuffer),
        start: whole ? 0 : value.byteOffset,
        bytes: value.byteLength,
        segment: 0,
        offset: 0,
      }) - 1
    )
  }

  /**
   * Writes the table into the trailer and returns the buffers to send out of band. `mayWrite` tells
   * whether functions may write to the memory that they captured: then each reader gets a copy of
   * it. Readers always get copies of small captured memory.
   */
  write(writer: Writer, onShared: boolean, mayWrite: (() => boolean) | undefined): Uint8Array[] {
    const segments = this.makeSegments()
    const buffers: Uint8Array[] = []
    writer.uint(segments.length)
    for (const { buffer, start, end, flags } of segments) {
      const bytes = bytesOf(buffer, start, end)
      const inline = bytes.length <= INLINE_LIMIT
      const copied = !inline && mayWrite !== undefined && needsCopy(buffer, bytes.length, mayWrite)
      writer.u8(flags | (inline ? 0 : OUT_OF_BAND) | (copied ? COPY : 0))
      writer.uint(bytes.length)
      if ((flags & RESIZABLE) !== 0) writer.uint(maxLength(buffer)!)
      if (inline) writer.bytesOf(bytes)
      else buffers.push(onShared ? toShared(bytes) : bytes)
    }
    writer.uint(this.views.length)
    for (const { type, segment, offset, bytes } of this.views) {
      writer.u8(type)
      writer.uint(segment)
      writer.uint(offset)
      writer.uint(bytes)
    }
    return buffers
  }

  private makeSegments(): Segment[] {
    const byBuffer = new Map<AnyBuffer, View[]>()
    for (const view of this.views) {
      const list = byBuffer.get(view.buffer)
      if (list === undefined) byBuffer.set(view.buffer, [view])
      else list.push(view)
    }
    const segments: Segment[] = []
    for (const [buffer, views] of byBuffer) {
      if (views.length > 1) views.sort((a, b) => a.start - b.start)
      let segment = wholeIfResizable(buffer)
      if (segment !== undefined) segments.push(segment)
      for (const view of views) {
        const end = view.start + view.bytes
        // A segment starts at a multiple of 8, so that aligned views stay aligned.
        if (segment === undefined || view.start > segment.end + NEAR) {
          segment = { buffer, start: view.start - (view.start % 8), end, flags: 0 }
          segments.push(segment)
        } else if (end > segment.end) segment.end = end
        if (VIEW_TYPES[view.type] === 'ArrayBuffer') segment.flags |= WHOLE
        else if (VIEW_TYPES[view.type] === 'SharedArrayBuffer') segment.flags |= WHOLE_SHARED
        view.segment = segments.length - 1
        view.offset = view.start - segment.start
      }
    }
    return segments
  }
}

/** Returns a segment of the whole buffer if it is resizable; undefined otherwise. */
function wholeIfResizable(buffer: AnyBuffer): Segment | undefined {
  if (maxLength(buffer) === undefined) return undefined
  const flags = RESIZABLE | (types.isArrayBuffer(buffer) ? WHOLE : WHOLE_SHARED)
  return { buffer, start: 0, end: buffer.byteLength, flags }
}

/** Whether each thread gets its own copy of captured memory. Shared memory stays shared. */
function needsCopy(buffer: AnyBuffer, bytes: number, mayWrite: () => boolean): boolean {
  return !types.isSharedArrayBuffer(buffer) && (bytes <= COPY_UP_TO || mayWrite())
}

interface BufferPosition {
  readonly buffer: AnyBuffer
  readonly start: number
}

interface ReadSegment {
  readonly flags: number
  readonly bytes: Uint8Array
  /** The maximum length of the memory in bytes, if it is resizable. */
  readonly max: number | undefined
  /** The alignment that the views need, in bytes. */
  align: number
  located: BufferPosition | undefined
}

interface ReadView {
  readonly type: ViewType
  readonly tracks: boolean
  readonly segment: ReadSegment
  readonly offset: number
  readonly bytes: number
}

type ViewConstructor = (new (
  buffer: AnyBuffer,
  offset: number,
  length?: number,
) => ArrayBufferView) & { readonly BYTES_PER_ELEMENT: number }

/** The views of a value being decoded. They alias the buffers of the value. */
export class ViewReader {
  private readonly views: ReadView[] = []

  /** Reads the table from a trailer. */
  constructor(reader: Reader, buffers: readonly Uint8Array[]) {
    const segments: ReadSegment[] = []
    let outOfBand = 0
    const count = reader.count(2)
    for (let i = 0; i < count; i++) {
      const flags = reader.u8()
      const length = reader.uint()
      const max = (flags & RESIZABLE) !== 0 ? reader.uint() : undefined
      let bytes: Uint8Array
      if ((flags & OUT_OF_BAND) !== 0) {
        const buffer = buffers[outOfBand++]
        if (buffer === undefined || buffer.byteLength !== length)
          throw new DecodeError('The buffers are not those that the value was encoded with')
        bytes = buffer
      } else {
        const start = reader.skip(length)
        bytes = reader.bytes.subarray(start, start + length)
      }
      segments.push({ flags, bytes, max, align: 1, located: undefined })
    }
    if (outOfBand !== buffers.length)
      throw new DecodeError('There are more buffers than the value was encoded with')
    const viewCount = reader.count(4)
    for (let i = 0; i < viewCount; i++) {
      const code = reader.u8()
      const type = VIEW_TYPES[code & ~LENGTH_TRACKING]
      const segment = segments[reader.uint()]
      const offset = reader.uint()
      const bytes = reader.uint()
      if (type === undefined || segment === undefined || offset + bytes > segment.bytes.byteLength)
        throw new DecodeError('A typed array lies outside its buffer')
      segment.align = Math.max(segment.align, constructorOf(type)?.BYTES_PER_ELEMENT ?? 1)
      const tracks = (code & LENGTH_TRACKING) !== 0 && segment.max !== undefined
      this.views.push({ type, tracks, segment, offset, bytes })
    }
  }

  /** Returns a new view object for an index of the table. */
  get(index: number): ArrayBufferView | AnyBuffer {
    const view = this.views[index]
    if (view === undefined) throw new DecodeError('A typed array is missing from the table')
    const { type, tracks, segment, offset, bytes } = view
    if (type === 'ArrayBuffer') return wholeBuffer(segment)
    if (type === 'SharedArrayBuffer') return wholeBuffer(segment)
    if (type === 'DataView' || type === 'Buffer') {
      const { buffer, start } = locate(segment)
      return type === 'DataView'
        ? new DataView(buffer as ArrayBuffer, start + offset, tracks ? undefined : bytes)
        : Buffer.from(buffer as ArrayBuffer, start + offset, bytes)
    }
    const Class = constructorOf(type)
    if (Class === undefined) throw new DecodeError(`This version of Node has no ${type}`)
    const size = Class.BYTES_PER_ELEMENT
    if (bytes % size !== 0) throw new DecodeError(`${bytes} bytes do not make a ${type}`)
    const { buffer, start } = locate(segment)
    if (tracks) return new Class(buffer, start + offset)
    return new Class(buffer, start + offset, bytes / size)
  }
}

function constructorOf(type: ViewType): ViewConstructor | undefined {
  return (globalThis as unknown as Record<string, ViewConstructor | undefined>)[type]
}

/**
 * Returns the buffer and offset of a segment's bytes. If a whole buffer is among the segment's
 * views, returns that buffer.
 */
function locate(segment: ReadSegment): BufferPosition {
  if (segment.located === undefined) {
    const { bytes, flags } = segment
    const buffer = bytes.buffer as AnyBuffer
    const kind = (flags & WHOLE) !== 0 ? ArrayBuffer : SharedArrayBuffer
    const needsWhole = (flags & (WHOLE | WHOLE_SHARED)) !== 0
    // Bytes inside the head are copied out of it, and misaligned bytes are copied to aligned
    // memory.
    const inline =
      (flags & (OUT_OF_BAND | COPY)) !== OUT_OF_BAND || bytes.byteOffset % segment.align !== 0
    if (segment.max !== undefined)
      segment.located = {
        buffer: copyTo(newResizable(kind, bytes.length, segment.max), bytes),
        start: 0,
      }
    else if (
      needsWhole &&
      (inline || buffer.byteLength !== bytes.byteLength || !(buffer instanceof kind))
    )
      segment.located = { buffer: copyTo(new kind(bytes.byteLength), bytes), start: 0 }
    else if (inline)
      segment.located = { buffer: copyTo(new ArrayBuffer(bytes.byteLength), bytes), start: 0 }
    else segment.located = { buffer, start: bytes.byteOffset }
  }
  return segment.located
}

function wholeBuffer(segment: ReadSegment): AnyBuffer {
  return locate(segment).buffer
}

function newResizable(
  kind: typeof ArrayBuffer | typeof SharedArrayBuffer,
  length: number,
  max: number,
) {
  const Class = kind as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => AnyBuffer
  return new Class(length, { maxByteLength: max })
}

function copyTo(target: AnyBuffer, bytes: Uint8Array): AnyBuffer {
  new Uint8Array(target as ArrayBuffer).set(bytes)
  return target
}

/**
 * Returns a part of a memory as bytes. Node 20 limits byte arrays, but not other typed arrays, to 4
 * GB.
 */
function bytesOf(buffer: ArrayBufferLike, start: number, end: number): Uint8Array {
  try {
    return new Uint8Array(buffer, start, end - start)
  } catch (error) {
    throw new RangeError(
      `An array of ${end - start} bytes is larger than 4 GB (${2 ** 32} bytes), the limit for one buffer: split it`,
      { cause: error },
    )
  }
}
