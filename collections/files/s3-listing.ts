/** Lists the objects of a bucket of S3. */
import { type S3Location, s3Name } from './s3-location.js'
import { sendRequest, tag } from './s3-requests.js'

/** An object in a list. */
export interface S3Object {
  readonly key: string
  readonly size: number
  /** The hash of its content, or of its parts. */
  readonly etag: string
}

/** The objects and folders below a prefix. Names are whole keys; those of folders end with the delimiter. */
export interface S3Listing {
  readonly objects: readonly S3Object[]
  readonly folders: readonly string[]
}

/** Lists the keys that begin with a prefix; with a delimiter only those without it after the prefix. */
export async function listObjects(
  place: S3Location,
  prefix: string,
  delimiter: string,
): Promise<S3Listing> {
  const [objects, folders]: [S3Object[], string[]] = [[], []]
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
    for (const content of elements(xml, 'Contents')) {
      const key = decoded(tag(content, 'Key') ?? '', isEncoded)
      objects.push({
        key,
        size: Number(tag(content, 'Size') ?? 0),
        etag: tag(content, 'ETag') ?? '',
      })
    }
    for (const content of elements(xml, 'CommonPrefixes')) {
      folders.push(decoded(tag(content, 'Prefix') ?? '', isEncoded))
    }
    next = tag(xml, 'IsTruncated') === 'true' ? tag(xml, 'NextContinuationToken') : undefined
  }
  return { objects, folders }
}

function elements(xml: string, name: string): string[] {
  const pattern = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g')
  return Array.from(xml.matchAll(pattern), ([, content]) => content!)
}

function decoded(text: string, isEncoded: boolean): string {
  return isEncoded ? decodeURIComponent(text.replaceAll('+', ' ')) : text
}
