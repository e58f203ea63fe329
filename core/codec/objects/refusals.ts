/**
 * Objects that are bound to their thread or process, and the reasons that errors give for refusing
 * them.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { Stats } from 'node:fs'
import { Stream } from 'node:stream'
import { types } from 'node:util'
import { findProcessBoundReason } from '../../base/process-bound.js'
import { intrinsicPath, isNative } from '../../functions/engine/intrinsics.js'
import { ownPrototype } from '../../functions/engine/own-prototypes.js'

/** The common prototype of `Stats` and `BigIntStats`. */
const statsPrototype = Object.getPrototypeOf(Stats.prototype) as object

/** Returns the reason why an object cannot be sent; undefined if there is none. */
export function refusalReason(object: object): string | undefined {
  const processBound = findProcessBoundReason(object)
  if (processBound !== undefined) return processBound
  if (types.isPromise(object)) return 'it is a promise; await it first'
  if (types.isWeakMap(object) || types.isWeakSet(object) || isWeakRef(object))
    return `it is a ${className(object)}, which is useless without the objects of this thread; ${weakAdvice(object)}`
  if (types.isGeneratorObject(object))
    return 'it is a generator in progress; collect its values first, or send the function'
  if (isIterator(object)) return 'it is an iterator in progress; collect its values first'
  if (types.isArgumentsObject(object)) return 'it is an arguments object; use Array.from(arguments)'
  if (object instanceof Stream)
    return `it is ${aClassName(object)}, which exists in this process only; open it where it is used`
  if (types.isExternal(object)) return 'it is a handle of native code'
  // Some versions of Node write these classes in JavaScript, so they look like a user's.
  if (object instanceof AsyncLocalStorage) return platformReason('AsyncLocalStorage')
  if (Object.prototype.isPrototypeOf.call(statsPrototype, object))
    return platformReason(className(object))
  if ('_handle' in object)
    return `it is ${aClassName(object)}, which holds a native handle; open it where it is used`
  if (types.isKeyObject(object) || types.isCryptoKey(object)) return platformReason('KeyObject')
  if (isTimer(object))
    return `it is ${aClassName(object)}, a timer of this thread; start it where it is used`
  if (object instanceof AbortSignal || object instanceof AbortController)
    return `it is an ${className(object)}, which signals only within this process; give the signal to the call that computes`
  if (object instanceof Response || object instanceof Request)
    return `it is a ${className(object)}, whose body is a stream; send the result of its text() or arrayBuffer()`
  if (object instanceof EventEmitter || object instanceof EventTarget)
    return (
      adviceOn(className(object)) ??
      `it emits events (${className(object)}), and its listeners are in this process; send its data, and make it where it is used`
    )
  const prototype = Object.getPrototypeOf(object) as object
  const Class = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown
  if (typeof Class === 'function') {
    const source = Function.prototype.toString.call(Class)
    if (/\[native code\]\s*\}$/.test(source)) return platformReason(className(object))
  }
  if (isOfAddon(prototype))
    return `it is ${aClassName(object)}, whose data belongs to native code of a package; make it where it is used, or use registerType to define how it is sent`
  return undefined
}

function isWeakRef(object: object): boolean {
  return ownPrototype(Object.getPrototypeOf(object) as object | null) === WeakRef.prototype
}

/**
 * Whether an object is a timer: Node gives timers a symbol that tells whether they keep the process
 * running.
 */
function isTimer(object: object): boolean {
  return Object.getOwnPropertySymbols(object).some(({ description }) => description === 'refed')
}

function weakAdvice(object: object): string {
  if (types.isWeakMap(object)) return 'use a Map, or make it where it is used'
  return types.isWeakSet(object)
    ? 'use a Set, or make it where it is used'
    : 'send what it refers to'
}

const ofAddons = new WeakMap<object, boolean>()

/** Whether a class on the prototype chain is native code of an addon and not of the platform. */
function isOfAddon(prototype: object | null): boolean {
  if (prototype === null || ownPrototype(prototype) === Object.prototype) return false
  let found = ofAddons.get(prototype)
  if (found === undefined) {
    const Class = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown
    const native =
      typeof Class === 'function' &&
      Class.prototype === prototype &&
      isNative(Class) &&
      intrinsicPath(Class) === undefined
    found = native || isOfAddon(Object.getPrototypeOf(prototype) as object | null)
    ofAddons.set(prototype, found)
  }
  return found
}

function className(object: object): string {
  const Class = object.constructor as unknown
  return (typeof Class === 'function' && Class.name) || 'native object'
}

/** Returns the class name with an article: `a Socket`, `an Hmac`. */
function aClassName(object: object): string {
  return withArticle(className(object))
}

function withArticle(name: string): string {
  return `${/^([AEIO]|H(mac|R))/.test(name) ? 'an' : 'a'} ${name}`
}

function isIterator(object: object): boolean {
  const tag = (object as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]
  return typeof tag === 'string' && / Iterator$/.test(tag)
}

const processOnly = 'which exists in this process only; open it where it is used'
const threadOnly = 'which belongs to this thread; make it where it is used'
const webAssembly =
  'of WebAssembly, which cannot leave this thread; send the bytes, and compile them where it is used'

/** Advice for some types of the platform, by their names. */
const adviceByName: readonly (readonly [name: RegExp, advice: string])[] = [
  [
    /^(FileHandle|Dir|MessagePort|MessageChannel|BroadcastChannel|WebSocket|EventSource)$/,
    processOnly,
  ],
  [/^(Worker|Interface|Console|DatabaseSync|StatementSync)$/, processOnly],
  [/(Stream|StreamDefaultReader|StreamBYOBReader|StreamDefaultWriter|Controller)$/, processOnly],
  [/^(Module|Instance|Memory|Table|Global|Exception|Tag)$/, webAssembly],
  [
    /^(Script|SourceTextModule|SyntheticModule|Agent|EventTarget|Performance\w*Observer)$/,
    threadOnly,
  ],
  [/^(AsyncLocalStorage|AsyncResource|FinalizationRegistry|ECDH|DiffieHellman)$/, threadOnly],
  [/^KeyObject$/, 'which exists in this process only; export it, and import it where it is used'],
  [
    /^(Crypto|SubtleCrypto)$/,
    'of the platform, which exists everywhere; use `crypto` in the function itself',
  ],
  [/^(Big(Int)?)?Stats$/, 'a type of the platform that cannot be sent; send the fields you need'],
]

/** Returns the reason to refuse an object of a platform type that the codec does not know. */
export function platformReason(name: string): string {
  return (
    adviceOn(name) ??
    `it is ${withArticle(name)}, a type of the platform that cannot be sent; use registerType to define how it is sent`
  )
}

function adviceOn(name: string): string | undefined {
  const found = adviceByName.find(([pattern]) => pattern.test(name))?.[1]
  return found && `it is ${withArticle(name)}, ${found}`
}

/**
 * Returns the reason to refuse an object whose class has private members and is not sent as source
 * code.
 */
export function privateMembersReason(name: string): string {
  return `its class belongs to a package and has private members (${name}), which only the class itself can add to an object; use registerType to define how it is sent`
}
