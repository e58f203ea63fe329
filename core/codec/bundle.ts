/**
 * From a live function to its bundle.
 *
 * The token of a bundle is made of what the function is: its text, the names and values of what it
 * captured, and how they share objects; not of the file and line it was written at.
 */
import { sideHere } from '../functions/sender.js'
import type { FunctionDescription } from '../functions/types.js'
import type { BundleStore } from './bundle-store.js'
import { canonicalToken } from './canonical.js'
import { encodeValue } from './encode.js'
import { type Encoded, type FunctionTravel, noFunctions } from './encoded.js'
import { Survey } from './survey.js'

/** Says what a function is made of; throws NotPortableError, with the path, if it cannot travel. */
export type Describe = (fn: Function, path: readonly string[]) => FunctionDescription

/** What travels by name. */
export interface Names {
  /** The token of what is known by name; undefined for what needs a bundle, or is copied. */
  known(object: object): string | undefined
  /** Whether a class is the platform's. */
  isPlatform(Class: Function): boolean
}

/** Makes the bundles of a function and of those it captured, and gives the function's token. */
export function makeBundle(
  fn: Function,
  path: readonly string[],
  store: BundleStore,
  describe: Describe,
  { known: knownToken, isPlatform }: Names,
): string {
  const travels = new Map<object, string | FunctionDescription>()
  const travelling: FunctionTravel = {
    travel(other, at) {
      let travel = travels.get(other)
      if (travel === undefined) {
        travel = knownToken(other) ?? travelByDescription(describe(other as Function, at), store)
        travels.set(other, travel)
      }
      return travel
    },
    reference: knownToken,
    isPlatform,
  }
  const entry = travelling.travel(fn, path)
  if (typeof entry === 'string') return entry
  const survey = new Survey(fn)
  const whole = encodeValue(fn, false, path, travelling, survey)
  const groups = survey.groups()
  if (groups.length === 1) return add(fn, whole, travelling, store)
  // Functions of a group are spelt out in it; those of other groups have their tokens already.
  for (const { head } of groups) {
    const encoded = encodeValue(head, false, path, travelling)
    const token = add(head, encoded, travelling, store)
    if (head === fn) return token
    travels.set(head, token)
  }
  throw new Error('the survey has no group of the function it began with')
}

function add(fn: object, encoded: Encoded, travelling: FunctionTravel, store: BundleStore): string {
  const token = canonicalToken([fn], travelling, true)
  store.add(token, encoded)
  return token
}

/** The token of what travels as a name; the description itself of what has to be spelt out. */
export function travelByDescription(
  description: FunctionDescription,
  store: BundleStore,
): string | FunctionDescription {
  if (description.kind === 'operation') return `operation:${description.module}#${description.name}`
  if (description.kind === 'intrinsic') return `intrinsic:${JSON.stringify(description.path)}`
  if (description.kind !== 'module') return description
  const { specifier, path, from } = description
  const token = `module-${canonicalToken([specifier, path], noFunctions)}`
  if (!store.has(token)) {
    const sender = description.sender ?? sideHere(specifier, from)
    store.add(token, encodeValue({ specifier, path, from, sender }, false, [], noFunctions))
  }
  return token
}
