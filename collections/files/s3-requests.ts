/**
 * Requests to S3: where they are sent, how they are signed and retried, and what the answers mean. A request that fails
 * in the network or the service is retried a few times. That is safe, since all requests are idempotent.
 */
import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { lazyModule } from '../../core/base/lazy-package.js'
import { findCredentials } from './s3-credentials.js'
import { type S3Credentials, type S3Location, s3Name } from './s3-location.js'

/** A request for a key, or for the bucket if the key is empty. */
export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** The key after the prefix of the location. */
  readonly key: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
  /** Whether a range may begin after the end of the object. */
  readonly mayBeOutside?: boolean
}

/** An answer of the service, with all its bytes. */
export interface S3Answer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
}

/** The part of aws4fetch that is used. The package is optional, so its own types may be missing. */
interface SigningModule {
  readonly AwsV4Signer: new (
    request: S3Credentials & {
      readonly method: string
      readonly url: string
      readonly headers: Readonly<Record<string, string>>
      readonly service: 's3'
      readonly region: string
    },
  ) => { sign(): Promise<{ readonly headers: Headers }> }
}

const signing = lazyModule<SigningModule>('aws4fetch')

/** Milliseconds before the first repetition; they double with each one. */
const FIRST_WAIT = 100
const LONGEST_WAIT = 5000

/**
 * Sends a request. An answer with an error that says nothing about the key is thrown.
 * @returns The answer; undefined if there is no such key.
 */
export async function sendRequest(
  place: S3Location,
  request: S3Request,
): Promise<S3Answer | undefined> {
  for (let attempt = 0; ; attempt++) {
    const answer = await send(place, request).catch((error: unknown) => {
      if (attempt < place.retries && isPassing(error)) return undefined
      throw unreachable(place, request, error, attempt + 1)
    })
    if (answer !== undefined) {
      const code = errorCode(answer)
      const isTemporary = answer.status >= 500 || answer.status === 429 || code === 'RequestTimeout'
      if (!isTemporary || attempt >= place.retries) {
        if (answer.status < 300) return answer
        if (answer.status === 416 && request.mayBeOutside) return answer
        if (answer.status === 404 && isMissingKey(request, code)) return undefined
        throw refused(place, request, answer, attempt + 1)
      }
    }
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt)
    await wait(longest * (0.5 + Math.random() / 2))
  }
}

/** An answer without a code, but to HEAD, is not one of S3. */
function isMissingKey({ method, key }: S3Request, code: string | undefined): boolean {
  return key !== '' && code !== 'NoSuchBucket' && (code !== undefined || method === 'HEAD')
}

async function send(place: S3Location, request: S3Request): Promise<S3Answer> {
  const { method, body } = request
  const url = requestUrl(place, request)
  const headers = await signedHeaders(place, request, url)
  const signal = AbortSignal.timeout(place.timeout)
  // An answer that leads elsewhere means another region, for which the signature would be wrong.
  const response = await fetch(url, {
    method,
    headers,
    body: body ?? null,
    redirect: 'manual',
    signal,
  })
  const bytes = new Uint8Array(await response.arrayBuffer())
  return { status: response.status, headers: response.headers, bytes }
}

/** Buckets are hosts at Amazon, except for those whose dots would not match its certificate. */
function requestUrl({ bucket, prefix, region, endpoint }: S3Location, request: S3Request): string {
  const amazon = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
  const isHost = endpoint === undefined && !bucket.includes('.')
  const base = isHost
    ? `https://${bucket}.${amazon}`
    : `${endpoint ?? `https://${amazon}`}/${encode(bucket)}`
  const key = [prefix, request.key].filter((part) => part !== '').join('/')
  const path = request.key === '' ? '/' : `/${key.split('/').map(encode).join('/')}`
  const query = Object.entries(request.query ?? {}).map(([k, v]) => `${encode(k)}=${encode(v)}`)
  return `${base}${path}${query.length === 0 ? '' : `?${query.sort().join('&')}`}`
}

/** Encodes as signatures need it: all but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

class SetupError extends Error {}

async function signedHeaders(
  place: S3Location,
  { method, headers = {}, body }: S3Request,
  url: string,
): Promise<Readonly<Record<string, string>> | Headers> {
  if (place.credentials === 'anonymous') return headers
  const credentials =
    place.credentials === 'environment' ? await foundCredentials() : place.credentials
  const { AwsV4Signer } = await signing().catch((cause: unknown) => {
    throw new SetupError(
      'signed requests need the package aws4fetch, which is not installed where the task runs; write npm install aws4fetch, or give storageOptions: { anonymous: true } for a public bucket',
      { cause },
    )
  })
  const hash = createHash('sha256')
    .update(body ?? '')
    .digest('hex')
  const signer = new AwsV4Signer({
    ...credentials,
    method,
    url,
    headers: { ...headers, 'x-amz-content-sha256': hash },
    service: 's3',
    region: place.region,
  })
  return (await signer.sign()).headers
}

async function foundCredentials(): Promise<S3Credentials> {
  const found = await findCredentials()
  if (found !== undefined) return found
  throw new SetupError(
    'there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY before the first computation, on all workers too, or write ~/.aws/credentials, or give storageOptions: { accessKeyId, secretAccessKey }, or { anonymous: true } for a public bucket',
  )
}

/** Returns whether an error of the network may pass. A host that does not exist stays so. */
function isPassing(error: unknown): boolean {
  return !(error instanceof SetupError) && causeCode(error) !== 'ENOTFOUND'
}

function causeCode(error: unknown): string | undefined {
  return (error as { cause?: { code?: string } }).cause?.code
}

function times(attempts: number): string {
  return attempts === 1 ? '' : ` after ${attempts} attempts`
}

function unreachable(
  place: S3Location,
  { method, key }: S3Request,
  error: unknown,
  attempts: number,
): Error {
  const name = s3Name(place, key)
  if (error instanceof SetupError) return new Error(`${name}: ${error.message}`, { cause: error })
  const { name: kind, message, cause } = error as Error
  const reason =
    kind === 'TimeoutError'
      ? `no answer within ${place.timeout} ms`
      : (causeCode(error) ?? (cause instanceof Error ? cause.message : message))
  const { origin } = new URL(requestUrl(place, { method, key }))
  return new Error(
    `${name}: ${method} failed${times(attempts)}, since ${origin} cannot be reached (${reason}); check the endpoint and the region`,
    { cause: error },
  )
}

/** Returns the code that S3 gives errors; those of HEAD have none. */
function errorCode({ status, bytes }: S3Answer): string | undefined {
  return status < 300 ? undefined : tag(Buffer.from(bytes).toString('utf8'), 'Code')
}

/** Returns the text of the first XML element with a name; undefined if there is none. */
export function tag(xml: string, name: string): string | undefined {
  const content = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
  return content === undefined ? undefined : plainText(content)
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
}

/** Replaces the entities of XML. */
export function plainText(content: string): string {
  return content.replace(
    /&(#x?)?([0-9a-z]+);/gi,
    (whole, hash: string | undefined, name: string) =>
      hash === undefined
        ? (ENTITIES[name] ?? whole)
        : String.fromCodePoint(Number.parseInt(name, hash === '#' ? 10 : 16)),
  )
}

function refused(
  place: S3Location,
  { method, key }: S3Request,
  { status, headers, bytes }: S3Answer,
  attempts: number,
): Error {
  const xml = Buffer.from(bytes).toString('utf8')
  const [code, message] = [tag(xml, 'Code'), tag(xml, 'Message')]
  const region = headers.get('x-amz-bucket-region') ?? tag(xml, 'Region')
  const detail = [code, message].filter((text) => text !== undefined).join(': ')
  const { origin } = new URL(requestUrl(place, { method, key }))
  return new Error(
    `${s3Name(place, key)}: ${origin} answered ${method} with status ${status}${detail === '' ? '' : ` (${detail})`}${times(attempts)}${advice(place, status, code, region)}`,
  )
}

function advice(
  place: S3Location,
  status: number,
  code: string | undefined,
  region: string | undefined,
): string {
  if (code === 'NoSuchBucket') return `; the bucket '${place.bucket}' does not exist there`
  if (region !== undefined && region !== place.region && (status === 301 || status === 400)) {
    return `; the bucket is in region '${region}', requests were for '${place.region}': set AWS_REGION, or storageOptions: { region }`
  }
  if (code === 'SignatureDoesNotMatch' || code === 'InvalidAccessKeyId') {
    return '; the access key or its secret is wrong'
  }
  if (status === 401 || status === 403) {
    return place.credentials === 'anonymous'
      ? '; the bucket does not allow requests without credentials'
      : '; the access key may not do that. S3 answers so for keys that do not exist, too, if it may not list the bucket'
  }
  if (code === undefined && status < 500) return '; check that the endpoint is one of S3'
  return ''
}
