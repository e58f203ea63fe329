/** What the hello of a worker or a client says about its key. */
import { type PeerKeys, proveKey } from '../base/curve-keys.js'

/** Returns the fields of a hello with a nonce; none without keys. */
export function keyClaim(
  keys: PeerKeys | undefined,
  nonce: string,
): { readonly publicKey?: string; readonly proof?: string } {
  if (keys === undefined) return {}
  return { publicKey: keys.publicKey, proof: proveKey(keys, keys.serverKey, nonce) }
}
