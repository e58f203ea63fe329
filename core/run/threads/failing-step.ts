/**
 * Finds the step that prevents a recipe from being decoded: the one whose function cannot be built in
 * this process, for example because a package is missing.
 */

import { decodeValue } from '../../codec/encoding/decode-value.js'
import { bundles, type Encoded, functions, prepare } from '../../codec/index.js'
import { readRecipe } from '../../graph/encode-recipe.js'

/** Replaces functions while a recipe is only searched. */
class Placeholder {
  readonly token: string
  constructor(token: string) {
    this.token = token
  }
}

/** Returns the index of the first step with a function that cannot be built here; 0 if none is found. */
export async function failingStep(bytes: Encoded): Promise<number> {
  for (const token of bytes.bundles) {
    const own = [token]
    bundles.within(bytes.bundles, () => bundles.hold(own))
    try {
      await prepare(own)
      bundles.within(own, () => functions.lookup(token))
    } catch {
      return stepWith(token, bytes)
    }
  }
  return 0
}

function stepWith(token: string, bytes: Encoded): number {
  const lookup = (name: string) => new Placeholder(name)
  const typeOf = (name: string) => ({ name, decode: () => lookup(name) })
  const source = { lookup, typeOf, build: functions.build }
  const { steps } = readRecipe(decodeValue(bytes, source))
  const at = steps.findIndex((step) => contains(step, token))
  return Math.max(0, at)
}

function contains(value: unknown, token: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof Placeholder) return value.token === token
  return Object.values(value).some((member) => contains(member, token))
}
