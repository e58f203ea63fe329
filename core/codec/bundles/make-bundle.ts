/**
 * From a live function to its bundle.
 *
 * The token of a bundle is made of what the function is: its text, the names and values of what it
 * captured, and how they share objects; not of the file and line it was written at.
 */
import { isClassLike } from '../../functions/describe/class-identity.js'
import { localSide } from '../../functions/modules/package-side.js'
import { mayWriteElements } from '../../functions/source/array-writes.js'
import type { FunctionDescription } from '../../functions/types.js'
import type { Encoded } from '../bytes/encoded.js'
import { withCopiedBuffers } from '../bytes/shared-memory.js'
import { TokenHolder } from '../bytes/token-holder.js'
import { encodeValue } from '../encoding/encode-value.js'
import { noFunctions } from '../encoding/no-functions.js'
import type { FunctionEncoding } from '../interfaces.js'
import { canonicalToken } from '../tokens/canonical.js'
import type { BundleStore } from './bundle-store.js'
import { GroupingSurvey } from './function-groups.js'

/** Says what a function is made of; throws NotPortableError, with the path, if it cannot travel. */
export type Describe = (fn: Function, path: readonly string[]) => FunctionDescription

type Travels = ReadonlyMap<object, string | FunctionDescription>

/** What travels by name. */
export interface BundleContext {
  /** The token of what is known by name; undefined for what needs a bundle, or is copied. */
  known(object: object): string | undefined
  /** Whether a class is the platform's. */
  isPlatform(Class: Function): boolean
  /** The token of a type that a user registered. */
  typeToken: FunctionEncoding['typeToken']
  /** A function of this thread has this token from now on. */
  sent(token: string, fn: object): void
}

/** Makes the bundles of a function and of those it captured, and gives the function's token. */
export function makeBundle(
  fn: Function,
  path: readonly string[],
  store: BundleStore,
  describe: Describe,
  names: BundleContext,
): string {
  const travels = new Map<object, string | FunctionDescription>()
  let writes: boolean | undefined
  const encoding: FunctionEncoding = {
    encodingOf(other, path) {
      let travel = travels.get(other)
      if (travel === undefined) {
        travel =
          names.known(other) ?? encodingByDescription(describe(other as Function, path), store)
        travels.set(other, travel)
      }
      return travel
    },
    tokenByName(object) {
      const token = names.known(object)
      if (token !== undefined) travels.set(object, token)
      return token
    },
    isPlatform: names.isPlatform,
    typeToken: names.typeToken,
    // First asked when all functions were met and are spelt out together.
    mayWrite: () => {
      writes ??= mayWriteElements(sourcesOf(travels), callsOthers(travels))
      return writes
    },
  }
  const entry = encoding.encodingOf(fn, path)
  if (typeof entry === 'string') return entry
  const survey = new GroupingSurvey(fn)
  const whole = encodeValue(fn, false, path, encoding, survey)
  const make = (value: unknown, encoded: Encoded, prefix = ''): string => {
    const token = prefix + canonicalToken([value], encoding, true)
    if (!store.has(token)) store.add(token, withCopiedBuffers(encoded))
    return token
  }
  const noted = new Set<string>()
  const note = (member: object, token: string) => {
    // What is equal and yet another function, say a second counter, is spelt out where it is used.
    if (noted.has(token) && member !== fn) return
    noted.add(token)
    travels.set(member, token)
    names.sent(token, member)
  }
  const groups = survey.groups()
  // Functions of a group are spelt out in it; those of other groups have their tokens already.
  for (const { head, members } of groups) {
    if (holdsClasses(members)) {
      const ordered = inOrder(members, encoding)
      const group = make(ordered, encodeValue(ordered, false, path, encoding), 'group-')
      for (const [i, member] of ordered.entries()) note(member, addMember(group, i, store))
    } else {
      const encoded = groups.length === 1 ? whole : encodeValue(head, false, path, encoding)
      note(head, make(head, encoded))
    }
  }
  return travels.get(fn) as string
}

/** The texts of the functions that are spelt out. */
function* sourcesOf(travels: Travels): Generator<string> {
  for (const travel of travels.values())
    if (typeof travel === 'object' && travel.kind === 'source') yield travel.source
}

/** Whether there are functions of packages among them. */
function callsOthers(travels: Travels): boolean {
  for (const travel of travels.values())
    if (typeof travel === 'string' && !/^(?:intrinsic|operation|expression):/.test(travel))
      return true
  return false
}

/** Larger groups have no names for each of their functions. */
const LARGEST_GROUP = 64

/** Whether several functions must travel together of which one is a class. */
function holdsClasses(members: ReadonlySet<object>): boolean {
  if (members.size === 1 || members.size > LARGEST_GROUP) return false
  for (const member of members) if (isClassLike(member)) return true
  return false
}

/** The functions of a group in an order that does not depend on which was met first. */
function inOrder(members: ReadonlySet<object>, encoding: FunctionEncoding): object[] {
  const keyed = [...members].map((member) => ({
    member,
    // What is bound is read whole, so the classes of what it is bound to must have been read before.
    key: (isBound(member, encoding) ? '~' : '') + canonicalToken([member], encoding, true),
  }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  return keyed.map(({ member }) => member)
}

function isBound(member: object, encoding: FunctionEncoding): boolean {
  const travel = encoding.encodingOf(member, [])
  return typeof travel === 'object' && travel.kind === 'bound'
}

/** Stands for a group of functions. */
class GroupHolder extends TokenHolder {
  readonly token: string
  constructor(token: string) {
    super()
    this.token = token
  }
}

const memberToken = /^(group-[0-9a-f]+)\.(\d+)$/

/** Adds the bundle that stands for one function of a group, and gives its token. */
export function addMember(group: string, index: number, store: BundleStore): string {
  const token = `${group}.${index}`
  if (!store.has(token))
    store.add(token, encodeValue(new GroupHolder(group), false, [], noFunctions))
  return token
}

/** The group that a token is of, and its place there. */
export function groupOf(token: string): { group: string; index: number } | undefined {
  const parts = memberToken.exec(token)
  return parts === null ? undefined : { group: parts[1]!, index: Number(parts[2]) }
}
/** The token of what travels as a name; the description itself of what has to be spelt out. */
export function encodingByDescription(
  description: FunctionDescription,
  store: BundleStore,
): string | FunctionDescription {
  if (description.kind === 'operation') return `operation:${description.module}#${description.name}`
  if (description.kind === 'expression') return `expression:${description.text}`
  if (description.kind === 'intrinsic') return `intrinsic:${JSON.stringify(description.path)}`
  if (description.kind !== 'module') return description
  const { specifier, path, from } = description
  const token = `module-${canonicalToken([specifier, path], noFunctions)}`
  if (!store.has(token)) {
    const sender = description.sender ?? localSide(specifier, from)
    store.add(token, encodeValue({ specifier, path, from, sender }, false, [], noFunctions))
  }
  return token
}
