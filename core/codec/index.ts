/**
 * The codec: encodes values as bytes and decodes them.
 *
 * An encoded value is a small head, and separate buffers for large data. Typed arrays are not
 * copied when they are encoded, and those of a decoded value alias the buffers. Functions in a
 * value become tokens; call `prepare` with their bundles before decoding. A value is restored
 * exactly, or `encode` refuses it with the path to the part that cannot be sent.
 */
import { lazyPackage } from '../base/lazy-package.js'
import { registerArrow } from './built-ins/arrow.js'
import { registerUnits } from './built-ins/mathjs-units.js'
import { type Functions, functions, type SeparateFunctions } from './bundles/functions.js'
import type { Encoded } from './bytes/encoded.js'
import { decodeValue } from './encoding/decode-value.js'

export {
  BundleStore,
  cacheLimits,
  type KnownBundles,
  type StoredBundle,
} from './bundles/bundle-store.js'
export {
  bundles,
  Functions,
  functions,
  prepare,
  type SeparateFunctions,
} from './bundles/functions.js'
export { isNamedToken } from './bundles/named-tokens.js'
export { type Encoded, encodedSize } from './bytes/encoded.js'
export { inSharedMemory, toShared } from './bytes/shared-memory.js'
export { Described, TokenHolder } from './bytes/token-holder.js'
export { registerType, type TypeDefinition } from './objects/registered-types.js'

registerArrow()
registerUnits()

/** Options of `encode`. */
export interface EncodeOptions {
  /**
   * Puts large data into shared memory, so that other threads get it without a copy. Default:
   * false.
   */
  readonly shared?: boolean
  /** The first keys of the path in errors. Default: `value`. */
  readonly path?: readonly string[]
  /** The functions whose store receives bundles. Default: those of this thread. */
  readonly functions?: Functions | SeparateFunctions
}

const noPath: readonly string[] = ['value']
const none: readonly string[] = []

/** An encoded value; without `bundles` if no function is in it. */
type Decodable = Omit<Encoded, 'bundles'> & Partial<Pick<Encoded, 'bundles'>>

/**
 * Encodes a value.
 *
 * @throws {NotPortableError} with the path, if a part of it cannot be sent.
 */
export function encode(value: unknown, options?: EncodeOptions): Encoded {
  if (options === undefined) return functions.encode(value, false, noPath)
  const { shared = false, path = noPath, functions: from = functions } = options
  return from.encode(value, shared, path)
}

/**
 * Decodes a value.
 *
 * @throws {DecodeError} if `encode` did not write the bytes.
 */
export function decode(encoded: Decodable, from: Functions = functions): unknown {
  const { bundles = none } = encoded
  if (bundles.length === 0) return decodeValue(encoded, from)
  return from.store.within(bundles, () => decodeValue(encoded, from))
}

/** Decodes a result for the user: objects whose class this thread declares are instances of it. */
export function decodeResult(encoded: Encoded): unknown {
  return functions.store.within(encoded.bundles, () => decodeValue(encoded, functions.forResults))
}

/** Decodes a copy, with the functions of all copies that it belongs to. */
export function decodeCopy(encoded: Encoded, copies: SeparateFunctions): unknown {
  return functions.store.within(encoded.bundles, () => decodeValue(encoded, copies))
}

const crypto = lazyPackage<typeof import('node:crypto')>('node:crypto')

/** Returns a token of the bytes themselves. It may differ for values that are equal. */
export function tokenizeEncoded({ head, buffers }: Omit<Encoded, 'bundles'>): string {
  const hash = crypto().createHash('sha256').update(head)
  for (const buffer of buffers) hash.update(`${buffer.byteLength};`).update(buffer)
  return hash.digest('hex').slice(0, 24)
}
