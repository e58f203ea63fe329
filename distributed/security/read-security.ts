/** The option `keys` of schedulers, workers and clients, and the setting SKEIN_KEYS. */
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { describeValue } from '../../core/base/describe-value.js'
import { isKey, type KeyPair, type PeerKeys } from '../base/curve-keys.js'
import type { Role } from './allowed-keys.js'
import { assertPair, keyFile, readKeys, readPeerKeys, schedulerName } from './key-files.js'

/** The keys of a scheduler, and the folder with the list of those that it accepts. */
export interface SchedulerKeys {
  readonly pair: KeyPair
  readonly folder: string
}

/**
 * Returns the keys of a scheduler: those of `scheduler.key` in the folder that `keys`, or else SKEIN_KEYS, names. Undefined
 * without either, and if `keys` is null.
 *
 * @throws TypeError if there are none in the folder.
 */
export function readSchedulerKeys(keys: unknown, what: string): SchedulerKeys | undefined {
  const folder = givenOrSetting(keys)
  if (folder === undefined) return undefined
  if (typeof folder !== 'string')
    throw new TypeError(
      `${what}: keys is a folder with keys, or null for none, got ${describeValue(folder)}`,
    )
  const absolute = path.resolve(folder)
  const file = keyFile(absolute, schedulerName)
  if (!existsSync(file))
    throw new TypeError(
      `${what}: there is no '${file}'; make it with: skein keys new ${schedulerName} --keys ${folder}`,
    )
  return { pair: withReason(what, () => readKeys(file)), folder: absolute }
}

/**
 * Returns the keys of a worker or a client: those of `keys`, or of the file that `keys`, or else SKEIN_KEYS, names; in a folder
 * of `worker.key` or `client.key`. Undefined without either, and if `keys` is null. `serverKey` is the scheduler's key, if it is
 * known otherwise.
 *
 * @throws TypeError for keys that are not valid, and if there are none in the folder.
 */
export function readKeysOfPeer(
  keys: unknown,
  role: Role,
  what: string,
  knownServerKey?: string,
): PeerKeys | undefined {
  const given = givenOrSetting(keys)
  if (given === undefined) return undefined
  if (typeof given === 'object') {
    const { publicKey, secretKey, serverKey = knownServerKey } = given as Partial<PeerKeys>
    const pair = { publicKey, secretKey }
    withReason(what, () => assertPair(pair as Partial<KeyPair>, 'keys'))
    if (!isKey(serverKey))
      throw new TypeError(
        `${what}: keys.serverKey is the scheduler's public key, 40 characters of Z85`,
      )
    return { publicKey: publicKey!, secretKey: secretKey!, serverKey }
  }
  if (typeof given !== 'string')
    throw new TypeError(
      `${what}: keys is a file, a folder or an object with publicKey, secretKey and serverKey, got ${describeValue(given)}`,
    )
  const place = path.resolve(given)
  if (!existsSync(place)) throw new TypeError(`${what}: there are no keys at '${place}'`)
  const file = statSync(place).isDirectory() ? keyFile(place, role) : place
  if (!existsSync(file))
    throw new TypeError(
      `${what}: the folder '${place}' has no ${role}.key; name the file, or make it with: skein keys new ${role} --role ${role}`,
    )
  return withReason(what, () => readPeerKeys(file, knownServerKey))
}

function givenOrSetting(keys: unknown): unknown {
  if (keys === null) return undefined
  return keys === undefined ? process.env.SKEIN_KEYS || undefined : keys
}

/** Adds to an error where the keys were given. */
function withReason<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new TypeError(`${what}: ${(error as Error).message}`, { cause: error })
  }
}
