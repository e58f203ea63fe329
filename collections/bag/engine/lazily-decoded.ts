/**
 * Values that are sent as bytes inside other values and decoded on first use: a task that only picks
 * one of many lists and sends it on decodes none of them.
 */
import { decode, type Encoded, encode, registerType } from '../../../core/codec/index.js'

/** A value, or the bytes that it was received as. */
export class LazilyDecoded<T> {
  private decoded: { readonly value: T } | undefined
  private readonly bytes: Encoded | undefined

  private constructor(decoded: { readonly value: T } | undefined, bytes: Encoded | undefined) {
    this.decoded = decoded
    this.bytes = bytes
  }

  /** Wraps a value, which is encoded when it is sent. */
  static of<T>(value: T): LazilyDecoded<T> {
    return new LazilyDecoded<T>({ value }, undefined)
  }

  /** The value. Received bytes are decoded on first access. */
  get value(): T {
    this.decoded ??= { value: decode(this.bytes!) as T }
    return this.decoded.value
  }

  /** Returns the bytes, or the value itself if it contains functions, whose code is sent apart. */
  static toWire<T>(wrapped: LazilyDecoded<T>): Wire<T> {
    if (wrapped.bytes !== undefined) return { bytes: wrapped.bytes }
    const bytes = encode(wrapped.decoded!.value, { shared: true })
    return bytes.bundles.length > 0 ? wrapped.decoded! : { bytes }
  }

  /** Makes a wrapped value of what `toWire` returned. */
  static fromWire<T>(wire: Wire<T>): LazilyDecoded<T> {
    return 'bytes' in wire
      ? new LazilyDecoded<T>(undefined, wire.bytes)
      : new LazilyDecoded<T>(wire, undefined)
  }
}

type Wire<T> = { readonly bytes: Encoded } | { readonly value: T }

registerType('bag.lazilyDecoded', {
  class: LazilyDecoded as unknown as abstract new (...args: never[]) => LazilyDecoded<unknown>,
  module: 'collections/bag/engine/lazily-decoded',
  encode: (wrapped: LazilyDecoded<unknown>) => LazilyDecoded.toWire(wrapped),
  decode: (wire: Wire<unknown>) => LazilyDecoded.fromWire(wire),
})
