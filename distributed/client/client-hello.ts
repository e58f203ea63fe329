/** How a client introduces itself, whoever speaks for it. */
import { hostname } from 'node:os'
import type { ClientHello } from '../protocol/index.js'
import { ownVersions } from '../protocol/version.js'

/** The introduction of the client of a name. */
export function clientHello(name: string, nonce: string): ClientHello {
  return {
    op: 'hello',
    role: 'client',
    versions: ownVersions(),
    nonce,
    pid: process.pid,
    hostname: hostname(),
    name,
  }
}
