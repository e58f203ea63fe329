/**
 * Files in buckets of S3. An object appears when it is complete: a small one is sent at once, a large one in
 * parts that the service joins.
 */
import type { FileSystem, StoredFile, StoredFileWriter } from './file-system.js'
import { fixedPart, patternExpression } from './match-names.js'
import { listObjects } from './s3-listing.js'
import { parseS3Location, type S3Location, type S3Options, s3Name } from './s3-location.js'
import { sendRequest, tag } from './s3-requests.js'

/** The bytes of a part; S3 takes at least 5 MiB, and at most 10,000 parts. Parts double every thousand. */
const PART_SIZE = 8 << 20

/** Returns the bucket, without a prefix: keys are those of addresses. */
function locate(url: string, options: Readonly<Record<string, unknown>> | undefined): S3Location {
  const bucket = /^s3:\/\/[^/]*/i.exec(url)?.[0] ?? url
  return parseS3Location(bucket, options as S3Options | undefined, 's3 files')
}

function keyOf(url: string): string {
  return url.replace(/^s3:\/\/[^/]*\/?/i, '')
}

async function find(pattern: string, place: S3Location): Promise<StoredFile[]> {
  const key = keyOf(pattern)
  if (!/[*?{[]/.test(key)) return [await existing(pattern, key, place)]
  const { objects } = await listObjects(place, fixedPart(key), '')
  const expression = patternExpression(key)
  const same = objects.filter((object) => object.key === key)
  const found = same.length > 0 ? same : objects.filter((object) => expression.test(object.key))
  return found
    .filter((object) => !object.key.endsWith('/'))
    .map((object) => ({
      url: s3Name(place, object.key),
      size: object.size,
      version: object.etag,
      ranges: true,
    }))
}

async function existing(url: string, key: string, place: S3Location): Promise<StoredFile> {
  const answer = key === '' ? undefined : await sendRequest(place, { method: 'HEAD', key })
  if (answer === undefined) throw new RangeError(`cannot read '${url}': there is no such object`)
  const { headers } = answer
  const size = Number(headers.get('content-length') ?? 0)
  return { url, size, version: headers.get('etag') ?? '', ranges: true }
}

async function read(
  url: string,
  start: number,
  end: number,
  place: S3Location,
): Promise<Uint8Array> {
  const headers = { Range: `bytes=${start}-${end - 1}` }
  const answer = await sendRequest(place, {
    method: 'GET',
    key: keyOf(url),
    headers,
    mayBeOutside: true,
  })
  if (answer === undefined) throw new RangeError(`cannot read '${url}': there is no such object`)
  if (answer.status === 416) return new Uint8Array(0)
  return answer.status === 206 ? answer.bytes : answer.bytes.slice(start, end)
}

/** Writes an object in parts. */
class S3Writer implements StoredFileWriter {
  private readonly url: string
  private readonly key: string
  private readonly place: S3Location
  private pieces: Uint8Array[] = []
  private filled = 0
  private upload: string | undefined
  private readonly tags: string[] = []

  constructor(url: string, place: S3Location) {
    this.url = url
    this.key = keyOf(url)
    this.place = place
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.pieces.push(bytes)
    this.filled += bytes.length
    if (this.filled >= PART_SIZE * 2 ** Math.floor(this.tags.length / 1000)) await this.sendPart()
  }

  async commit(): Promise<void> {
    const { place, key } = this
    if (this.upload === undefined) {
      await sendRequest(place, { method: 'PUT', key, body: this.taken() })
      return
    }
    if (this.filled > 0) await this.sendPart()
    const parts = this.tags.map(
      (etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
    )
    const body = Buffer.from(
      `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
    ) as Uint8Array<ArrayBuffer>
    const query = { uploadId: this.upload }
    const answer = await sendRequest(place, { method: 'POST', key, query, body })
    const xml = Buffer.from(answer!.bytes).toString('utf8')
    // The service answers with success before it knows whether it succeeds.
    if (xml.includes('<Error>')) {
      throw new Error(`cannot write '${this.url}': ${tag(xml, 'Code')}: ${tag(xml, 'Message')}`)
    }
  }

  async abort(): Promise<void> {
    const { place, key, upload } = this
    if (upload === undefined) return
    await sendRequest(place, { method: 'DELETE', key, query: { uploadId: upload } })
  }

  private async sendPart(): Promise<void> {
    const { place, key } = this
    this.upload ??= await this.begin()
    const query = { partNumber: String(this.tags.length + 1), uploadId: this.upload }
    const answer = await sendRequest(place, { method: 'PUT', key, query, body: this.taken() })
    this.tags.push(answer?.headers.get('etag') ?? '')
  }

  private async begin(): Promise<string> {
    const { place, key } = this
    const answer = await sendRequest(place, { method: 'POST', key, query: { uploads: '' } })
    const upload = tag(Buffer.from(answer!.bytes).toString('utf8'), 'UploadId')
    if (upload !== undefined) return upload
    throw new Error(`cannot write '${this.url}': the service gave no number for an upload in parts`)
  }

  private taken(): Uint8Array<ArrayBuffer> {
    const bytes = Buffer.concat(this.pieces) as Uint8Array<ArrayBuffer>
    this.pieces = []
    this.filled = 0
    return bytes
  }
}

/** Files of `s3:` addresses. */
export const s3Files: FileSystem<S3Location> = {
  locate,
  find,
  read,
  create: async (url, place) => new S3Writer(url, place),
}
