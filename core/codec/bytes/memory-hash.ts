/**
 * Hashes of large memory, for names of content that are known only while one scheduler runs.
 *
 * SHA-256 takes four times as long as a message authentication code by AES. With a key that nobody can know who
 * chooses the bytes, the code differs for different bytes as surely; hashing it hides what it says about the key.
 */
import { lazyPackage } from '../../base/lazy-package.js'

const crypto = lazyPackage<typeof import('node:crypto')>('node:crypto')

/** OpenSSL takes at most 2 GB at once. */
const largestPiece = 1 << 30

/** Returns 32 bytes that depend on the bytes and on a secret, which must not be known to those who choose the bytes. */
export function hashWithSecret(
  bytes: Uint8Array,
  secret: string,
  piece: number = largestPiece,
): Uint8Array {
  const { createCipheriv, createHash } = crypto()
  const key = createHash('sha256').update(secret).digest()
  // The tag is never shown, so one nonce does for all memory.
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12))
  for (let at = 0; at < bytes.byteLength; at += piece) cipher.setAAD(bytes.subarray(at, at + piece))
  cipher.final()
  return createHash('sha256').update(cipher.getAuthTag()).digest()
}
