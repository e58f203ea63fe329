/**
 * The functions of a thread: the token of each function, and the function behind each token.
 */
import { DecodeError, NotPortableError } from '../../base/errors.js'
import { operationReference } from '../../base/operations.js'
import { expressionSource } from '../../expressions/expression.js'
import { buildFunction } from '../../functions/build/build-function.js'
import { areUnchanged, isClassLike, isImmutable } from '../../functions/describe/class-identity.js'
import { describeFunction } from '../../functions/describe/describe.js'
import {
  currentSession,
  inDescriptionSession,
} from '../../functions/describe/description-session.js'
import { describeReference } from '../../functions/modules/references.js'
import { RelocatableValue } from '../../functions/modules/relocatable.js'
import { loadReference, resolveReference } from '../../functions/modules/resolve-references.js'
import type { FunctionDescription, ModuleDescription } from '../../functions/types.js'
import type { Encoded } from '../bytes/encoded.js'
import { Described, TokenHolder } from '../bytes/token-holder.js'
import { decodeValue } from '../encoding/decode-value.js'
import { encodeValue } from '../encoding/encode-value.js'
import type { FunctionEncoding, FunctionSource, RegisteredType } from '../interfaces.js'
import { ClassRegistry } from '../objects/class-registry.js'
import { adoptReceivedType } from '../objects/registered-types.js'
import { canonicalToken } from '../tokens/canonical.js'
import { BundleStore } from './bundle-store.js'
import { addMember, groupOf } from './group-members.js'
import { type BundleContext, bundleTogether, makeBundle } from './make-bundle.js'
import {
  encodingByDescription,
  isNamedToken,
  operationOf,
  resolveNamedToken,
} from './named-tokens.js'

/** The functions and classes of copies, for encoding and for decoding. */
export interface SeparateFunctions extends FunctionSource {
  encode(value: unknown, onShared: boolean, path: readonly string[]): Encoded
  /** Whether classes were built anew, so that objects may be instances of a copy. */
  hasClasses(): boolean
}

/** The functions of one store of bundles, used by encoders and decoders. */
export class Functions implements FunctionEncoding, FunctionSource {
  readonly store: BundleStore
  private readonly decoded = new Map<string, unknown>()
  /** Tokens whose modules are loaded, or are being loaded. */
  private readonly loads = new Map<string, true | Promise<void>>()
  private readonly types = new Map<string, RegisteredType>()
  /** The tokens of types; empty for a type whose definition cannot be sent. */
  private readonly typeTokens = new WeakMap<RegisteredType, string>()
  private readonly context: BundleContext = {
    tokenByName: (object) => this.tokenByName(object),
    isPlatform,
    typeToken: (type) => this.typeToken(type),
    recordSent: (token, fn) =>
      this.classes.recordSent(token, fn, (Class) => {
        const functions = new Set<Function>()
        return isImmutable(Class, describeFunction(Class), [], functions)
          ? () => areUnchanged(functions)
          : () => false
      }),
  }
  private readonly classes = new ClassRegistry()
  /** The source of functions for results: tokens of classes of this thread give those classes. */
  readonly forResults: FunctionSource = {
    lookup: (token) => this.classes.original(token, false) ?? this.lookup(token),
    typeOf: (token) => this.typeOf(token),
    build: buildFunction,
    inheritFromOriginal: (object, Class) => this.classes.inheritFromOriginal(object, Class),
  }

  constructor(store: BundleStore) {
    this.store = store
  }

  /**
   * Returns the token of a function, a class or a placeholder for one; makes its bundle if needed.
   */
  encodingOf(fn: object, path: readonly string[]): string {
    const known = this.tokenByName(fn)
    if (known !== undefined) return known
    return inDescriptionSession(fn as Function, () =>
      makeBundle(fn as Function, path, this.store, describeFunction, this.context),
    )
  }

  /**
   * Encodes a value. Functions in it that share variables or objects with one another, or objects with
   * the value, are written into it.
   */
  encode(
    value: unknown,
    onShared: boolean,
    path: readonly string[],
    ofValue: FunctionEncoding = this.ofValue,
  ): Encoded {
    try {
      return encodeValue(value, onShared, path, ofValue)
    } catch (error) {
      if (error !== mayShare) throw error
    }
    return this.together(value, path, ({ encoding }) =>
      encodeValue(value, onShared, path, encoding),
    )
  }

  /** Returns the token of values, in which it counts what functions share. */
  tokenize(values: readonly unknown[]): string {
    try {
      return canonicalToken(values, this.ofValue)
    } catch (error) {
      if (error !== mayShare) throw error
    }
    return this.together(values, ['value'], ({ encoding, areInValue }) =>
      canonicalToken(values, encoding, areInValue),
    )
  }

  private together<T>(
    value: unknown,
    path: readonly string[],
    use: (encoding: ReturnType<typeof bundleTogether>) => T,
  ): T {
    return inDescriptionSession(value as object, () =>
      use(bundleTogether(value, path, this.store, describeFunction, this.context)),
    )
  }

  /** Encodes functions in a value by their tokens; throws `mayShare` for one that may share something. */
  private readonly ofValue: FunctionEncoding = {
    encodingOf: (fn, path) => {
      const known = this.tokenByName(fn)
      if (known !== undefined) return known
      return inDescriptionSession(fn, () => {
        const description = describeFunction(fn as Function, path)
        const shares = currentSession()!.usesAssignedVariable
        if (shares || holdsState(fn as Function, description)) throw mayShare
        return makeBundle(fn as Function, path, this.store, describeFunction, this.context)
      })
    },
    tokenByName: (object) => this.tokenByName(object),
    isPlatform,
    typeToken: (type) => this.typeToken(type),
  }

  tokenByName(object: object): string | undefined {
    if (object instanceof TokenHolder) return object.token
    const decodedAs = typeof object === 'function' ? this.classes.tokenOf(object) : undefined
    if (decodedAs !== undefined) return decodedAs
    const operation = typeof object === 'function' ? operationReference(object) : undefined
    if (operation !== undefined) return this.tokenFor({ kind: 'operation', ...operation })
    const text = typeof object === 'function' ? expressionSource(object) : undefined
    if (text !== undefined) return this.tokenFor({ kind: 'expression', text })
    const description = object instanceof Described ? object.description : describeReference(object)
    if (description === undefined) return undefined
    const token = this.tokenFor(description)
    // This thread has the object, whether its module was prepared or not.
    if (!(object instanceof Described) && !this.decoded.has(token)) this.decoded.set(token, object)
    return token
  }

  isPlatform(Class: Function): boolean {
    return isPlatform(Class)
  }

  typeToken(type: RegisteredType): string | undefined {
    let token = this.typeTokens.get(type)
    if (token === undefined) {
      // While the definition is encoded, objects of the type in it have only the name.
      this.typeTokens.set(type, '')
      token = this.addType(type)
      this.typeTokens.set(type, token)
    }
    return token === '' ? undefined : token
  }

  private addType({ name, definition }: RegisteredType): string {
    const path = [`type '${name}'`]
    try {
      const encoded = encodeValue(definition, false, path, this)
      const token = `type-${canonicalToken([definition], this)}`
      this.store.add(token, encoded)
      return token
    } catch (error) {
      if (error instanceof NotPortableError) return ''
      throw error
    }
  }

  typeOf(token: string): RegisteredType {
    let type = this.types.get(token)
    if (type === undefined) {
      type = adoptReceivedType(this.lookup(token))
      this.types.set(token, type)
      this.typeTokens.set(type, token)
    }
    return type
  }

  private tokenFor(description: FunctionDescription): string {
    return encodingByDescription(description, this.store) as string
  }

  /**
   * Loads the modules that the functions behind these tokens import, so that values with them can
   * be decoded.
   */
  async prepare(tokens: readonly string[]): Promise<void> {
    for (const token of tokens) {
      const state = this.loads.get(token)
      if (state === true) continue
      await (state ?? this.load(token))
    }
  }

  private load(token: string): Promise<void> {
    const loading = this.loadModules(token)
    this.loads.set(token, loading)
    loading.then(
      () => this.loads.set(token, true),
      () => this.loads.delete(token),
    )
    return loading
  }

  private async loadModules(token: string): Promise<void> {
    if (isNamedToken(token)) return this.loadOperation(token)
    // The closure is a flat list, so bundles that depend on one another cause no endless recursion.
    this.bundle(token)
    for (const needed of this.store.closure([token])) {
      const bundle = this.bundle(needed)
      if (needed.startsWith('module-')) await loadReference(this.module(bundle))
      for (const name of bundle.bundles) {
        if (isNamedToken(name)) await this.loadOperation(name)
        else this.bundle(name)
      }
    }
  }

  private async loadOperation(token: string): Promise<void> {
    const operation = operationOf(token)
    if (operation !== undefined) await loadReference(operation)
  }

  lookup(token: string): unknown {
    let found = this.decoded.get(token)
    if (found === undefined) {
      found = this.classes.original(token, true) ?? this.decodeBundle(token)
      this.decoded.set(token, found)
    }
    return found
  }

  build = buildFunction

  /**
   * Returns what makes copies of values in this thread: functions and classes are built anew, once
   * for all the copies, and share no variables with the originals. Those that cannot change are
   * the originals.
   */
  separate(): SeparateFunctions {
    const built = new Map<string, unknown>()
    let hasClasses = false
    const encoding: FunctionEncoding = {
      ...this.ofValue,
      encodingOf: (fn, path) => {
        const token = this.ofValue.encodingOf(fn, path) as string
        const isFunction = typeof fn === 'function' && this.tokenByName(fn) === undefined
        if (isFunction && !built.has(token) && isImmutable(fn, describeFunction(fn, path), path))
          built.set(token, fn)
        return token
      },
    }
    const source: SeparateFunctions = {
      encode: (value, onShared, path) => this.encode(value, onShared, path, encoding),
      lookup: (token) => {
        if (isNamedToken(token) || /^(module|type)-/.test(token)) return this.lookup(token)
        if (!built.has(token)) {
          const found = this.classes.original(token, true) ?? this.decodeBundle(token, source)
          built.set(token, found)
          hasClasses ||= isClassLike(found)
        }
        return built.get(token)
      },
      typeOf: (token) => this.typeOf(token),
      build: buildFunction,
      hasClasses: () => hasClasses,
    }
    return source
  }

  private decodeBundle(token: string, source: FunctionSource = this): unknown {
    if (isNamedToken(token)) return resolveNamedToken(token)
    const bundle = this.bundle(token)
    if (token.startsWith('module-')) return resolveReference(this.module(bundle))
    // Dependencies are decoded first, so that a long chain of functions causes no deep recursion.
    for (const needed of this.store.closure([token])) if (needed !== token) source.lookup(needed)
    const { group, index } = groupOf(token) ?? {}
    if (group !== undefined) return (source.lookup(group) as readonly unknown[])[index!]
    const decodedValue = decodeValue(bundle, source)
    if (token.startsWith('type-')) return decodedValue
    if (token.startsWith('group-'))
      for (const [i, member] of (decodedValue as readonly unknown[]).entries())
        this.classes.recordDecoded(addMember(token, i, this.store), member)
    else this.classes.recordDecoded(token, decodedValue)
    return decodedValue
  }

  private bundle(token: string): Encoded {
    const bundle = this.store.get(token)
    if (bundle === undefined)
      throw new DecodeError(`The function with token '${token}' was not received`)
    return bundle
  }

  private module(bundle: Encoded): ModuleDescription {
    const description = decodeValue(bundle, this) as Omit<ModuleDescription, 'kind'>
    return { kind: 'module', ...description }
  }
}

/** Thrown when a value has a function that may share something with the rest of the value. */
const mayShare = Symbol('may share')

/** Whether a function captured an object that it may share with others; those of a class stay apart. */
function holdsState(fn: Function, description: FunctionDescription): boolean {
  if (description.kind === 'bound') return true
  if (description.kind !== 'source') return false
  const { captures, properties } = description
  if (isClassLike(fn)) return false
  return captures.some(isMutable) || properties.some(isMutable)
}

function isMutable(value: unknown): boolean {
  if (typeof value === 'function') return describeReference(value) === undefined
  return typeof value === 'object' && value !== null && !(value instanceof RelocatableValue)
}

function isPlatform(Class: Function): boolean {
  const description = describeReference(Class)
  if (description?.kind === 'module') return description.specifier.startsWith('node:')
  if (description !== undefined) return true
  // Platform properties of the global object are not enumerable; those that users add are.
  const global = Object.getOwnPropertyDescriptor(globalThis, Class.name)
  return global !== undefined && global.enumerable !== true && globalValue(global) === Class
}

function globalValue({ get, value }: PropertyDescriptor): unknown {
  return get === undefined ? value : get.call(globalThis)
}

/** The bundles of this thread. */
export const bundles = new BundleStore()

/** The functions of this thread. */
export const functions = new Functions(bundles)

/**
 * Makes the bundles of a function and returns its token. `path` is the beginning of the path in
 * errors.
 */
export function bundleFunction(fn: Function, path: readonly string[]): string {
  return functions.encodingOf(fn, path)
}

/**
 * Loads the modules that the functions behind these tokens import, so that values with them can be
 * decoded.
 */
export function prepare(tokens: readonly string[]): Promise<void> {
  return functions.prepare(tokens)
}
