/**
 * Where Zarr keeps its files: a folder, an address that is read over HTTP, a part of a bucket of
 * S3, a `Map`, or an object with `get` and `set`.
 */
import { existsSync, fstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  isS3Location,
  parseS3Location,
  type S3Location,
  type S3Options,
  s3Name,
} from '../../../files/s3-location.js'
import { formatArgument } from '../../block/format-argument.js'
import { localPath, readFully, replaceFile, withFile } from '../file-access.js'
import { type ByteRange, bytesIn, type KeyStore, rangeHeader } from './key-store.js'
import { s3Store } from './s3-store.js'

/**
 * A store of files by keys such as `/x/zarr.json`, as zarrita and others have them. Tasks use copies of it, so `set` must
 * write to a place outside of the object.
 */
export interface ZarrStore {
  /** Returns the bytes of a key; undefined if there are none. */
  get(key: `/${string}`): Uint8Array | undefined | PromiseLike<Uint8Array | undefined>
  /** Writes the bytes of a key; they replace others at once. */
  set?(key: `/${string}`, bytes: Uint8Array): unknown
}

/** Where an array or group is: a path, a `file:`, `http:`, `https:` or `s3:` URL, or a store. */
export type ZarrLocation = string | URL | ReadonlyMap<string, Uint8Array> | ZarrStore

/** A location that can be sent to tasks: an absolute path, an address, a part of a bucket or a store. */
export type SentLocation = string | S3Location | ReadonlyMap<string, Uint8Array> | ZarrStore

/** Checks a location, and makes paths absolute. */
export function checkedLocation(
  location: unknown,
  storageOptions: S3Options | undefined,
  operation: string,
): SentLocation {
  const isAddress = typeof location === 'string' || location instanceof URL
  if (isAddress && /^s3:/i.test(String(location))) {
    return parseS3Location(String(location), storageOptions, operation)
  }
  if (storageOptions !== undefined) {
    throw new TypeError(`${operation}: storageOptions are for s3: locations only`)
  }
  if (isAddress) {
    return /^https?:/i.test(String(location))
      ? String(location).replace(/\/+$/, '')
      : localPath(location, operation)
  }
  const isStore =
    typeof location === 'object' &&
    location !== null &&
    typeof (location as ZarrStore).get === 'function'
  if (isStore) return location as SentLocation
  throw new TypeError(
    `${operation}: expected a path, a URL, a Map of bytes or a store with get(key); got ${formatArgument(location)}`,
  )
}

/** Returns the name of a location for messages. */
export function locationName(location: SentLocation): string {
  if (typeof location === 'string') return `'${location}'`
  return isS3Location(location) ? `'${s3Name(location)}'` : 'the store'
}

/** Returns the store at a location. */
export function openStore(location: SentLocation): KeyStore {
  if (typeof location !== 'string') {
    return isS3Location(location) ? s3Store(location) : objectStore(location)
  }
  return /^https?:/i.test(location) ? httpStore(location) : folderStore(location)
}

function folderStore(folder: string): KeyStore {
  return {
    get: async (key, range) => {
      const file = join(folder, key)
      try {
        return range === undefined ? readFileSync(file) : readPart(file, range)
      } catch (error) {
        const { code } = error as { code?: string }
        // A part of the path may be a file, where a chunk of another array is.
        if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
        throw error
      }
    },
    set: async (key, bytes) => replaceFile(join(folder, key), bytes),
    has: async (key) => existsSync(join(folder, key)),
    list: async (key) => {
      const path = join(folder, key)
      const names = existsSync(path) ? readdirSync(path, { withFileTypes: true }) : []
      return {
        files: names.filter((entry) => entry.isFile()).map(({ name }) => name),
        folders: names.filter((entry) => entry.isDirectory()).map(({ name }) => name),
      }
    },
    removeAll: async (key) => rmSync(join(folder, key), { recursive: true, force: true }),
  }
}

function readPart(path: string, { start, count }: ByteRange): Uint8Array {
  return withFile(path, 'r', (file) => {
    const bytes = Buffer.alloc(count)
    readFully(file, path, bytes, start ?? fstatSync(file).size - count)
    return bytes
  })
}

function httpStore(address: string): KeyStore {
  const request = async (key: string, init: RequestInit): Promise<Response | undefined> => {
    const url = new URL(address)
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${key}`
    const response = await fetch(url, init)
    if (response.ok) return response
    await response.body?.cancel()
    if (response.status === 404) return undefined
    throw new Error(`${url} answered with status ${response.status}`)
  }
  return {
    get: async (key, range) => {
      const headers: Record<string, string> =
        range === undefined ? {} : { Range: rangeHeader(range) }
      const response = await request(key, { headers })
      if (response === undefined) return undefined
      const bytes = new Uint8Array(await response.arrayBuffer())
      return range === undefined || response.status === 206 ? bytes : bytesIn(bytes, range)
    },
    set: () => {
      throw new TypeError(
        `${address} can only be read; write to a folder, or to a store with set(key, bytes)`,
      )
    },
    has: async (key) => (await request(key, { method: 'HEAD' })) !== undefined,
  }
}

function objectStore(store: ReadonlyMap<string, Uint8Array> | ZarrStore): KeyStore {
  const get = async (key: string) => {
    if (store instanceof Map)
      return (store.get(key) ?? store.get(`/${key}`)) as Uint8Array | undefined
    return (store as ZarrStore).get(`/${key}`)
  }
  return {
    get: async (key, range) => {
      const bytes = await get(key)
      return bytes === undefined || range === undefined ? bytes : bytesIn(bytes, range)
    },
    set: async (key, bytes) => {
      if (store instanceof Map || typeof (store as ZarrStore).set !== 'function') {
        throw new TypeError(
          'tasks cannot write to the memory of this process; write to a folder, or to a store with set(key, bytes)',
        )
      }
      await (store as Required<ZarrStore>).set(`/${key}`, bytes)
    },
    has: async (key) => (await get(key)) !== undefined,
  }
}
