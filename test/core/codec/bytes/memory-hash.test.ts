/** Hashes of large memory depend on each byte, on the length and on the secret. */
import { expect, test } from 'vitest'
import { hashWithSecret } from '../../../../core/codec/bytes/memory-hash.js'

const hex = (bytes: Uint8Array, secret = 'secret', piece?: number): string =>
  Buffer.from(hashWithSecret(bytes, secret, piece)).toString('hex')

test('equal bytes have the same hash, in memory of each kind and at each alignment', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i)
  const shared = new Uint8Array(new SharedArrayBuffer(1003), 3)
  shared.set(bytes)
  expect(hex(bytes)).toMatch(/^[0-9a-f]{64}$/)
  expect(hex(shared)).toBe(hex(bytes))
})

test('the hash of memory that is passed to the cipher in pieces is that of the whole', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7)
  for (const piece of [1, 15, 16, 17, 500, 999])
    expect(hex(bytes, 'secret', piece)).toBe(hex(bytes))
})

test('a changed byte, another length or another secret changes the hash', () => {
  const bytes = new Uint8Array(5000)
  const hashes = new Set([
    hex(bytes),
    hex(bytes, 'other'),
    hex(new Uint8Array(5001)),
    hex(bytes.subarray(1)),
  ])
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = 1
    hashes.add(hex(bytes))
    bytes[at] = 0
  }
  expect(hashes.size).toBe(5004)
})
