/**
 * Values that travel as bytes inside other values, and stay bytes until they are wanted: a task that
 * only hands one of many lists on does not decode any of them.
 */
import { decode, type Encoded, encode, registerType } from '../../../core/codec/index.js'

/** A value, or the bytes it came in. */
export class Packed<T> {
  private live: { readonly value: T } | undefined
  private readonly bytes: Encoded | undefined

  private constructor(live: { readonly value: T } | undefined, bytes: Encoded | undefined) {
    this.live = live
    this.bytes = bytes
  }

  /** A value that is turned into bytes if it travels. */
  static of<T>(value: T): Packed<T> {
    return new Packed<T>({ value }, undefined)
  }

  /** The value; its bytes are read when it is first wanted. */
  get value(): T {
    this.live ??= { value: decode(this.bytes!) as T }
    return this.live.value
  }

  /** How it travels: as bytes, or as it is if it holds functions, which need more than bytes. */
  static travel<T>(packed: Packed<T>): Travelling<T> {
    if (packed.bytes !== undefined) return { bytes: packed.bytes }
    const bytes = encode(packed.live!.value, { shared: true })
    return bytes.bundles.length > 0 ? packed.live! : { bytes }
  }

  static arrive<T>(travelling: Travelling<T>): Packed<T> {
    return 'bytes' in travelling
      ? new Packed<T>(undefined, travelling.bytes)
      : new Packed<T>(travelling, undefined)
  }
}

type Travelling<T> = { readonly bytes: Encoded } | { readonly value: T }

registerType('bag.packed', {
  class: Packed as unknown as abstract new (...args: never[]) => Packed<unknown>,
  module: 'collections/bag/engine/packed',
  encode: (packed: Packed<unknown>) => Packed.travel(packed),
  decode: (travelling: Travelling<unknown>) => Packed.arrive(travelling),
})
