/**
 * Keys in files. A folder holds `scheduler.key`, the pairs of workers and clients, each as `NAME.key`, and `allowed.json`, the
 * list of the keys that the scheduler accepts. A worker or a client on another machine needs its own file only, which
 * has the scheduler's public key too.
 */
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { isKey, type KeyPair, type PeerKeys, publicKeyOf } from '../base/curve-keys.js'
import { makePrivateFolder } from '../storage/private-files.js'
import { type AllowedKey, formatAllowedKeys, parseAllowedKeys } from './allowed-keys.js'

/** The name of the scheduler's pair. */
export const schedulerName = 'scheduler'

const allowedFile = 'allowed.json'

/** The fields of the file of a pair. */
interface KeyFile extends KeyPair {
  readonly serverKey?: string
}

/** Returns the file of the pair of a name. Throws for a name that is no file name. */
export function keyFile(folder: string, name: string): string {
  if (!/^[\w][\w.@-]*$/.test(name))
    throw new TypeError(
      `'${name}' is no name of a key: it may have letters, digits and the characters . _ @ -`,
    )
  return path.join(folder, `${name}.key`)
}

/** Returns the names of the pairs in a folder. */
export function keyNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.key'))
    .map((file) => file.slice(0, -'.key'.length))
    .sort()
}

/** Writes a pair to a new file that only its owner can read. Throws if the file exists. */
export function writeKeys(folder: string, name: string, keys: KeyFile): string {
  const file = keyFile(folder, name)
  makePrivateFolder(folder)
  writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
  chmodSync(file, 0o600)
  return file
}

/**
 * Reads a pair.
 *
 * @throws TypeError if the file has no valid keys, or if others may read it.
 */
export function readKeys(file: string): KeyFile {
  const { mode } = statSync(file)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new TypeError(
      `the keys in '${file}' can be read by others (mode ${(mode & 0o777).toString(8)}); chmod 600 '${file}'`,
    )
  let found: Partial<KeyFile>
  try {
    found = (JSON.parse(readFileSync(file, 'utf8')) ?? {}) as Partial<KeyFile>
  } catch (error) {
    throw new TypeError(`'${file}' is no file of keys: ${(error as Error).message}`)
  }
  const { publicKey, secretKey, serverKey } = found
  assertPair({ publicKey, secretKey }, `'${file}'`)
  if (serverKey !== undefined && !isKey(serverKey))
    throw new TypeError(`the serverKey of '${file}' is not 40 characters of Z85`)
  return { publicKey: publicKey!, secretKey: secretKey!, ...(serverKey && { serverKey }) }
}

/** Throws TypeError unless both keys are valid and belong together. Secret keys are not shown. */
export function assertPair(keys: Partial<KeyPair>, what: string): asserts keys is KeyPair {
  for (const name of ['publicKey', 'secretKey'] as const)
    if (!isKey(keys[name]))
      throw new TypeError(`the ${name} of ${what} is not 40 characters of Z85`)
  if (publicKeyOf(keys.secretKey!) !== keys.publicKey)
    throw new TypeError(`the publicKey of ${what} does not belong to its secretKey`)
}

/**
 * Returns the keys of a worker or client in a file. Throws TypeError if they lack the scheduler's key and it is not known from
 * elsewhere.
 */
export function readPeerKeys(file: string, knownServerKey?: string): PeerKeys {
  const { serverKey = knownServerKey, ...pair } = readKeys(file)
  if (serverKey === undefined)
    throw new TypeError(
      `'${file}' has no serverKey, the scheduler's public key; make the file with skein keys new in the scheduler's folder`,
    )
  return { ...pair, serverKey }
}

/** Returns the list of the accepted keys of a folder, empty if there is none yet. */
export function readAllowed(folder: string): AllowedKey[] {
  const file = path.join(folder, allowedFile)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  try {
    return parseAllowedKeys(text)
  } catch (error) {
    throw new TypeError(`'${file}' is no list of keys: ${(error as Error).message}`)
  }
}

/** Writes the list of the accepted keys, as a whole. */
export function writeAllowed(folder: string, keys: readonly AllowedKey[]): void {
  makePrivateFolder(folder)
  const file = path.join(folder, allowedFile)
  const temporary = `${file}.${process.pid}.part`
  try {
    writeFileSync(temporary, formatAllowedKeys(keys), { flag: 'wx', mode: 0o600 })
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Returns a string that changes when the list of a folder is written. */
export function allowedVersion(folder: string): string {
  try {
    const { mtimeMs, ino, size } = lstatSync(path.join(folder, allowedFile))
    return `${ino} ${mtimeMs} ${size}`
  } catch {
    return ''
  }
}
