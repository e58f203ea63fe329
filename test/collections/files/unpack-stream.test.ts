import { expect, test } from 'vitest'
import { unpackStream } from '../../../collections/files/unpack-stream.js'
import { ZstdWriter } from '../../../collections/files/zstd-writer.js'

const MB = 1 << 20
const line = Buffer.from(`${'the same words '.repeat(68)}\n`.padStart(1024))
const text = Buffer.alloc(64 * MB, line)

async function compressed(bytes: Buffer): Promise<Uint8Array> {
  const frames: Uint8Array[] = []
  const write = async (frame: Uint8Array) => void frames.push(frame)
  const writer = new ZstdWriter({ write, commit: async () => {}, abort: async () => {} })
  for (let at = 0; at < bytes.length; at += 4 * MB) {
    await writer.write(bytes.subarray(at, at + 4 * MB))
  }
  await writer.commit()
  return Buffer.concat(frames)
}

test('a small part of what is read from a file of Zstandard is decompressed ahead', async () => {
  const packed = await compressed(text)
  expect(packed.length).toBeLessThan(MB / 4)
  let reads = 0
  const file = { next: async () => (reads++ === 0 ? packed : undefined), close: () => {} }
  const before = process.memoryUsage().arrayBuffers
  const stream = unpackStream(file, 'zstd', 'a.txt')
  const first = (await stream.next())!
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(48 * MB)
  expect(text.subarray(0, first.length).equals(first)).toBe(true)
  stream.close()
})
