/** The versions that two processes tell one another when they meet. */
import { readFileSync } from 'node:fs'
import { packageRoot } from '../../core/base/package-root.js'
import { ConnectionError, VersionMismatchError } from '../base/errors.js'
import type { Refused, Versions } from './session-messages.js'

/** Changes whenever messages change in a way that the other side would not understand. */
export const protocolVersion = 3

/** The versions of this process. */
export function ownVersions(): Versions {
  return { protocol: protocolVersion, skein: packageVersion(), node: process.version }
}

/** Versions as text, for errors. */
export function describeVersions({ protocol, skein, node }: Versions): string {
  return `skein ${skein} (protocol ${protocol}, Node ${node})`
}

/** The error of a process that a scheduler did not let in. */
export function refusalError(
  address: string,
  { versions, rightAddress }: Refused,
  role: 'worker' | 'client',
): Error {
  if (rightAddress !== undefined) {
    const other = role === 'worker' ? 'clients' : 'workers'
    const message = `${address} is the scheduler's address to ${other}; ${role}s connect to ${rightAddress}`
    return new ConnectionError(address, message)
  }
  const [ours, theirs] = [describeVersions(ownVersions()), describeVersions(versions)]
  return new VersionMismatchError(`The scheduler at ${address}`, ours, theirs)
}

let version: string | undefined

function packageVersion(): string {
  if (version !== undefined) return version
  // Next to the sources, or one folder above the built files.
  for (const place of ['package.json', '../package.json']) {
    try {
      const found = JSON.parse(readFileSync(new URL(place, packageRoot), 'utf8')) as {
        name?: string
        version?: string
      }
      if (found.name === 'skein' && found.version !== undefined) return (version = found.version)
    } catch {
      // Not there: the other place is tried.
    }
  }
  return (version = 'unknown')
}
