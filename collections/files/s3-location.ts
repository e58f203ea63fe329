/**
 * Where a bucket of S3 is, as it is sent to tasks: from an `s3:` URL, options and environment variables.
 */
import { checkOptions } from '../../core/base/argument-checks.js'
import { describeValue } from '../../core/base/describe-value.js'

/** How a bucket of S3, or of a service like it, is reached. */
export interface S3Options {
  /**
   * The address of the service, such as `'http://127.0.0.1:9000'`. The default is that of `AWS_ENDPOINT_URL_S3` or
   * `AWS_ENDPOINT_URL`, or Amazon's. At other addresses than Amazon's, the bucket is the first part of the path.
   */
  readonly endpoint?: string | undefined
  /** The region of the bucket. The default is that of `AWS_REGION` or `AWS_DEFAULT_REGION`, or `'us-east-1'`. */
  readonly region?: string | undefined
  /** Whether requests are sent without credentials, as public buckets allow. False by default. */
  readonly anonymous?: boolean | undefined
  /**
   * The name of an access key. The default is `AWS_ACCESS_KEY_ID` where the task runs. Keys that are given here are
   * sent to the tasks.
   */
  readonly accessKeyId?: string | undefined
  /** The secret of the access key. The default is `AWS_SECRET_ACCESS_KEY` where the task runs. */
  readonly secretAccessKey?: string | undefined
  /** The token of temporary credentials. The default is `AWS_SESSION_TOKEN` where the task runs. */
  readonly sessionToken?: string | undefined
  /** How many times a request is repeated that failed in the network or the service. The default is 4. */
  readonly retries?: number | undefined
  /** Milliseconds that each request may take. The default is 60,000. */
  readonly timeout?: number | undefined
}

const OPTIONS = [
  'endpoint',
  'region',
  'anonymous',
  'accessKeyId',
  'secretAccessKey',
  'sessionToken',
  'retries',
  'timeout',
] as const satisfies readonly (keyof S3Options)[]

/** An access key. */
export interface S3Credentials {
  /** The name of the key. */
  readonly accessKeyId: string
  /** The secret of the key. */
  readonly secretAccessKey: string
  /** The token of temporary credentials. */
  readonly sessionToken?: string | undefined
}

/** A part of a bucket, and how it is reached. */
export interface S3Location {
  /** The name of the bucket. */
  readonly bucket: string
  /** What all keys begin with, without slashes at its ends. */
  readonly prefix: string
  /** The region that signatures are for. */
  readonly region: string
  /** The address of the service; undefined for Amazon's. */
  readonly endpoint: string | undefined
  /** The credentials that were given; `'anonymous'` for none, `'environment'` for those where the task runs. */
  readonly credentials: S3Credentials | 'anonymous' | 'environment'
  /** How many times a request is repeated that failed in the network or the service. */
  readonly retries: number
  /** Milliseconds that each request may take. */
  readonly timeout: number
}

/** Returns whether a location is a part of a bucket. */
export function isS3Location(location: object): location is S3Location {
  return 'bucket' in location && !('get' in location)
}

/** Returns the `s3:` URL of a key. */
export function s3Name({ bucket, prefix }: S3Location, key = ''): string {
  return `s3://${[bucket, prefix, key].filter((part) => part !== '').join('/')}`
}

/**
 * Parses an `s3:` URL. The address and the region are read from the environment here, so that all tasks use the same ones.
 */
export function parseS3Location(
  url: string,
  options: S3Options | undefined,
  operation: string,
): S3Location {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)\/*(.*?)\/*$/i.exec(url) ?? []
  const parts = path.split('/')
  if (!/^[a-z0-9][a-z0-9._-]{1,62}$/i.test(bucket) || parts.some((part) => /^\.\.?$/.test(part))) {
    throw new RangeError(
      `${operation}: the location must be s3://bucket/key, without parts '.' and '..'; got '${url}'`,
    )
  }
  checkOptions(options, OPTIONS, `${operation}, storageOptions`)
  const { retries = 4, timeout = 60_000, anonymous = false, ...texts } = options ?? {}
  checkValues(texts, { retries, timeout }, operation)
  const { env } = process
  return {
    bucket,
    prefix: parts.filter((part) => part !== '').join('/'),
    region: texts.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1'),
    endpoint: endpointOf(
      texts.endpoint ?? (env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined),
      operation,
    ),
    credentials: givenCredentials(texts, anonymous, operation),
    retries,
    timeout,
  }
}

function checkValues(
  texts: Readonly<Record<string, unknown>>,
  numbers: Readonly<Record<string, number>>,
  operation: string,
): void {
  for (const [name, value] of Object.entries(texts)) {
    if (value === undefined || (typeof value === 'string' && value !== '')) continue
    throw new TypeError(
      `${operation}: ${name} of storageOptions must be a string; got ${describeValue(value)}`,
    )
  }
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isSafeInteger(value) && value >= (name === 'timeout' ? 1 : 0)) continue
    throw new RangeError(
      `${operation}: ${name} of storageOptions must be a whole number; got ${describeValue(value)}`,
    )
  }
}

function endpointOf(endpoint: string | undefined, operation: string): string | undefined {
  if (endpoint === undefined) return undefined
  if (/^https?:\/\/[^/]/i.test(endpoint) && URL.canParse(endpoint)) {
    return endpoint.replace(/\/+$/, '')
  }
  throw new RangeError(
    `${operation}: the endpoint of S3 must be an address such as 'https://storage.example.org'; got '${endpoint}'`,
  )
}

function givenCredentials(
  { accessKeyId, secretAccessKey, sessionToken }: S3Options,
  anonymous: unknown,
  operation: string,
): S3Location['credentials'] {
  if (typeof anonymous !== 'boolean') {
    throw new TypeError(
      `${operation}: anonymous of storageOptions must be true or false; got ${describeValue(anonymous)}`,
    )
  }
  const given = [accessKeyId, secretAccessKey, sessionToken].some((text) => text !== undefined)
  if (anonymous && given) {
    throw new TypeError(`${operation}: storageOptions are anonymous, so there can be no access key`)
  }
  if (anonymous) return 'anonymous'
  if (!given) return 'environment'
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new TypeError(
      `${operation}: storageOptions need both accessKeyId and secretAccessKey, or neither`,
    )
  }
  return { accessKeyId, secretAccessKey, sessionToken }
}
