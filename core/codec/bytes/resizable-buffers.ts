/** Memory that can grow or be taken away: what there is to know about a buffer before its bytes go. */

type AnyBuffer = ArrayBuffer | SharedArrayBuffer

interface Resizable {
  readonly resizable?: boolean
  readonly growable?: boolean
  readonly maxByteLength?: number
  resize?(length: number): void
}

/** How large a buffer may become; undefined for one that stays as it is. */
export function maxLength(buffer: AnyBuffer): number | undefined {
  const { resizable, growable, maxByteLength } = buffer as Resizable
  return resizable === true || growable === true ? maxByteLength : undefined
}

/** Whether the memory was transferred to somebody else. */
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
 * Whether a view grows with its buffer, which nothing but growing it shows: it is done and undone.
 * Shared memory cannot be made smaller again, so there a view up to the end counts as one that grows.
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
  // No room to grow: one element less, of which a copy is kept. A view of fixed length is outside then.
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
    if (view instanceof DataView) return view.byteLength >= 0
    return (view as Uint8Array).indexOf(0, Number.POSITIVE_INFINITY) < 0
  } catch {
    return false
  }
}
