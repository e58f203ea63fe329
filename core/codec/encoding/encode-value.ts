/** The encoders at hand: making one takes longer than encoding a small value. */

import type { Encoded } from '../bytes/encoded.js'
import type { FunctionEncoding, FunctionSurvey } from '../interfaces.js'
import { Encoder } from './encoder.js'

/** Encoders that are not at work: a function in a value takes a second one. */
const idle: Encoder[] = []

/** Encodes a value; `path` is how errors name it. */
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
