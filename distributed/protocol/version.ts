/** The versions that two processes compare when they connect. */
import { readFileSync } from 'node:fs'
import { packageRoot } from '../../core/base/package-root.js'
import { ConnectionError, NameTakenError, VersionMismatchError } from '../base/errors.js'
import type { Refused, Versions } from './session-messages.js'

/** Changes whenever messages change in a way that an older process would not understand. */
const protocolVersion = 8

/** Returns the versions of this process. */
export function ownVersions(): Versions {
  return { protocol: protocolVersion, skein: packageVersion(), node: process.version }
}

/** Formats versions for errors and log lines. */
export function describeVersions({ protocol, skein, node }: Versions): string {
  return `skein ${shorten(skein)} (protocol ${shorten(protocol)}, Node ${shorten(node)})`
}

/** Another program may have sent anything. */
function shorten(version: unknown): string {
  return typeof version === 'string' || typeof version === 'number'
    ? String(version).slice(0, 40)
    : 'unknown'
}

/** Makes the error of a process that the scheduler at `address` refused. */
export function refusalError(
  address: string,
  { versions, rightAddress, namesake, refusedKey }: Refused,
  role: 'worker' | 'client',
): Error {
  if (rightAddress !== undefined) {
    const other = role === 'worker' ? 'clients' : 'workers'
    const message = `${address} is the scheduler's address to ${other}; ${role}s connect to ${rightAddress}`
    return new ConnectionError(address, message)
  }
  if (namesake !== undefined) return new NameTakenError(address, namesake)
  if (refusedKey !== undefined) {
    const message = `The scheduler at ${address} does not accept the key ${refusedKey} of this ${role} (any more)`
    return new ConnectionError(address, message)
  }
  const [ours, theirs] = [describeVersions(ownVersions()), describeVersions(versions)]
  return new VersionMismatchError(`The scheduler at ${address}`, ours, theirs)
}

let version: string | undefined

function packageVersion(): string {
  if (version !== undefined) return version
  // In the root of the sources, or one folder above the built files.
  for (const file of ['package.json', '../package.json']) {
    try {
      const found = JSON.parse(readFileSync(new URL(file, packageRoot), 'utf8')) as {
        name?: string
        version?: string
      }
      if (found.name === 'skein' && found.version !== undefined) return (version = found.version)
    } catch {
      // Not there: try the other one.
    }
  }
  return (version = 'unknown')
}
