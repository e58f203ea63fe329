/**
 * The session of this thread with V8's inspector (`node:inspector`), and the exchange of values with it.
 *
 * The session is connected within the process, and `post` returns after its callback has run. The
 * inspector takes and hands over values themselves, not copies: as properties of objects that both sides hold.
 */
import type { Session } from 'node:inspector'
import { lazyPackage } from '../../base/lazy-package.js'
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

/** The inspector's objects of queries; `releaseObjects` frees them all. */
export const objectGroup = 'skein'

/** Holds a value that the inspector is asked for. */
const sent: { value: unknown } = { value: undefined }
/** Holds values that the inspector hands over. */
const received: { values: readonly unknown[] } = { values: [] }

/** Node's inspector, which takes some milliseconds to load. */
export const inspector = lazyPackage<typeof import('node:inspector')>('node:inspector')

let session: Session | undefined
let sentId = ''
let receivedId = ''

/** The ids of values that were asked for since objects were released. */
const ids = new Map<unknown, string>()
/** The number of callers that will release the objects. */
let keepers = 0
/** Whether there was a query since objects were released. */
let isUsed = false

/** Connects the session of this thread, if it is not connected yet, and returns it. */
export function connect(): Session {
  if (session !== undefined) return session
  session = new (inspector().Session)()
  session.connect()
  sentId = idOfOwn(sent)
  receivedId = idOfOwn(received)
  return session
}

function idOfOwn(object: object): string {
  const name = `skein.exchange.${Math.random()}`
  Object.defineProperty(mainGlobal, name, { value: object, configurable: true })
  const expression = `globalThis[${JSON.stringify(name)}]`
  const { result } = post<{ result: InspectorValue }>('Runtime.evaluate', { expression })
  Reflect.deleteProperty(mainGlobal, name)
  return result.objectId!
}

/** Sends a command to the inspector and returns its answer. */
export function post<T>(method: string, params?: object): T {
  let result: unknown
  let failure: Error | null = null
  isUsed = true
  session!.post(method, params, (error, answer) => {
    failure = error
    result = answer
  })
  if (failure !== null) throw failure
  return result as T
}

/** Returns the inspector's object id of an object, which is valid until objects are released. */
export function objectIdOf(value: object): string {
  let id = ids.get(value)
  if (id !== undefined) return id
  sent.value = value
  id = post<{ result: InspectorValue }>('Runtime.callFunctionOn', {
    objectId: sentId,
    functionDeclaration: 'function () { return this.value }',
    objectGroup,
  }).result.objectId!
  ids.set(value, id)
  return id
}

/** Returns the values behind the inspector's object ids. */
export function valuesOf(remotes: readonly InspectorValue[]): readonly unknown[] {
  post('Runtime.callFunctionOn', {
    objectId: receivedId,
    functionDeclaration: 'function (...values) { this.values = values }',
    arguments: remotes.map((r) => (r.objectId === undefined ? r : { objectId: r.objectId })),
    objectGroup,
  })
  return received.values
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

/** Runs `body`, whose queries share the inspector's objects. They are released after it. */
export function keepingObjects<T>(body: () => T): T {
  keepers++
  try {
    return body()
  } finally {
    keepers--
    releaseObjects()
  }
}

/** Frees all objects that the inspector holds for queries, unless a caller keeps them. */
export function releaseObjects(): void {
  if (keepers > 0 || !isUsed) return
  received.values = []
  sent.value = undefined
  ids.clear()
  post('Runtime.releaseObjectGroup', { objectGroup })
  isUsed = false
}
