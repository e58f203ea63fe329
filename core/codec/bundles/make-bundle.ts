/**
 * Making of bundles.
 *
 * The token of a bundle is a hash of the function's source code, the names and values of its
 * captured variables, and how these share objects. The file and line of the function do not count.
 */
import { isClassLike } from '../../functions/describe/class-identity.js'
import { mayWriteElements } from '../../functions/source/array-writes.js'
import type { FunctionDescription } from '../../functions/types.js'
import type { Encoded } from '../bytes/encoded.js'
import { withCopiedBuffers } from '../bytes/shared-memory.js'
import { encodeValue } from '../encoding/encode-value.js'
import type { FunctionEncoding } from '../interfaces.js'
import { canonicalToken } from '../tokens/canonical.js'
import type { BundleStore } from './bundle-store.js'
import { GroupingSurvey } from './function-groups.js'
import { addMember } from './group-members.js'
import { encodingByDescription } from './named-tokens.js'

/** Describes a function; throws `NotPortableError`, with the path, if it cannot be sent. */
type Describe = (fn: Function, path: readonly string[]) => FunctionDescription

type Encodings = ReadonlyMap<object, string | FunctionDescription>

/** What making a bundle needs to know about other functions and types. */
export interface BundleContext {
  /**
   * Returns the token of an object that is sent by name; undefined for one that needs a bundle or
   * is copied.
   */
  tokenByName(object: object): string | undefined
  /** Whether a class belongs to the platform. */
  isPlatform(Class: Function): boolean
  /** Returns the token of a type that a user registered. */
  typeToken: FunctionEncoding['typeToken']
  /** Records the token of a function of this thread. */
  recordSent(token: string, fn: object): void
}

/**
 * Makes the bundles of a function and of the functions it captured, and returns the function's
 * token.
 */
export function makeBundle(
  fn: Function,
  path: readonly string[],
  store: BundleStore,
  describe: Describe,
  context: BundleContext,
): string {
  const encodings = new Map<object, string | FunctionDescription>()
  const encoding = cachedEncoding(encodings, store, describe, context)
  const entry = encoding.encodingOf(fn, path)
  if (typeof entry === 'string') return entry
  const survey = new GroupingSurvey(fn)
  const inOneBundle = encodeValue(fn, false, path, encoding, survey)
  const groups = survey.groups()
  const bundling: Bundling = { encodings, encoding, store, context, path }
  addGroups(groups, bundling, fn, groups.length === 1 ? inOneBundle : undefined)
  return encodings.get(fn) as string
}

/** How the functions in a value are sent, after `encodeTogether` has made their bundles. */
interface TogetherEncoding {
  readonly encoding: FunctionEncoding
  /** Whether functions are written as source code into the value. */
  readonly areInValue: boolean
}

/**
 * Makes the bundles of the functions in a value. Functions that share variables or objects with one
 * another or with the value have no bundles, as they are written into the value.
 */
export function bundleTogether(
  value: unknown,
  path: readonly string[],
  store: BundleStore,
  describe: Describe,
  context: BundleContext,
): TogetherEncoding {
  const encodings = new Map<object, string | FunctionDescription>()
  const encoding = cachedEncoding(encodings, store, describe, context)
  const entry = {}
  const survey = new GroupingSurvey(entry, isClassLike)
  const inValue = { ...encoding, forBundle: false }
  encodeValue(value, false, path, inValue, survey)
  const groups = survey.groups()
  const own = groups.at(-1)!.members
  addGroups(groups.slice(0, -1), { encodings, encoding, store, context, path }, entry, undefined)
  return { encoding: inValue, areInValue: own.size > 1 }
}

interface Bundling {
  readonly encodings: Map<object, string | FunctionDescription>
  readonly encoding: FunctionEncoding
  readonly store: BundleStore
  readonly context: BundleContext
  readonly path: readonly string[]
}

/** Adds the bundles of groups, and replaces the descriptions of their functions by tokens. */
function addGroups(
  groups: ReturnType<GroupingSurvey['groups']>,
  { encodings, encoding, store, context, path }: Bundling,
  entry: object,
  inOneBundle: Encoded | undefined,
): void {
  const addBundle = (value: unknown, encoded: Encoded, prefix = ''): string => {
    const token = prefix + canonicalToken([value], encoding, true)
    const known = store.find(token)
    if (known === undefined) store.add(token, withCopiedBuffers(encoded))
    else store.touch(known)
    return token
  }
  const recorded = new Set<string>()
  const record = (member: object, token: string) => {
    // Equal but different functions, say two counters, are written out where they are used.
    if (recorded.has(token) && member !== entry) return
    recorded.add(token)
    encodings.set(member, token)
    context.recordSent(token, member)
  }
  // The functions of a group are written out in it; those of other groups have tokens already.
  for (const { head, members } of groups) {
    if (holdsClasses(members)) {
      const ordered = sortMembers(members, encoding)
      const group = addBundle(ordered, encodeValue(ordered, false, path, encoding), 'group-')
      for (const [i, member] of ordered.entries()) record(member, addMember(group, i, store).token)
    } else {
      record(head, addBundle(head, inOneBundle ?? encodeValue(head, false, path, encoding)))
    }
  }
}

/** Returns an encoding that looks functions up in `encodings`, and adds those it describes. */
function cachedEncoding(
  encodings: Map<object, string | FunctionDescription>,
  store: BundleStore,
  describe: Describe,
  context: BundleContext,
): FunctionEncoding {
  let writes: boolean | undefined
  return {
    forBundle: true,
    encodingOf(fn, path) {
      let encoded = encodings.get(fn)
      if (encoded === undefined) {
        encoded =
          context.tokenByName(fn) ?? encodingByDescription(describe(fn as Function, path), store)
        encodings.set(fn, encoded)
      }
      return encoded
    },
    tokenByName(object) {
      const token = context.tokenByName(object)
      if (token !== undefined) encodings.set(object, token)
      return token
    },
    isPlatform: context.isPlatform,
    typeToken: context.typeToken,
    // First called when all functions were found and are written together.
    mayWrite: () => {
      writes ??= mayWriteElements(sourcesOf(encodings), callsPackages(encodings))
      return writes
    },
  }
}

/** Yields the source code of the functions that are written out. */
function* sourcesOf(encodings: Encodings): Generator<string> {
  for (const encoded of encodings.values())
    if (typeof encoded === 'object' && encoded.kind === 'source') yield encoded.source
}

/** Whether functions of packages are among them. */
function callsPackages(encodings: Encodings): boolean {
  for (const encoded of encodings.values())
    if (typeof encoded === 'string' && !/^(?:intrinsic|operation|expression):/.test(encoded))
      return true
  return false
}

/** The functions of larger groups have no tokens of their own. */
const LARGEST_GROUP = 64

/**
 * Whether these are several functions, at least one of them a class, that must be sent together.
 */
function holdsClasses(members: ReadonlySet<object>): boolean {
  if (members.size === 1 || members.size > LARGEST_GROUP) return false
  for (const member of members) if (isClassLike(member)) return true
  return false
}

/** Sorts the functions of a group into an order that does not depend on which was found first. */
function sortMembers(members: ReadonlySet<object>, encoding: FunctionEncoding): object[] {
  const keyed = [...members].map((member) => ({
    member,
    // A bound function is built from parts that are read first, so the classes of these parts must
    // come before it.
    key: (isBound(member, encoding) ? '~' : '') + canonicalToken([member], encoding, true),
  }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  return keyed.map(({ member }) => member)
}

function isBound(member: object, encoding: FunctionEncoding): boolean {
  const encoded = encoding.encodingOf(member, [])
  return typeof encoded === 'object' && encoded.kind === 'bound'
}
