/** The form in which encoded values are passed on. */

/** A value as bytes: a small head, and separate buffers for large binary data. */
export interface Encoded {
  /** The value, except its large binary data. */
  readonly head: Uint8Array
  /** The large binary data. */
  readonly buffers: readonly Uint8Array[]
  /** The tokens of the functions that the value needs before it can be decoded. */
  readonly bundles: readonly string[]
}

/** Returns the size of an encoded value in bytes: head and buffers. */
export function encodedSize({ head, buffers }: Omit<Encoded, 'bundles'>): number {
  let size = head.byteLength
  for (const buffer of buffers) size += buffer.byteLength
  return size
}
