/** The encoders at hand: making one takes longer than encoding a small value. */
import { Encoder } from './encode.js'
import type { Encoded, FunctionTravel } from './encoded.js'
import type { Survey } from './survey.js'

/** Encoders that are not at work: a function in a value takes a second one. */
const idle: Encoder[] = []

/** Encodes a value; `path` is how errors name it. */
export function encodeValue(
  value: unknown,
  onShared: boolean,
  path: readonly string[],
  functionTravel: FunctionTravel,
  survey?: Survey,
): Encoded {
  const encoder = idle.pop() ?? new Encoder()
  try {
    return encoder.encode(value, onShared, path, functionTravel, survey)
  } finally {
    idle.push(encoder)
  }
}
