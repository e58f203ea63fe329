/**
 * Looks for credentials of S3 where Amazon's tools do: environment variables, the shared files in `~/.aws`, the
 * service of a container, the service of a virtual machine.
 */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import type { S3Credentials } from './s3-location.js'

interface Found {
  readonly credentials: S3Credentials
  /** When they end, in milliseconds since 1970. */
  readonly ends: number
}

/** Credentials are replaced this many milliseconds before they end. */
const MARGIN = 5 * 60_000
/** Milliseconds that a service may take. Most machines have none. */
const SERVICE_TIMEOUT = 1000

let known: Found | undefined

/** Returns the first credentials that are found; undefined if there are none. */
export async function findCredentials(): Promise<S3Credentials | undefined> {
  const fromVariables = environmentCredentials()
  if (fromVariables !== undefined) return fromVariables
  if (known !== undefined && Date.now() < known.ends - MARGIN) return known.credentials
  known = (await sharedFile()) ?? (await containerService()) ?? (await machineService())
  return known?.credentials
}

function environmentCredentials(): S3Credentials | undefined {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN || undefined,
  }
}

async function sharedFile(): Promise<Found | undefined> {
  const { AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE } = process.env
  const file = AWS_SHARED_CREDENTIALS_FILE || path.join(homedir(), '.aws', 'credentials')
  const text = await readFile(file, 'utf8').catch(() => '')
  const section = sectionOf(text, AWS_PROFILE || 'default')
  const [accessKeyId, secretAccessKey] = [
    section.get('aws_access_key_id'),
    section.get('aws_secret_access_key'),
  ]
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  const sessionToken = section.get('aws_session_token')
  // The file may change, so it is read again after a while.
  const ends = Date.now() + 2 * MARGIN
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, ends }
}

/** Returns the settings of a profile in a file of Amazon's tools. */
function sectionOf(text: string, profile: string): Map<string, string> {
  const settings = new Map<string, string>()
  let name = ''
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[\s*(?:profile\s+)?([^\]]*?)\s*\]/.exec(line)
    if (header !== null) name = header[1]!
    const setting = /^\s*([\w]+)\s*=\s*(.*?)\s*$/.exec(line)
    if (setting !== null && name === profile) settings.set(setting[1]!.toLowerCase(), setting[2]!)
  }
  return settings
}

async function containerService(): Promise<Found | undefined> {
  const { env } = process
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  const url = relative ? `http://169.254.170.2${relative}` : env.AWS_CONTAINER_CREDENTIALS_FULL_URI
  if (!url) return undefined
  const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
  const token = file ? await readFile(file, 'utf8') : env.AWS_CONTAINER_AUTHORIZATION_TOKEN
  return serviceAnswer(url, token ? { authorization: token.trim() } : {})
}

async function machineService(): Promise<Found | undefined> {
  const { AWS_EC2_METADATA_DISABLED, AWS_EC2_METADATA_SERVICE_ENDPOINT } = process.env
  if (AWS_EC2_METADATA_DISABLED === 'true') return undefined
  const base = (AWS_EC2_METADATA_SERVICE_ENDPOINT || 'http://169.254.169.254').replace(/\/+$/, '')
  try {
    const signal = AbortSignal.timeout(SERVICE_TIMEOUT)
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '300' }
    const answer = await fetch(`${base}/latest/api/token`, { method: 'PUT', headers, signal })
    if (!answer.ok) return undefined
    const authorized = { 'x-aws-ec2-metadata-token': await answer.text() }
    const roles = `${base}/latest/meta-data/iam/security-credentials/`
    const role = await fetch(roles, { headers: authorized, signal })
    if (!role.ok) return undefined
    const [name] = (await role.text()).split('\n')
    return await serviceAnswer(`${roles}${name}`, authorized)
  } catch {
    return undefined
  }
}

async function serviceAnswer(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Found | undefined> {
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(5 * SERVICE_TIMEOUT) })
  if (!answer.ok) return undefined
  const found = (await answer.json()) as Readonly<Record<string, string | undefined>>
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = found
  if (AccessKeyId === undefined || SecretAccessKey === undefined) return undefined
  const ends = Expiration === undefined ? Date.now() + 2 * MARGIN : Date.parse(Expiration)
  const credentials = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token,
  }
  return { credentials, ends }
}
