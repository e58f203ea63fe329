/**
 * Which step of a recipe is to blame when the recipe cannot be made ready: the one whose function
 * needs what is missing here.
 */

import { decodeValue } from '../../codec/encoding/decode-value.js'
import { type Encoded, functions, prepare } from '../../codec/index.js'
import type { Recipe } from '../../graph/recipe.js'

/** Stands for a function while its recipe is only looked at. */
class Placeholder {
  readonly token: string
  constructor(token: string) {
    this.token = token
  }
}

/** The number of the first step that holds a function which cannot be made here; 0 if none is found. */
export async function failingStep(bytes: Encoded): Promise<number> {
  for (const token of bytes.bundles) {
    try {
      await prepare([token])
      functions.lookup(token)
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
  const { steps } = decodeValue(bytes, source) as Recipe
  const at = steps.findIndex((step) => holds(step, token))
  return Math.max(0, at)
}

function holds(value: unknown, token: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof Placeholder) return value.token === token
  return Object.values(value).some((member) => holds(member, token))
}
