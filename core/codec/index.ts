/**
 * The codec: values as bytes and back.
 *
 * A value becomes a small head, and buffers of its own for what is large: typed arrays are not
 * copied on the way out, and those of a decoded value alias the bytes it came in. Functions in it
 * become tokens; `prepare` their bundles before decoding. A value comes back as it was, or `encode`
 * refuses it with the path to what cannot travel.
 */
import { createHash } from 'node:crypto'
import { registerArrow } from './built-ins/arrow.js'
import { registerUnits } from './built-ins/mathjs-units.js'
import { type Functions, functions } from './bundles/functions.js'
import type { Encoded } from './bytes/encoded.js'
import { decodeValue } from './encoding/decode-value.js'
import { encodeValue } from './encoding/encode-value.js'

export { BundleStore } from './bundles/bundle-store.js'
export { bundleFunction, bundles, Functions, functions, prepare } from './bundles/functions.js'
export type { Encoded } from './bytes/encoded.js'
export { inSharedMemory, toShared } from './bytes/shared-memory.js'
export { Described, TokenHolder } from './bytes/token-holder.js'
export { registerType, type TypeDefinition } from './objects/registered-types.js'

registerArrow()
registerUnits()

/** How to encode. */
export interface EncodeOptions {
  /** Puts what is large into shared memory, so that other threads get it without a copy. */
  readonly shared?: boolean
  /** How errors name the value: the beginning of their path. */
  readonly path?: readonly string[]
  /** Where functions find their bundles; those of this thread if left out. */
  readonly functions?: Functions
}

const noPath: readonly string[] = ['value']

/** Turns a value into bytes. Throws NotPortableError, with the path, for what cannot travel. */
export function encode(value: unknown, options?: EncodeOptions): Encoded {
  return encodeValue(
    value,
    options?.shared === true,
    options?.path ?? noPath,
    options?.functions ?? functions,
  )
}

/** Turns bytes back into the value. Throws DecodeError for bytes that `encode` did not write. */
export function decode(encoded: Omit<Encoded, 'bundles'>, from: Functions = functions): unknown {
  return decodeValue(encoded, from)
}

/** Decodes a result for the user: an object whose class this thread wrote is an instance of it. */
export function decodeResult(encoded: Omit<Encoded, 'bundles'>): unknown {
  return decodeValue(encoded, functions.forResults)
}

/** How many bytes a value takes, head and buffers. */
export function encodedSize({ head, buffers }: Omit<Encoded, 'bundles'>): number {
  let size = head.byteLength
  for (const buffer of buffers) size += buffer.byteLength
  return size
}

/** A token made of the bytes themselves; values that are equal may still differ in it. */
export function tokenizeEncoded({ head, buffers }: Omit<Encoded, 'bundles'>): string {
  const hash = createHash('sha256').update(head)
  for (const buffer of buffers) hash.update(`${buffer.byteLength};`).update(buffer)
  return hash.digest('hex').slice(0, 24)
}
