/** Zarr in S3, at a server on loopback that checks every signature by itself. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'
import { ACCESS, options, startS3Server } from './s3-server.js'
import { ramp, rampArray } from './storage-support.js'

const server = await startS3Server()
const storageOptions = options(server)
const { isPublic } = server
/** Without the package nothing can be signed; anonymous access is tested all the same. */
const withSigning = await import('aws4fetch').then(
  () => true,
  () => false,
)
const names = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
]
const before = names.map((name) => [name, process.env[name]] as const)

function clearEnvironment(): void {
  for (const name of names) delete process.env[name]
}

beforeEach(() => {
  clearEnvironment()
  server.objects.clear()
  server.requests.length = 0
  server.failures.length = 0
  server.isPublic = isPublic
})

afterAll(async () => {
  clearEnvironment()
  for (const [name, value] of before) if (value !== undefined) process.env[name] = value
  await server.close()
})

async function list(array: da.ChunkedArray<da.Dtype, unknown>): Promise<unknown> {
  return ((await array.compute({ get: getThreads })) as da.NDArray).toArray()
}

const table = ramp('float64', [7, 5])
const x = rampArray('float64', [7, 5], 3)

describe.skipIf(!withSigning)('Zarr in a bucket', () => {
  test('is written by tasks, read, and read in parts', async () => {
    const stored = await x.toZarr('s3://data/my run/(1)+é', { storageOptions, get: getThreads })
    expect(await list(stored)).toEqual(table)
    expect([...server.objects.keys()].sort()).toEqual([
      'my run/(1)+é/c/0/0',
      'my run/(1)+é/c/0/1',
      'my run/(1)+é/c/1/0',
      'my run/(1)+é/c/1/1',
      'my run/(1)+é/c/2/0',
      'my run/(1)+é/c/2/1',
      'my run/(1)+é/zarr.json',
    ])
    const again = await da.fromZarr('s3://data/my run/(1)+é/', { storageOptions })
    expect(await list(again)).toEqual(table)
    server.requests.length = 0
    await again.at('0:2', '0:2').compute({ get: getThreads })
    expect(server.requests).toHaveLength(1)
    await expect(da.fromZarr('s3://data/none', { storageOptions })).rejects.toThrow(
      "fromZarr: the Zarr array at 's3://data/none' does not exist",
    )
  })

  test('is read by parts of shards', async () => {
    const shards = { chunks: [2, 1], shards: [4, 5], storageOptions } as const
    await x.toZarr('s3://data/shards', { ...shards, get: getThreads })
    const source = await da.openZarr('s3://data/shards', { storageOptions })
    server.requests.length = 0
    const part = await source.read([
      { start: 1, stop: 2 },
      { start: 4, stop: 5 },
    ])
    expect(part.toArray()).toEqual([[(table as number[][])[1]![4]]])
    expect(server.requests.map((request) => request.split(' ')[2])).toEqual([
      expect.stringMatching(/^bytes=-\d+$/),
      expect.stringMatching(/^bytes=\d+-\d+$/),
    ])
  })

  test('is listed, in pages, consolidated and overwritten', async () => {
    for (const component of ['a/one', 'a/b c/two', 'three', 'four', 'five']) {
      await da.createZarr('s3://data/all', { component, shape: [2], dtype: 'int8', storageOptions })
    }
    const found = async () =>
      Object.keys((await da.openZarrGroup('s3://data/all', { storageOptions })).arrays)
    expect(await found()).toEqual(['a/b c/two', 'a/one', 'five', 'four', 'three'])
    await da.consolidateZarr('s3://data/all', { storageOptions })
    server.requests.length = 0
    expect(await found()).toHaveLength(5)
    expect(server.requests).toHaveLength(1)

    const at = { storageOptions, component: 'three', get: getThreads }
    await rampArray('int8', [2]).toZarr('s3://data/all', { ...at, region: [':'] })
    await expect(x.toZarr('s3://data/all', at)).rejects.toThrow(/exists; give \{ overwrite: true/)
    server.objects.set('all/threefold', Buffer.from('kept'))
    await x.toZarr('s3://data/all', { ...at, overwrite: true })
    expect(server.objects.has('all/three/c/0')).toBe(false)
    expect(server.objects.has('all/threefold')).toBe(true)
    server.objects.set('mine/letter.txt', Buffer.from('dear'))
    const other = { storageOptions, overwrite: true }
    await expect(x.toZarr('s3://data/mine', other)).rejects.toThrow(/is not removed/)
  })

  test('resumes what was interrupted', async () => {
    await x.toZarr('s3://data/x', { storageOptions, get: getThreads })
    server.objects.delete('x/c/1/0')
    server.requests.length = 0
    await x.toZarr('s3://data/x', { storageOptions, resume: true, get: getThreads })
    expect(server.requests.filter((request) => request.startsWith('PUT'))).toEqual([
      'PUT /data/x/c/1/0',
    ])
  })

  test('takes credentials, region and address from the environment', async () => {
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1'
    process.env.AWS_ENDPOINT_URL_S3 = server.endpoint
    process.env.AWS_DEFAULT_REGION = storageOptions.region
    process.env.AWS_ACCESS_KEY_ID = ACCESS.accessKeyId
    process.env.AWS_SECRET_ACCESS_KEY = ACCESS.secretAccessKey
    process.env.AWS_SESSION_TOKEN = 'temporary'
    const array = await da.createZarr('s3://data/env', { shape: [2], dtype: 'int8' })
    await array.set([{ start: 0, stop: 2 }], da.NDArray.zeros('int8', [2]))
    expect(server.objects.has('env/c/0')).toBe(true)
    expect(JSON.stringify(array.place)).not.toContain(ACCESS.secretAccessKey)
  })

  test('repeats requests that failed in the network or the service, a few times', async () => {
    await x.toZarr('s3://data/x', { storageOptions, get: getThreads })
    server.failures.push('drop', { status: 503, code: 'SlowDown' }, 'hang')
    const patient = { ...storageOptions, timeout: 200 }
    expect((await da.openZarr('s3://data/x', { storageOptions: patient })).shape).toEqual([7, 5])
    server.requests.length = 0
    server.failures.push(...Array(3).fill({ status: 500, code: 'InternalError' }))
    const hasty = { ...storageOptions, retries: 1 }
    await expect(da.openZarr('s3://data/x', { storageOptions: hasty })).rejects.toThrow(
      /status 500 \(InternalError: said <no>\) after 2 attempts/,
    )
    expect(server.requests).toHaveLength(2)
  })

  test('says what is wrong with a request', async () => {
    const open = (changes: da.S3Options, location = 's3://data/x') =>
      da.openZarr(location, { storageOptions: { ...storageOptions, retries: 0, ...changes } })
    await expect(open({ secretAccessKey: 'other' })).rejects.toThrow(
      /403 \(SignatureDoesNotMatch: .*the access key or its secret is wrong/,
    )
    await expect(open({}, 's3://other/x')).rejects.toThrow(
      /status 404 \(NoSuchBucket.*the bucket 'other' does not exist/,
    )
    await expect(open({ region: 'us-east-1' })).rejects.toThrow(
      /in region 'eu-test-1', requests were for 'us-east-1'/,
    )
    await expect(open({ endpoint: 'http://127.0.0.1:1' })).rejects.toThrow(
      /s3:\/\/data\/x\/zarr.json: GET failed, since http:\/\/127.0.0.1:1 cannot be reached/,
    )
    server.failures.push('hang')
    await expect(open({ timeout: 100 })).rejects.toThrow(/no answer within 100 ms/)
    server.failures.push({ status: 403, code: 'AccessDenied' })
    await expect(open({})).rejects.toThrow(/the access key may not do that/)
  })
})

test('a public bucket is read without credentials', async () => {
  server.isPublic = true
  const anonymous = { endpoint: server.endpoint, anonymous: true }
  await x.toZarr('s3://data/open', { storageOptions: anonymous, get: getThreads })
  const y = await da.fromZarr('s3://data/open', { storageOptions: anonymous })
  expect(await list(y)).toEqual(table)
  server.isPublic = false
  await expect(da.fromZarr('s3://data/open', { storageOptions: anonymous })).rejects.toThrow(
    /does not allow requests without credentials/,
  )
})

test('locations and options are checked', async () => {
  const open = (location: string, given?: object) =>
    da.openZarr(location, { storageOptions: given })
  await expect(open('s3://data/x', { endpoint: server.endpoint })).rejects.toThrow(
    /there are no credentials; set AWS_ACCESS_KEY_ID/,
  )
  await expect(open('s3://')).rejects.toThrow(/must be s3:\/\/bucket\/key/)
  await expect(open('s3://data/a/../b')).rejects.toThrow(/without parts '\.' and '\.\.'/)
  await expect(open('s3://data/x', { key: 1 })).rejects.toThrow(/no option 'key'/)
  await expect(open('s3://data/x', { endpoint: 'localhost:9000' })).rejects.toThrow(/an address/)
  await expect(open('s3://data/x', { retries: -1 })).rejects.toThrow(/retries/)
  await expect(open('s3://data/x', { accessKeyId: 'a' })).rejects.toThrow(/need both/)
  await expect(open('s3://data/x', { ...ACCESS, anonymous: true })).rejects.toThrow(/anonymous/)
  await expect(open('/tmp/x', { region: 'a' })).rejects.toThrow(/for s3: locations only/)
})
