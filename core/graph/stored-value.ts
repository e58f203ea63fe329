/**
 * Values at rest: what a task's result is between tasks, wherever it is kept or sent.
 *
 * Primitives are kept as they are; everything else as the codec's bytes, so that its size is known,
 * no task can change another's input, and handing it to a thread costs no walk over its parts.
 */
import {
  decode,
  decodeResult,
  type Encoded,
  type EncodeOptions,
  encode,
  encodedSize,
} from '../codec/index.js'

/** A primitive as it is, or bytes. */
export type StoredValue = undefined | null | boolean | number | string | bigint | Encoded

/** Longer texts are kept as bytes, which threads can share. */
const longText = 8192

/** Puts a value to rest. Throws NotPortableError for what cannot travel. */
export function store(value: unknown, options?: EncodeOptions): StoredValue {
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
    case 'number':
    case 'bigint':
      return value
    case 'string':
      return value.length <= longText ? value : encode(value, options)
    default:
      return value === null ? null : encode(value, options)
  }
}

/** The live value; the bundles it needs must have been prepared. */
export function load(stored: StoredValue): unknown {
  return typeof stored === 'object' && stored !== null ? decode(stored) : stored
}

/** The same for the user who asked for it: objects of his classes are instances of them. */
export function loadResult(stored: StoredValue): unknown {
  return typeof stored === 'object' && stored !== null ? decodeResult(stored) : stored
}

/** Whether a value is kept as bytes. */
export function isEncoded(stored: StoredValue): stored is Encoded {
  return typeof stored === 'object' && stored !== null
}

/** The bytes a value takes. */
export function storedSize(stored: StoredValue): number {
  if (typeof stored === 'object' && stored !== null) return encodedSize(stored)
  return typeof stored === 'string' ? stored.length * 2 : 8
}
