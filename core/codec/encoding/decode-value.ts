/** Decoding as others call it: whatever goes wrong with the bytes is a `DecodeError`. */
import { DecodeError, SkeinError } from '../../base/errors.js'
import type { Encoded as EncodedValue } from '../bytes/encoded.js'
import { Reader } from '../bytes/reader.js'
import { isExtendedHead, readTrailer } from '../bytes/trailer.js'
import type { FunctionSource } from '../interfaces.js'
import { Decoder } from './decoder.js'

type Encoded = Omit<EncodedValue, 'bundles'>

/** The tokens of the functions that a value needs before it can be decoded. */
export function tokensOf(head: Uint8Array): readonly string[] {
  if (!isExtendedHead(head)) return []
  return guarded(() => readTrailer(new Reader(head)).tokens)
}

/** Decodes a value; its typed arrays alias the buffers that came along. */
export function decodeValue(encoded: Encoded, functions: FunctionSource): unknown {
  return guarded(() => new Decoder(encoded, functions).decode())
}

function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    // What a function needs may be missing: that is no fault of the bytes.
    if (error instanceof SkeinError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new DecodeError(`The bytes do not make a value: ${why}`, { cause: error })
  }
}
