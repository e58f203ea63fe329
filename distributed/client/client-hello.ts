/** The hello message with which a client, or the relay of a task's client, begins a session. */
import { hostname } from 'node:os'
import { clientNameOf } from '../protocol/client-names.js'
import type { ClientHello } from '../protocol/index.js'
import { ownVersions } from '../protocol/version.js'

/** Returns the hello message of the client with a secret. */
export function clientHello(secret: string, nonce: string): ClientHello {
  return {
    op: 'hello',
    role: 'client',
    versions: ownVersions(),
    nonce,
    pid: process.pid,
    hostname: hostname(),
    secret,
    name: clientNameOf(secret),
  }
}
