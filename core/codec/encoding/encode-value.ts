/** Encoding with a pool of encoders: creating one takes longer than encoding a small value. */

import type { Encoded } from '../bytes/encoded.js'
import type { FunctionEncoding, FunctionSurvey } from '../interfaces.js'
import { Encoder } from './encoder.js'

/** Encoders that are free: a function in a value needs a second one. */
const idle: Encoder[] = []

/** Encodes a value; `path` is the beginning of the path in errors. */
export function encodeValue(
  value: unknown,
  onShared: boolean,
  path: readonly string[],
  functions: FunctionEncoding,
  survey?: FunctionSurvey,
): Encoded {
  const encoder = idle.pop() ?? new Encoder()
  try {
    return encoder.encode(value, onShared, path, functions, survey)
  } finally {
    idle.push(encoder)
  }
}
