/**
 * A part of a bucket of S3, as a store. An object is replaced at once, so a reader sees the old one or the new one.
 */

import { listObjects } from '../../../files/s3-listing.js'
import type { S3Location } from '../../../files/s3-location.js'
import { sendRequest } from '../../../files/s3-requests.js'
import {
  type ByteRange,
  bytesIn,
  type FolderNames,
  inGroups,
  type KeyStore,
  rangeHeader,
  storeKey,
} from './key-store.js'

/** Returns the store of a part of a bucket. */
export function s3Store(place: S3Location): KeyStore {
  return {
    get: async (key, range) => getObject(place, key, range),
    set: async (key, bytes) => {
      // Requests cannot send shared memory.
      const isShared = bytes.buffer instanceof SharedArrayBuffer
      const body = (isShared ? Uint8Array.from(bytes) : bytes) as Uint8Array<ArrayBuffer>
      await sendRequest(place, { method: 'PUT', key, body })
    },
    has: async (key) => (await sendRequest(place, { method: 'HEAD', key })) !== undefined,
    list: (key) => listKeys(place, key, '/'),
    removeAll: async (key) => {
      const { files } = await listKeys(place, key, '')
      await inGroups(files, (name) =>
        sendRequest(place, { method: 'DELETE', key: storeKey(key, name) }),
      )
    },
  }
}

async function getObject(
  place: S3Location,
  key: string,
  range: ByteRange | undefined,
): Promise<Uint8Array | undefined> {
  const headers: Record<string, string> = range === undefined ? {} : { Range: rangeHeader(range) }
  const answer = await sendRequest(place, { method: 'GET', key, headers })
  if (answer === undefined || range === undefined || answer.status === 206) return answer?.bytes
  return bytesIn(answer.bytes, range)
}

/** Lists the keys below a key; with a delimiter those without it, and the folders of the others. */
async function listKeys(place: S3Location, key: string, delimiter: string): Promise<FolderNames> {
  const folder = storeKey(place.prefix, key)
  const prefix = folder === '' ? '' : `${folder}/`
  const { objects, folders } = await listObjects(place, prefix, delimiter)
  const names = (keys: readonly string[]): string[] => keys.map((name) => name.slice(prefix.length))
  return {
    // Consoles make empty objects for folders.
    files: names(objects.map((object) => object.key)).filter((name) => name !== ''),
    folders: names(folders).map((name) => name.replace(/\/$/, '')),
  }
}
