/**
 * Properties of resizable and detached buffers, which must be known before their bytes are sent.
 */

type AnyBuffer = ArrayBuffer | SharedArrayBuffer

interface Resizable {
  readonly resizable?: boolean
  readonly growable?: boolean
  readonly maxByteLength?: number
  resize?(length: number): void
}

/**
 * Returns the maximum length of a resizable buffer in bytes; undefined for buffers of fixed length.
 */
import { types } from 'node:util'
export function maxLength(buffer: AnyBuffer): number | undefined {
  const { resizable, growable, maxByteLength } = buffer as Resizable
  return resizable === true || growable === true ? maxByteLength : undefined
}

/** Whether a buffer was detached: its memory was transferred elsewhere. */
export function isDetached(buffer: AnyBuffer): boolean {
  if (buffer.byteLength > 0) return false
  try {
    new Uint8Array(buffer as ArrayBuffer)
    return false
  } catch {
    return true
  }
}

/**
 * Whether the length of a view follows that of its buffer. Only resizing the buffer shows this, so
 * it is resized and restored. Growable shared memory cannot shrink again, so a view up to its end
 * counts as length-tracking.
 */
export function tracksLength(view: ArrayBufferView): boolean {
  const buffer = view.buffer as AnyBuffer & Resizable
  const max = maxLength(buffer)
  if (max === undefined) return false
  const size = (view as Partial<Uint8Array>).BYTES_PER_ELEMENT ?? 1
  const end = view.byteOffset + view.byteLength
  const length = buffer.byteLength
  if (end > length || length - end >= size) return false
  if (buffer.resize === undefined) return true
  const before = view.byteLength
  if (max - end >= size) {
    buffer.resize(end + size)
    const grew = view.byteLength !== before
    buffer.resize(length)
    return grew
  }
  // There is no room to grow, so the buffer shrinks by one element, which is saved and restored. A
  // view of fixed length is out of bounds meanwhile.
  if (before < size) return false
  const last = new Uint8Array(buffer as ArrayBuffer, end - size).slice()
  buffer.resize(end - size)
  const follows = isInside(view)
  buffer.resize(length)
  new Uint8Array(buffer as ArrayBuffer, end - size).set(last)
  return follows
}

function isInside(view: ArrayBufferView): boolean {
  try {
    if (types.isDataView(view)) return view.byteLength >= 0
    return (view as Uint8Array).indexOf(0, Number.POSITIVE_INFINITY) < 0
  } catch {
    return false
  }
}
