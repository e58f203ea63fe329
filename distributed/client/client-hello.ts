/** The hello message with which a client, or the relay of a task's client, begins a session. */
import { hostname } from 'node:os'
import type { PeerKeys } from '../base/curve-keys.js'
import { clientNameOf } from '../protocol/client-names.js'
import type { ClientHello } from '../protocol/index.js'
import { ownVersions } from '../protocol/version.js'
import { keyClaim } from '../security/key-claim.js'

/** Returns the hello message of the client with a secret, and with keys if the scheduler needs some. */
export function clientHello(secret: string, nonce: string, keys?: PeerKeys): ClientHello {
  return {
    op: 'hello',
    role: 'client',
    versions: ownVersions(),
    nonce,
    pid: process.pid,
    hostname: hostname(),
    secret,
    name: clientNameOf(secret),
    ...keyClaim(keys, nonce),
  }
}
