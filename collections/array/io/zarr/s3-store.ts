/**
 * A part of a bucket of S3, as a store. An object is replaced at once, so a reader sees the old one or the new one.
 */
import {
  type ByteRange,
  bytesIn,
  type FolderNames,
  inGroups,
  type KeyStore,
  rangeHeader,
  storeKey,
} from './key-store.js'
import { type S3Location, s3Name } from './s3-location.js'
import { plainText, sendRequest, tag } from './s3-requests.js'

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
  const [files, folders]: [string[], string[]] = [[], []]
  for (let next: string | undefined = ''; next !== undefined; ) {
    const query: Record<string, string> = { 'list-type': '2', 'encoding-type': 'url', prefix }
    if (delimiter !== '') query.delimiter = delimiter
    if (next !== '') query['continuation-token'] = next
    const answer = await sendRequest(place, { method: 'GET', key: '', query })
    const xml = Buffer.from(answer!.bytes).toString('utf8')
    if (!xml.includes('<ListBucketResult')) {
      throw new Error(
        `${s3Name(place)}: the answer to a request for a list of keys is none; check that the endpoint is one of S3`,
      )
    }
    const isEncoded = tag(xml, 'EncodingType') === 'url'
    const read = (element: string, name: string): string[] => {
      const pattern = new RegExp(`<${element}>[\\s\\S]*?<${name}>([^<]*)</${name}>`, 'g')
      return Array.from(xml.matchAll(pattern), ([, text]) =>
        decoded(plainText(text!), isEncoded).slice(prefix.length),
      )
    }
    files.push(...read('Contents', 'Key'))
    folders.push(...read('CommonPrefixes', 'Prefix').map((name) => name.replace(/\/$/, '')))
    next = tag(xml, 'IsTruncated') === 'true' ? tag(xml, 'NextContinuationToken') : undefined
  }
  // Consoles make empty objects for folders.
  return { files: files.filter((name) => name !== ''), folders }
}

function decoded(text: string, isEncoded: boolean): string {
  return isEncoded ? decodeURIComponent(text.replaceAll('+', ' ')) : text
}
