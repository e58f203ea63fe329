/**
 * Stored values: the serialized form of results between tasks, in memory, on disk and in messages.
 *
 * Primitives are stored unchanged; everything else as bytes that the codec wrote. So sizes are known, a
 * task cannot modify another's input, and a value is sent to a thread without visiting its parts.
 */
import {
  bundles,
  decode,
  decodeResult,
  type Encoded,
  type EncodeOptions,
  encode,
  encodedSize,
  type KnownBundles,
  type StoredBundle,
} from '../codec/index.js'

/** A primitive, or an encoded value. */
export type StoredValue = undefined | null | boolean | number | string | bigint | Encoded

/** Strings longer than this are encoded, since threads can share bytes. */
const maxPlainLength = 8192

/**
 * Serializes a value.
 *
 * @throws NotPortableError if it cannot be sent.
 */
export function store(value: unknown, options?: EncodeOptions): StoredValue {
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
    case 'number':
    case 'bigint':
      return value
    case 'string':
      return value.length <= maxPlainLength ? value : encode(value, options)
    default:
      return value === null ? null : encode(value, options)
  }
}

/** Deserializes a value; the bundles it needs must have been prepared. */
export function load(stored: StoredValue): unknown {
  return typeof stored === 'object' && stored !== null ? decode(stored) : stored
}

/** Deserializes a result for the user of this process: objects become instances of this process's own classes. */
export function loadResult(stored: StoredValue): unknown {
  return typeof stored === 'object' && stored !== null ? decodeResult(stored) : stored
}

/** Whether a value is encoded, rather than a primitive. */
export function isEncoded(stored: StoredValue): stored is Encoded {
  return typeof stored === 'object' && stored !== null
}

/** Returns the size of a value in bytes. */
export function storedSize(stored: StoredValue): number {
  if (typeof stored === 'object' && stored !== null) return encodedSize(stored)
  return typeof stored === 'string' ? stored.length * 2 : 8
}

/**
 * Makes values that were received hold their functions, so that these live as long as the values. `known`
 * are functions that the caller keeps, besides those of this thread's store.
 */
export function holdBundles(values: readonly unknown[], known?: KnownBundles): void {
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue
    const { bundles: tokens } = value as Encoded
    if (Array.isArray(tokens) && tokens.length > 0) bundles.hold(tokens, known)
  }
}

/** Adds the functions that came with some values, which hold them from now on. */
export function receiveBundles(
  items: readonly (readonly [token: string, bytes: Encoded])[],
  values: readonly unknown[],
): void {
  if (items.length === 0) return
  bundles.begin()
  bundles.addAll(items)
  holdBundles(values)
  bundles.end()
}

/** Returns the functions that values need, as they are sent. */
export function bundleItems(values: readonly StoredValue[]): (readonly [string, Encoded])[] {
  const needed = new Set<StoredBundle>()
  for (const value of values)
    if (isEncoded(value)) for (const bundle of bundles.bundlesOf(value.bundles)) needed.add(bundle)
  if (needed.size === 0) return []
  return bundles.closureOf([...needed]).map(({ token, encoded }) => [token, encoded] as const)
}
