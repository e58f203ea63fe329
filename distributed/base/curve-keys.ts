/**
 * Keys of ZeroMQ's CURVE: points and scalars of Curve25519, written as 40 characters of Z85.
 *
 * CURVE protects a connection, but the engine does not say which key a message came from. So a process proves in its hello
 * that it owns its key: it signs the nonce of the session with a secret that only it and the scheduler can compute, each from its own
 * secret key and the other's public key (X25519, RFC 7748).
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'

/** A key pair, each key as 40 characters of Z85. */
export interface KeyPair {
  /** The key that others may know. */
  readonly publicKey: string
  /** The key that only its owner has. */
  readonly secretKey: string
}

/** The keys of a worker or a client. */
export interface PeerKeys extends KeyPair {
  /** The public key of the scheduler. */
  readonly serverKey: string
}

const KEY_BYTES = 32
const alphabet =
  '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'

/** Makes a key pair. */
export function newKeyPair(): KeyPair {
  const { d, x } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
  const publicKey = keyOfBytes(Buffer.from(x!, 'base64url'))
  // A command would take it for an option.
  if (publicKey.startsWith('-')) return newKeyPair()
  return { publicKey, secretKey: keyOfBytes(Buffer.from(d!, 'base64url')) }
}

/** Whether a value is a key. */
export function isKey(value: unknown): value is string {
  return typeof value === 'string' && bytesOfKey(value) !== undefined
}

/** Writes the 32 bytes of a key as 40 characters. */
export function keyOfBytes(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let text = ''
  for (let at = 0; at < KEY_BYTES; at += 4) {
    let digits = ''
    for (let value = view.getUint32(at), i = 0; i < 5; i++, value = Math.floor(value / 85))
      digits = alphabet[value % 85]! + digits
    text += digits
  }
  return text
}

/** Reads the 32 bytes of a key; undefined if it is none. */
export function bytesOfKey(key: string): Buffer | undefined {
  if (key.length !== (KEY_BYTES / 4) * 5) return undefined
  const bytes = Buffer.alloc(KEY_BYTES)
  for (let at = 0; at < KEY_BYTES; at += 4) {
    let value = 0
    for (let i = 0; i < 5; i++) {
      const digit = alphabet.indexOf(key[(at / 4) * 5 + i]!)
      if (digit < 0) return undefined
      value = value * 85 + digit
    }
    if (value >= 2 ** 32) return undefined
    bytes.writeUInt32BE(value, at)
  }
  return bytes
}

/** Returns the public key of a secret one. */
export function publicKeyOf(secretKey: string): string {
  const { x } = createPublicKey(secretObject(secretKey)).export({ format: 'jwk' })
  return keyOfBytes(Buffer.from(x!, 'base64url'))
}

/** Proves that the sender of a hello with a nonce owns a key pair, to the owner of another public key. */
export function proveKey(own: KeyPair, otherKey: string, nonce: string): string {
  return sign(own.secretKey, otherKey, own.publicKey, nonce).toString('base64')
}

/** Whether a proof was made by the owner of a public key. */
export function isProof(
  proof: string,
  { own, publicKey, nonce }: { own: KeyPair; publicKey: string; nonce: string },
): boolean {
  if (!isKey(publicKey)) return false
  const expected = sign(own.secretKey, publicKey, publicKey, nonce)
  const given = Buffer.from(proof, 'base64')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function sign(secretKey: string, otherKey: string, sender: string, nonce: string): Buffer {
  const [privateKey, publicKey] = [secretObject(secretKey), publicObject(otherKey)]
  const shared = diffieHellman({ privateKey, publicKey })
  return createHmac('sha256', shared).update(`skein hello\0${sender}\0${nonce}`).digest()
}

/** The bytes before a raw secret key in PKCS #8, and before a raw public key in SubjectPublicKeyInfo (RFC 8410). */
const secretPrefix = Buffer.from('302e020100300506032b656e04220420', 'hex')
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex')

function secretObject(key: string): KeyObject {
  const der = Buffer.concat([secretPrefix, bytesOfKey(key)!])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

function publicObject(key: string): KeyObject {
  const der = Buffer.concat([publicPrefix, bytesOfKey(key)!])
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}
