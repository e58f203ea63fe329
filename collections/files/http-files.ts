/**
 * Files of web servers, which are read only. Servers without ranges are read from the start of a file. Names
 * are matched with the links of the page that a server shows for a folder.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { checkOptions } from '../../core/base/argument-checks.js'
import { describeValue } from '../../core/base/describe-value.js'
import type { FileSystem, StoredFile } from './file-system.js'
import { fixedPart, isPattern, patternExpression } from './match-names.js'

/** How a web server is reached. */
export interface HttpOptions {
  /** Headers of all requests, such as `{ authorization: 'Bearer ...' }`. They are sent to the tasks. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How many times a request is repeated that failed in the network or the server. The default is 4. */
  readonly retries?: number | undefined
  /** Milliseconds that each request may take. The default is 60,000. */
  readonly timeout?: number | undefined
}

interface HttpPlace {
  readonly headers: Readonly<Record<string, string>>
  readonly retries: number
  readonly timeout: number
}

/** Milliseconds before the first repetition; they double with each one. */
const FIRST_WAIT = 100
const LONGEST_WAIT = 5000
/** The number of requests that are sent at a time. */
const AT_A_TIME = 16
/** The most folders below one another that `**` looks into. */
const MOST_LEVELS = 16

function locate(_url: string, options: Readonly<Record<string, unknown>> | undefined): HttpPlace {
  checkOptions(options, ['headers', 'retries', 'timeout'], 'storageOptions of http')
  const { headers = {}, retries = 4, timeout = 60_000 } = (options ?? {}) as HttpOptions
  for (const [name, value] of Object.entries({ retries, timeout })) {
    if (Number.isSafeInteger(value) && value >= (name === 'timeout' ? 1 : 0)) continue
    throw new RangeError(
      `${name} of storageOptions must be a whole number; got ${describeValue(value)}`,
    )
  }
  return { headers, retries, timeout }
}

/** Sends a request until it succeeds or fails for good, and uses the answer within its time. */
async function request<T>(
  url: string,
  headers: Readonly<Record<string, string>>,
  place: HttpPlace,
  use: (response: Response) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const last = attempt >= place.retries
    let passing = true
    try {
      const response = await fetch(url, {
        headers: { 'accept-encoding': 'identity', ...place.headers, ...headers },
        signal: AbortSignal.timeout(place.timeout),
      })
      const { status } = response
      passing = status >= 500 || status === 429 || status === 408
      if (!passing || last) {
        if (status < 300 || status === 416) return await use(response)
        throw refused(url, status, attempt + 1)
      }
      await response.body?.cancel()
    } catch (error) {
      if (error instanceof RangeError) throw error
      const code = (error as { cause?: { code?: string } }).cause?.code
      if (last || code === 'ENOTFOUND') throw unreachable(url, error, place, attempt + 1)
    }
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt)
    await wait(longest * (0.5 + Math.random() / 2))
  }
}

function refused(url: string, status: number, attempts: number): RangeError {
  const times = attempts === 1 ? '' : ` after ${attempts} attempts`
  const what = status === 404 || status === 410 ? 'there is no such file' : 'it cannot be read'
  return new RangeError(`${url}: ${what}; the server answered with status ${status}${times}`)
}

function unreachable(url: string, error: unknown, place: HttpPlace, attempts: number): Error {
  const { name, message, cause } = error as Error & { cause?: { code?: string } }
  const times = attempts === 1 ? '' : ` after ${attempts} attempts`
  const reason =
    name === 'TimeoutError' ? `no answer within ${place.timeout} ms` : (cause?.code ?? message)
  return new Error(`${url}: the server cannot be reached${times} (${reason})`, { cause: error })
}

/** Asks for the first byte, which shows the size and whether files can be read in parts. */
function probe(url: string, place: HttpPlace): Promise<StoredFile> {
  return request(url, { range: 'bytes=0-0' }, place, async (response) => {
    const { status, headers } = response
    await response.body?.cancel()
    const total = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1]
    const length = total ?? (status === 200 ? headers.get('content-length') : null)
    const size = length === null || length === undefined ? undefined : Number(length)
    const version = headers.get('etag') ?? headers.get('last-modified') ?? ''
    return {
      url,
      size,
      version: `${version} ${size}`,
      ranges: status !== 200 && total !== undefined,
    }
  })
}

async function find(pattern: string, place: HttpPlace): Promise<StoredFile[]> {
  const urls = isPattern(pattern) ? await matchingLinks(pattern, place) : [pattern]
  const found: StoredFile[] = []
  for (let i = 0; i < urls.length; i += AT_A_TIME) {
    const group = urls.slice(i, i + AT_A_TIME)
    found.push(...(await Promise.all(group.map((url) => probe(url, place)))))
  }
  return found
}

/** Follows the links of folders' pages, level by level. */
async function matchingLinks(pattern: string, place: HttpPlace): Promise<string[]> {
  const base = fixedPart(pattern)
  const expression = patternExpression(pattern)
  const levels = pattern.includes('**') ? MOST_LEVELS : pattern.slice(base.length).split('/').length
  const matches = new Set<string>()
  let folders = [base]
  for (let level = 0; level < levels && folders.length > 0; level++) {
    const links = (await Promise.all(folders.map((folder) => linksOf(folder, place)))).flat()
    folders = []
    for (const link of new Set(links)) {
      if (link.endsWith('/')) folders.push(link)
      else if (expression.test(decoded(link)) || expression.test(link)) matches.add(link)
    }
  }
  return [...matches]
}

/** Returns the links of a page that lead to what is below it. */
function linksOf(folder: string, place: HttpPlace): Promise<string[]> {
  return request(folder, {}, place, async (response) => {
    const page = await response.text()
    const links = [...page.matchAll(/\bhref\s*=\s*("([^"]*)"|'([^']*)')/gi)]
    return links
      .map(([, , double, single]) => (double ?? single ?? '').replaceAll('&amp;', '&'))
      .filter((link) => URL.canParse(link, folder))
      .map((link) => new URL(link, folder).href)
      .filter((link) => link.startsWith(folder) && link.length > folder.length)
      .filter((link) => !/[?#]/.test(link))
  })
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}

function read(url: string, start: number, end: number, place: HttpPlace): Promise<Uint8Array> {
  const headers = { range: `bytes=${start}-${end - 1}` }
  return request(url, headers, place, async (response) => {
    if (response.status === 416) return new Uint8Array(0)
    const bytes = new Uint8Array(await response.arrayBuffer())
    return response.status === 206 ? bytes : bytes.slice(start, end)
  })
}

async function* stream(url: string, place: HttpPlace): AsyncIterable<Uint8Array> {
  // The time limit is that of the answer's beginning: the whole file may take longer.
  const { body } = await request(
    url,
    {},
    { ...place, timeout: 2 ** 31 - 1 },
    async (answer) => answer,
  )
  if (body !== null) yield* body as unknown as AsyncIterable<Uint8Array>
}

/** Files of `http:` and `https:` addresses. */
export const httpFiles: FileSystem<HttpPlace> = { locate, find, read, stream }
