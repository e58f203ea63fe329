/** The hello message with which a client, or the relay of a task's client, begins a session. */
import { hostname } from 'node:os'
import type { ClientHello } from '../protocol/index.js'
import { ownVersions } from '../protocol/version.js'

/** Returns the hello message of the client called `name`. */
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
