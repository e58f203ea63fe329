/**
 * Platform types that are rebuilt from their public properties: Blobs, Headers, Intl's formats,
 * Temporal's types and similar. They are identified by their prototypes, so users' classes that
 * extend them are not included.
 */

import { types } from 'node:util'
import { DecodeError } from '../../base/errors.js'
import { ownPrototype } from '../../functions/engine/own-prototypes.js'
import { blobBytes } from './blob-bytes.js'

/** The encoding of one platform type. */
export interface PlatformType {
  readonly name: string
  /** Returns the parts of an object; undefined if they cannot be read. */
  toParts(object: object): unknown
  fromParts(parts: unknown): object
  /** The reason in errors if `toParts` returns undefined. */
  readonly reason: string
  /** The own properties that the parts include. */
  readonly includedKeys: readonly string[]
}

type Class = new (...args: never[]) => object

interface Entry extends PlatformType {
  /**
   * Returns the class. Called only for an object that seems to have it, as Node loads many on
   * demand.
   */
  find(): unknown
}

const byName = new Map<string, Entry>()
/** The type of each prototype that was looked up. */
const byPrototype = new WeakMap<object, PlatformType | false>()

/** Returns the platform type of an object, by its prototype. */
export function platformType(object: object): PlatformType | undefined {
  const prototype = Object.getPrototypeOf(object) as object | null
  if (prototype === null) return undefined
  let found = byPrototype.get(prototype)
  if (found === undefined) {
    found = find(ownPrototype(prototype)!) ?? false
    byPrototype.set(prototype, found)
  }
  return found === false ? undefined : found
}

function find(prototype: object): PlatformType | undefined {
  const Class = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown
  if (typeof Class !== 'function' || Class.prototype !== prototype) return undefined
  // Node 22 has an internal class between Blob and parts of Blobs or files.
  if (Class.name === 'TransferableBlob' && Object.getPrototypeOf(prototype) === Blob.prototype)
    return byName.get('Blob')
  for (const namespace of ['', 'Intl.', 'Temporal.']) {
    const entry = byName.get(namespace + Class.name)
    if (entry !== undefined && entry.find() === Class) return entry
  }
  return undefined
}

/** Builds an object of a platform type from its parts. */
export function makePlatformObject(name: string, parts: unknown): object {
  const type = byName.get(name)
  if (type === undefined || typeof type.find() !== 'function')
    throw new DecodeError(`This version of Node has no ${name}`)
  return type.fromParts(parts)
}

function add<T extends object, P>(
  name: string,
  toParts: (object: T) => P | undefined,
  fromParts: (parts: P) => object,
  { reason = '', includedKeys = [] }: { reason?: string; includedKeys?: readonly string[] } = {},
): void {
  const [namespace, member] = name.split('.')
  const find = () => {
    const value = (globalThis as unknown as Record<string, unknown>)[namespace!]
    return member === undefined ? value : (value as Record<string, unknown> | undefined)?.[member]
  }
  byName.set(name, { name, toParts, fromParts, reason, includedKeys, find } as Entry)
}

add<object, null>(
  'TextEncoder',
  () => null,
  () => new TextEncoder(),
)
add<{ encoding: string; fatal: boolean; ignoreBOM: boolean }, [string, boolean, boolean]>(
  'TextDecoder',
  ({ encoding, fatal, ignoreBOM }) => [encoding, fatal, ignoreBOM],
  ([encoding, fatal, ignoreBOM]) => new TextDecoder(encoding, { fatal, ignoreBOM }),
)
add<Headers, [string, string][]>(
  'Headers',
  (headers) => [...headers],
  (entries) => {
    const headers = new Headers()
    for (const [name, value] of entries) headers.append(name, value)
    return headers
  },
)
add<FormData, [string, unknown][]>(
  'FormData',
  (form) => [...form],
  (entries) => {
    const form = new FormData()
    for (const [name, value] of entries) form.append(name, value as string)
    return form
  },
)

const unreadable = {
  reason: 'it is a Blob whose bytes are not in memory; await its arrayBuffer() or text() first',
}
add<Blob, [Uint8Array, string]>(
  'Blob',
  (blob) => {
    const bytes = blobBytes(blob)
    return bytes === undefined ? undefined : [bytes, blob.type]
  },
  ([bytes, type]) => new Blob([ownBytes(bytes)], { type }),
  unreadable,
)
add<File, [Uint8Array, string, string, number]>(
  'File',
  (file) => {
    const bytes = blobBytes(file)
    return bytes === undefined ? undefined : [bytes, file.type, file.name, file.lastModified]
  },
  ([bytes, type, name, lastModified]) => new File([ownBytes(bytes)], name, { type, lastModified }),
  unreadable,
)

/** Returns bytes in unshared memory, since Blobs cannot be built from shared memory. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (!(bytes instanceof Uint8Array)) throw new DecodeError('The bytes of a Blob are missing')
  return types.isSharedArrayBuffer(bytes.buffer)
    ? Uint8Array.from(bytes)
    : (bytes as Uint8Array<ArrayBuffer>)
}

add<DOMException, [string, string, string | undefined]>(
  'DOMException',
  (error) => [
    error.message,
    error.name,
    Object.hasOwn(error, 'stack') && typeof error.stack === 'string' ? error.stack : undefined,
  ],
  ([message, name, stack]) => withStack(new DOMException(message, name), stack),
  { includedKeys: ['stack'] },
)
add<DOMException & { quota: number | null; requested: number | null }, unknown[]>(
  'QuotaExceededError',
  ({ message, quota, requested, stack }) => [message, quota, requested, stack],
  ([message, quota, requested, stack]) =>
    withStack(
      new (
        (globalThis as unknown as Record<string, Class>).QuotaExceededError as unknown as new (
          ...args: unknown[]
        ) => Error
      )(message, {
        quota: quota ?? undefined,
        requested: requested ?? undefined,
      }),
      stack as string | undefined,
    ),
  { includedKeys: ['stack'] },
)

function withStack(error: object, value: string | undefined): object {
  if (value === undefined) delete (error as { stack?: string }).stack
  else {
    const property = { value, writable: true, configurable: true, enumerable: false }
    Object.defineProperty(error, 'stack', property)
  }
  return error
}

type Options = Record<string, unknown>
interface Format {
  resolvedOptions(): Options
}
const intl = Intl as unknown as Record<
  string,
  (new (locale: string, options: Options) => Format) | undefined
>

const FORMATS = [
  'NumberFormat',
  'DateTimeFormat',
  'Collator',
  'PluralRules',
  'RelativeTimeFormat',
  'ListFormat',
  'Segmenter',
  'DisplayNames',
  'DurationFormat',
] as const
for (const name of FORMATS) {
  const Class = intl[name]
  if (Class === undefined) continue
  const fromParts = (options: Options) => new Class(options.locale as string, options)
  add<Format, Options>(
    `Intl.${name}`,
    (format) => {
      const options = format.resolvedOptions()
      const recreated = fromParts(options).resolvedOptions()
      return JSON.stringify(recreated) === JSON.stringify(options) ? options : undefined
    },
    fromParts,
    {
      reason: `it is a ${name} that cannot be made again from its options; make it where it is used`,
    },
  )
}
add<Intl.Locale, string>(
  'Intl.Locale',
  (locale) => String(locale),
  (tag) => new Intl.Locale(tag),
)

interface TemporalClass {
  readonly prototype: { toString(): string }
  from(text: unknown): object
}
const temporal = (globalThis as { Temporal?: Record<string, TemporalClass> }).Temporal
const TIMES = [
  'Instant',
  'ZonedDateTime',
  'PlainDateTime',
  'PlainDate',
  'PlainTime',
  'PlainYearMonth',
  'PlainMonthDay',
] as const
for (const name of temporal === undefined ? [] : TIMES)
  add<object, string>(
    `Temporal.${name}`,
    (time) => temporal![name]!.prototype.toString.call(time),
    (text) => temporal![name]!.from(text),
  )
const PARTS = [
  'years',
  'months',
  'weeks',
  'days',
  'hours',
  'minutes',
  'seconds',
  'milliseconds',
  'microseconds',
  'nanoseconds',
] as const
if (temporal !== undefined)
  add<Record<string, number>, Record<string, number>>(
    'Temporal.Duration',
    (duration) => Object.fromEntries(PARTS.map((part) => [part, duration[part]!])),
    (parts) => temporal.Duration!.from(parts),
  )
