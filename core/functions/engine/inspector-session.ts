/**
 * The session of this thread with V8's inspector (`node:inspector`), and the exchange of values with it.
 *
 * The session is connected within the process, and `post` returns after its callback has run. The
 * inspector hands over values themselves, not copies: it calls a function on `exchange`, an object that both
 * sides hold.
 */
import { Session } from 'node:inspector'
import { mainGlobal } from './realms.js'

/** A value as the inspector represents it. */
export interface InspectorValue {
  readonly objectId?: string
  readonly description?: string
  readonly value?: unknown
}

/** A property, own or internal, as the inspector lists it. */
export interface InspectorProperty {
  readonly name: string
  readonly value?: InspectorValue
}

/** The inspector's objects of one query; `releaseObjects` frees them all. */
export const objectGroup = 'skein'

const exchange: { sent: unknown; received: readonly unknown[] } = { sent: undefined, received: [] }
let session: Session | undefined
let exchangeId = ''

/** Connects the session of this thread, if it is not connected yet, and returns it. */
export function connect(): Session {
  if (session !== undefined) return session
  session = new Session()
  session.connect()
  const name = `skein.exchange.${Math.random()}`
  Object.defineProperty(mainGlobal, name, { value: exchange, configurable: true })
  const expression = `globalThis[${JSON.stringify(name)}]`
  exchangeId = post<{ result: InspectorValue }>('Runtime.evaluate', { expression }).result.objectId!
  Reflect.deleteProperty(mainGlobal, name)
  return session
}

/** Sends a command to the inspector and returns its answer. */
export function post<T>(method: string, params?: object): T {
  let result: unknown
  let failure: Error | null = null
  session!.post(method, params, (error, answer) => {
    failure = error
    result = answer
  })
  if (failure !== null) throw failure
  return result as T
}

/** Returns the inspector's object id of a value. */
export function objectIdOf(value: unknown): string {
  exchange.sent = value
  return post<{ result: InspectorValue }>('Runtime.callFunctionOn', {
    objectId: exchangeId,
    functionDeclaration: 'function () { return this.sent }',
    objectGroup,
  }).result.objectId!
}

/** Returns the values behind the inspector's object ids. */
export function valuesOf(remotes: readonly InspectorValue[]): readonly unknown[] {
  post('Runtime.callFunctionOn', {
    objectId: exchangeId,
    functionDeclaration: 'function (...values) { this.received = values }',
    arguments: remotes.map((r) => (r.objectId === undefined ? r : { objectId: r.objectId })),
    objectGroup,
  })
  return exchange.received
}

/** Lists the own, internal and private properties of a value. */
export function propertiesOf(objectId: string): {
  result: InspectorProperty[]
  internalProperties?: InspectorProperty[]
  privateProperties?: InspectorProperty[]
} {
  return post('Runtime.getProperties', { objectId, ownProperties: true })
}

/**
 * Converts a value to the form that `callFunctionOn` takes: by object id, as itself, or as a string for
 * NaN and bigints.
 */
export function asArgument(
  remote: InspectorValue & { unserializableValue?: string },
): InspectorValue {
  const { objectId, unserializableValue, value } = remote
  if (objectId !== undefined) return { objectId }
  if (unserializableValue !== undefined) return { unserializableValue } as InspectorValue
  return { value }
}

/** Frees all objects that the inspector holds for queries. */
export function releaseObjects(): void {
  exchange.sent = undefined
  exchange.received = []
  post('Runtime.releaseObjectGroup', { objectGroup })
}
