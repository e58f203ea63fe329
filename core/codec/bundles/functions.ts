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
import { adoptReceivedType, registeredType } from '../objects/registered-types.js'
import { canonicalToken } from '../tokens/canonical.js'
import { BundleStore, type StoredBundle } from './bundle-store.js'
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
  /** What is behind tokens that have no bundles. */
  private readonly named = new Map<string, unknown>()
  /** The operations whose modules are loaded, or are being loaded. */
  private readonly loads = new Map<string, true | Promise<void>>()
  /** The types that were received. They are registered for the thread's life, so their bundles are kept. */
  private readonly types = new Map<string, StoredBundle>()
  /** The bundles of types; undefined for a type whose definition cannot be sent. */
  private readonly typeBundles = new WeakMap<RegisteredType, { bundle: StoredBundle | undefined }>()
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
  /** The bundles that are being decoded, each after those that it needs. */
  private decoding: ReadonlySet<StoredBundle> = new Set()
  /** The source of functions for results: tokens of classes of this thread give those classes. */
  readonly forResults: FunctionSource = {
    lookup: (token) => this.classes.original(token, false) ?? this.lookup(token),
    typeOf: (token, name) => registeredType(name) ?? this.adoptedType(token),
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

  /** Makes the bundles of a function, and returns its token and, unless it is sent by name, its bundle. */
  bundle(
    fn: Function,
    path: readonly string[],
  ): { token: string; bundle: StoredBundle | undefined } {
    this.store.begin()
    try {
      const token = this.encodingOf(fn, path)
      return { token, bundle: isNamedToken(token) ? undefined : this.store.find(token) }
    } finally {
      this.store.end()
    }
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
    this.store.begin()
    try {
      const encoded = this.encodeParts(value, onShared, path, ofValue)
      this.store.hold(encoded.bundles)
      return encoded
    } finally {
      this.store.end()
    }
  }

  private encodeParts(
    value: unknown,
    onShared: boolean,
    path: readonly string[],
    ofValue: FunctionEncoding,
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
    this.store.begin()
    try {
      return canonicalToken(values, this.ofValue)
    } catch (error) {
      if (error !== mayShare) throw error
    } finally {
      this.store.end()
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
    this.store.begin()
    try {
      return inDescriptionSession(value as object, () =>
        use(bundleTogether(value, path, this.store, describeFunction, this.context)),
      )
    } finally {
      this.store.end()
    }
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
    if (object instanceof TokenHolder)
      return this.useOf(object.bundle as StoredBundle, object.token)
    const decodedAs = typeof object === 'function' ? this.classes.bundleOf(object) : undefined
    if (decodedAs !== undefined) return this.useOf(decodedAs as StoredBundle, decodedAs.token)
    const operation = typeof object === 'function' ? operationReference(object) : undefined
    if (operation !== undefined) return this.tokenFor({ kind: 'operation', ...operation })
    const text = typeof object === 'function' ? expressionSource(object) : undefined
    if (text !== undefined) return this.tokenFor({ kind: 'expression', text })
    const description = object instanceof Described ? object.description : describeReference(object)
    if (description === undefined) return undefined
    const token = this.tokenFor(description)
    if (object instanceof Described) return token
    // This thread has the object, whether its module was prepared or not.
    if (isNamedToken(token)) this.addNamed(token, object)
    else this.store.find(token)!.decoded ??= object
    return token
  }

  /** Marks a bundle as used in what is being encoded; returns the token. */
  private useOf(bundle: StoredBundle | undefined, token: string): string {
    if (bundle !== undefined) this.store.touch(bundle)
    return token
  }

  private addNamed(token: string, object: unknown): void {
    if (this.named.has(token)) return
    if (this.named.size >= maxNamed) this.named.clear()
    this.named.set(token, object)
  }

  isPlatform(Class: Function): boolean {
    return isPlatform(Class)
  }

  typeToken(type: RegisteredType): string | undefined {
    let known = this.typeBundles.get(type)
    if (known === undefined) {
      // While the definition is encoded, objects of the type in it have only the name.
      this.typeBundles.set(type, { bundle: undefined })
      known = { bundle: this.addType(type) }
      this.typeBundles.set(type, known)
    }
    if (known.bundle === undefined) return undefined
    return this.useOf(known.bundle, known.bundle.token)
  }

  private addType({ name, definition }: RegisteredType): StoredBundle | undefined {
    const path = [`type '${name}'`]
    try {
      const encoded = encodeValue(definition, false, path, this)
      return this.store.add(`type-${canonicalToken([definition], this)}`, encoded)
    } catch (error) {
      if (error instanceof NotPortableError) return undefined
      throw error
    }
  }

  /** Whether classes of this thread were copied, so that some objects may be instances of a copy. */
  hasCopies(): boolean {
    return this.classes.hasCopies
  }

  /** Whether what is behind some tokens refers to copies of classes of this thread, and so may make instances of them. */
  referToCopies(tokens: readonly string[]): boolean {
    if (tokens.length === 0 || !this.classes.hasCopies) return false
    return this.store.closure(tokens).some((token) => this.classes.isCopied(token))
  }

  typeOf(token: string, name: string): RegisteredType {
    return this.ownType(token, name) ?? this.adoptedType(token)
  }

  /** Returns the type that this thread has registered, unless tasks work with copies of its class. */
  private ownType(token: string, name: string): RegisteredType | undefined {
    const own = registeredType(name)
    const isCopied = own?.definition.class !== undefined && this.typeToken(own) === token
    return isCopied ? undefined : own
  }

  private adoptedType(token: string): RegisteredType {
    let bundle = this.types.get(token)
    if (bundle === undefined) {
      bundle = this.findBundle(token)
      bundle.type ??= adoptReceivedType(this.lookup(token))
      this.types.set(token, bundle)
      this.typeBundles.set(bundle.type, { bundle })
    }
    return bundle.type!
  }

  private tokenFor(description: FunctionDescription): string {
    return encodingByDescription(description, this.store) as string
  }

  /**
   * Loads the modules that the functions behind these tokens import, so that values with them can
   * be decoded.
   */
  async prepare(tokens: readonly string[]): Promise<void> {
    const bundles = this.store.bundlesOf(tokens)
    if (bundles.every(({ loaded }) => loaded === true) && bundles.length === tokens.length) return
    const byToken = new Map(bundles.map((bundle) => [bundle.token, bundle]))
    for (const token of tokens) {
      if (isNamedToken(token)) {
        const loading = this.loads.get(token) ?? this.loadNamed(token)
        if (loading !== true) await loading
      } else {
        const bundle = byToken.get(token) ?? this.findBundle(token)
        if (bundle.loaded !== true) await (bundle.loaded ??= this.load(bundle))
      }
    }
  }

  private loadNamed(token: string): true | Promise<void> {
    const operation = operationOf(token)
    if (operation === undefined) return true
    const loading = loadReference(operation).then(
      () => void this.loads.set(token, true),
      (error: unknown) => {
        this.loads.delete(token)
        throw error
      },
    )
    this.loads.set(token, loading)
    return loading
  }

  private async load(bundle: StoredBundle): Promise<void> {
    try {
      await this.loadModules(bundle)
      bundle.loaded = true
    } catch (error) {
      bundle.loaded = undefined
      throw error
    }
  }

  private async loadModules(root: StoredBundle): Promise<void> {
    // The closure is a flat list, so bundles that depend on one another cause no endless recursion.
    const bundles = this.store.closureOf([root])
    const tokens = new Set(bundles.map(({ token }) => token))
    for (const { token, encoded } of bundles) {
      if (token.startsWith('module-')) await loadReference(this.module(encoded))
      for (const name of encoded.bundles) {
        if (!isNamedToken(name)) {
          if (!tokens.has(name)) throw notReceived(name)
          continue
        }
        const loading = this.loads.get(name) ?? this.loadNamed(name)
        if (loading !== true) await loading
      }
    }
  }

  lookup(token: string): unknown {
    if (isNamedToken(token)) return this.lookupNamed(token)
    const bundle = this.store.find(token)
    if (bundle === undefined) {
      const original = this.classes.original(token, true)
      if (original === undefined) throw notReceived(token)
      return original
    }
    return this.decodedOf(bundle)
  }

  /** Returns the function, or whatever else a bundle encodes. */
  decodedOf(bundle: StoredBundle): unknown {
    // An equal class may have been declared, and sent, since.
    if (bundle.decoded === undefined || this.classes.isOriginal(bundle.decoded))
      bundle.decoded = this.classes.original(bundle.token, true) ?? this.decodeBundle(bundle, this)
    return bundle.decoded
  }

  private lookupNamed(token: string): unknown {
    if (!this.named.has(token)) this.addNamed(token, resolveNamedToken(token))
    return this.named.get(token)
  }

  build = buildFunction

  /**
   * Returns what makes copies of values in this thread: functions and classes are built anew, once
   * for all the copies, and share no variables with the originals. Those that cannot change are
   * the originals.
   */
  separate(): SeparateFunctions {
    const built = new Map<string, unknown>()
    const types = new Map<string, RegisteredType>()
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
          const found =
            this.classes.original(token, true) ?? this.decodeBundle(this.findBundle(token), source)
          built.set(token, found)
          hasClasses ||= isClassLike(found)
        }
        return built.get(token)
      },
      typeOf: (token, name) => {
        let type = this.ownType(token, name) ?? types.get(token)
        if (type === undefined) {
          const bundle = this.findBundle(token)
          type = adoptReceivedType(this.decodeBundle(bundle, source))
          this.typeBundles.set(type, { bundle })
          types.set(token, type)
        }
        return type
      },
      build: buildFunction,
      hasClasses: () => hasClasses,
    }
    return source
  }

  private decodeBundle(bundle: StoredBundle, source: FunctionSource): unknown {
    if (this.decoding.has(bundle)) return this.decodeParts(bundle, source)
    const outer = this.decoding
    const closure = this.store.closureOf([bundle])
    this.decoding = new Set(closure)
    try {
      return this.store.among(closure, () => {
        // Dependencies are decoded first, so that a long chain of functions causes no deep recursion.
        for (const { token } of closure) if (token !== bundle.token) source.lookup(token)
        return this.decodeParts(bundle, source)
      })
    } finally {
      this.decoding = outer
    }
  }

  private decodeParts({ token, encoded }: StoredBundle, source: FunctionSource): unknown {
    if (token.startsWith('module-')) return resolveReference(this.module(encoded))
    const { group, index } = groupOf(token) ?? {}
    if (group !== undefined) return (source.lookup(group) as readonly unknown[])[index!]
    const decodedValue = decodeValue(encoded, source)
    if (token.startsWith('type-')) return decodedValue
    if (token.startsWith('group-'))
      for (const [i, member] of (decodedValue as readonly unknown[]).entries())
        this.recordDecoded(addMember(token, i, this.store), member)
    else this.recordDecoded(this.findBundle(token), decodedValue)
    return decodedValue
  }

  private recordDecoded(bundle: StoredBundle, decoded: unknown): void {
    if (this.classes.recordDecoded(bundle, decoded)) this.store.makeFindable(bundle, true)
  }

  private findBundle(token: string): StoredBundle {
    const bundle = this.store.find(token)
    if (bundle === undefined) throw notReceived(token)
    return bundle
  }

  private module(bundle: Encoded): ModuleDescription {
    const description = decodeValue(bundle, this) as Omit<ModuleDescription, 'kind'>
    return { kind: 'module', ...description }
  }
}

function notReceived(token: string): DecodeError {
  return new DecodeError(`The function with token '${token}' was not received`)
}

/** The most tokens without bundles whose functions are kept. */
const maxNamed = 1000

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
 * Loads the modules that the functions behind these tokens import, so that values with them can be
 * decoded.
 */
export function prepare(tokens: readonly string[]): Promise<void> {
  return functions.prepare(tokens)
}
