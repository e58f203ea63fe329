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
