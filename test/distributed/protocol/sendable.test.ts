import { expect, test } from 'vitest'
import type { StoredValue } from '../../../core/graph/stored-value.js'
import { store } from '../../../core/graph/stored-value.js'
import { assertSendable, largestFrame } from '../../../distributed/protocol/sendable.js'

/** Makes a value with buffers of these lengths, for which no memory is allocated. */
function withBuffers(...lengths: number[]): StoredValue {
  const buffers = lengths.map((byteLength) => ({ byteLength }))
  return { ...(store([1]) as object), buffers } as unknown as StoredValue
}

test('each array of a value may have up to 4 GB, and all together more', () => {
  for (const value of [1, 'x', undefined, store([1]), withBuffers(largestFrame, largestFrame)])
    assertSendable(value, () => 'it', 'do not')
})

test('a larger array is an error that names the value and what to do instead', () => {
  expect(() =>
    assertSendable(withBuffers(8, 5 * 2 ** 30), () => 'load: argument 2', 'split it into several'),
  ).toThrow(
    'load: argument 2 has an array of 5368709120 bytes, and 4 GB (4294967296) is the most that can be sent: split it into several',
  )
})
