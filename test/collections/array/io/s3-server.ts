/**
 * A small S3 server on loopback, for tests. It checks signatures by its own computation of Signature Version 4, and
 * can be told to fail.
 */
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface S3Server {
  readonly endpoint: string
  /** The objects of the one bucket, which is named `data`. */
  readonly objects: Map<string, Buffer>
  /** The requests so far: method, path with query, range. */
  readonly requests: string[]
  /** Whether requests without a signature are allowed. */
  isPublic: boolean
  /** Answers that are given instead of the next ones; `'drop'` ends the connection, `'hang'` gives none. */
  readonly failures: ('drop' | 'hang' | { readonly status: number; readonly code: string })[]
  close(): Promise<void>
}

export const ACCESS = { accessKeyId: 'tester', secretAccessKey: 'a/secret+with=signs' }
const REGION = 'eu-test-1'
/** Lists have pages of few keys, so that there are several. */
const SMALL_PAGE = 3

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex')
const hmac = (key: string | Buffer, content: string) =>
  createHmac('sha256', key).update(content).digest()

/** Returns the error code of a request that is not signed as the specification says; undefined if it is. */
function signatureError(request: IncomingMessage, body: Buffer): string | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)$/
  const found = pattern.exec(request.headers.authorization ?? '')
  if (found === null) return 'AccessDenied'
  const [, id, scope, names, signature] = found as unknown as string[]
  if (id !== ACCESS.accessKeyId) return 'InvalidAccessKeyId'
  const [day, region] = scope!.split('/')
  if (region !== REGION) return 'AuthorizationHeaderMalformed'
  const signed = names!.split(';')
  for (const name of ['host', 'x-amz-date', 'x-amz-content-sha256']) {
    if (!signed.includes(name)) return 'AccessDenied'
  }
  if (request.headers['x-amz-content-sha256'] !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  const [path, query = ''] = request.url!.split('?')
  const canonical = [
    request.method,
    path,
    query.split('&').sort().join('&'),
    ...signed.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    names,
    sha256(body),
  ].join('\n')
  const date = String(request.headers['x-amz-date'])
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')
  const key = [day!, REGION, 's3', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${ACCESS.secretAccessKey}`,
  )
  return hmac(key, text).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}

const escaped = (text: string) =>
  encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+')

function list(
  objects: ReadonlyMap<string, Buffer>,
  query: URLSearchParams,
  pageSize: number,
): string {
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
  const entries = new Set<string>()
  for (const key of objects.keys()) {
    if (!key.startsWith(prefix)) continue
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    entries.add(end < 0 ? key : key.slice(0, end + 1))
  }
  const after = query.get('continuation-token') ?? ''
  const left = [...entries].sort().filter((entry) => entry > after)
  const page = left.slice(0, pageSize)
  const items = page.map((entry) =>
    delimiter !== '' && entry.endsWith(delimiter)
      ? `<CommonPrefixes><Prefix>${escaped(entry)}</Prefix></CommonPrefixes>`
      : `<Contents><ETag>&quot;1&quot;</ETag><Key>${escaped(entry)}</Key><Size>${objects.get(entry)!.length}</Size></Contents>`,
  )
  const isCut = left.length > pageSize
  const next = isCut ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
  return `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${isCut}</IsTruncated>${next}${items.join('')}</ListBucketResult>`
}

/** Starts a server. */
export async function startS3Server(pageSize = SMALL_PAGE): Promise<S3Server> {
  const objects = new Map<string, Buffer>()
  const uploads = new Map<string, Buffer[]>()
  const state = {
    objects,
    requests: [] as string[],
    isPublic: false,
    failures: [] as S3Server['failures'],
  }

  const answer = (request: IncomingMessage, body: Buffer, response: ServerResponse): void => {
    const { method, url, headers } = request
    state.requests.push([method, url, headers.range].filter(Boolean).join(' '))
    const fail = (status: number, code: string) =>
      response
        .writeHead(status, { 'content-type': 'application/xml' })
        .end(
          method === 'HEAD'
            ? undefined
            : `<Error><Code>${code}</Code><Message>said &lt;no&gt;</Message>${code === 'AuthorizationHeaderMalformed' ? `<Region>${REGION}</Region>` : ''}</Error>`,
        )
    const failure = state.failures.shift()
    if (failure === 'drop') return void request.socket.destroy()
    if (failure === 'hang') return
    if (failure !== undefined) return void fail(failure.status, failure.code)
    const wrong =
      state.isPublic && !headers.authorization ? undefined : signatureError(request, body)
    if (wrong === 'AuthorizationHeaderMalformed') return void fail(400, wrong)
    if (wrong !== undefined) return void fail(403, wrong)
    const [path, query] = url!.split('?')
    const [, bucket, key] = /^\/([^/]+)\/(.*)$/.exec(decodeURIComponent(path!)) ?? []
    if (bucket !== 'data') return void fail(404, 'NoSuchBucket')
    if (key === '') return void response.end(list(objects, new URLSearchParams(query), pageSize))
    const parameters = new URLSearchParams(query)
    const upload = parameters.get('uploadId')
    if (parameters.has('uploads')) {
      const id = `upload-${uploads.size}`
      uploads.set(id, [])
      return void response.end(`<R><UploadId>${id}</UploadId></R>`)
    }
    if (upload !== null) {
      const parts = uploads.get(upload)
      if (parts === undefined) return void fail(404, 'NoSuchUpload')
      const number = Number(parameters.get('partNumber'))
      if (method === 'PUT') {
        parts[number - 1] = body
        return void response.writeHead(200, { etag: `"${sha256(body)}"` }).end()
      }
      uploads.delete(upload)
      if (method === 'DELETE') return void response.writeHead(204).end()
      const expected = parts.map((part) => `"${sha256(part)}"`)
      const tags = [...body.toString().matchAll(/<ETag>(.*?)<\/ETag>/g)].map(([, text]) => text)
      if (tags.join() !== expected.join()) return void fail(400, 'InvalidPart')
      objects.set(key!, Buffer.concat(parts))
      return void response.end('<CompleteMultipartUploadResult/>')
    }
    if (method === 'PUT') objects.set(key!, body)
    if (method === 'DELETE') objects.delete(key!)
    if (method === 'DELETE') return void response.writeHead(204).end()
    const bytes = objects.get(key!)
    if (bytes === undefined) return void fail(404, 'NoSuchKey')
    const length = method === 'HEAD' ? { 'content-length': String(bytes.length) } : {}
    if (method !== 'GET') return void response.writeHead(200, length).end()
    const range = /^bytes=(\d*)-(\d+)$/.exec(headers.range ?? '')
    if (range === null) return void response.writeHead(200).end(bytes)
    const [, first, last] = range
    if (first !== '' && Number(first) >= bytes.length) return void fail(416, 'InvalidRange')
    const part =
      first === '' ? bytes.subarray(-Number(last)) : bytes.subarray(Number(first), Number(last) + 1)
    response.writeHead(206).end(part)
  }

  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    answer(request, Buffer.concat(parts), response)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(state, {
    endpoint: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  })
}

export const options = (server: S3Server) => ({
  endpoint: server.endpoint,
  region: REGION,
  ...ACCESS,
})
