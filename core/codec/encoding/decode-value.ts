/** Decoding with its errors: whatever is wrong with the bytes throws a `DecodeError`. */
import { DecodeError, SkeinError } from '../../base/errors.js'
import type { Encoded } from '../bytes/encoded.js'
import type { FunctionSource } from '../interfaces.js'
import { Decoder } from './decoder.js'

/**
 * Decodes a value; its typed arrays alias the buffers it came with.
 * @throws {DecodeError} if the bytes do not encode a value.
 */
export function decodeValue(encoded: Omit<Encoded, 'bundles'>, functions: FunctionSource): unknown {
  try {
    return new Decoder(encoded, functions).decode()
  } catch (error) {
    // A missing function, say, is no fault of the bytes.
    if (error instanceof SkeinError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new DecodeError(`The bytes do not make a value: ${why}`, { cause: error })
  }
}
