/** How sockets are protected by CURVE, and why connections fail. */

/** The keys of a socket that listens, and which other keys it accepts. */
export interface CurveServer {
  readonly secretKey: string
  /** Whether the owner of a public key may connect. */
  isAllowed(publicKey: string): boolean
}

/** The keys of a socket that connects, and the public key of the other side. */
export interface CurveClient {
  readonly publicKey: string
  readonly secretKey: string
  readonly serverKey: string
}

/** Why the handshake of a connection fails. */
export type HandshakeFault =
  /** The other side does not accept the key. */
  | 'key-refused'
  /** The other side does not have the key that was expected. */
  | 'wrong-server-key'
  /** One side has keys and the other has none. */
  | 'mechanism'

/** The connection events of failed handshakes. */
export const handshakeFaults = {
  'handshake:error:auth': 'key-refused',
  'handshake:error:other': 'wrong-server-key',
  'handshake:error:protocol': 'mechanism',
} as const satisfies Readonly<Record<string, HandshakeFault>>

/** Describes a fault for the side that connects. */
export function describeHandshakeFault(
  fault: HandshakeFault,
  { address, role, keys }: { address: string; role: string; keys: CurveClient | undefined },
): string {
  switch (fault) {
    case 'key-refused':
      return `The scheduler at ${address} does not accept the key ${keys?.publicKey} of this ${role}; on its machine run: skein keys allow NAME '${keys?.publicKey}' --role ${role}`
    case 'wrong-server-key':
      return keys === undefined
        ? `The scheduler at ${address} has closed the connection in its handshake; is it Skein's, and does it need keys?`
        : `The scheduler at ${address} does not have the public key ${keys.serverKey} that this ${role} expects: is it the right address, and was the scheduler given new keys?`
    case 'mechanism':
      return keys === undefined
        ? `The scheduler at ${address} needs keys, and this ${role} has none: give it keys (SKEIN_KEYS)`
        : `The scheduler at ${address} has no keys, and this ${role} has some: start the scheduler with keys, or leave them out here (keys: null)`
    default:
      return fault satisfies never
  }
}
