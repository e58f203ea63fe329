/** The memory of typed arrays: when it is copied, shared, or sent out of band. */
import { expect, test } from 'vitest'
import { decode, encode, encodedSize } from '../../../../core/codec/index.js'

test('a large typed array is copied neither by encoding nor by decoding', () => {
  const data = new Float64Array(10_000).fill(1)
  const bytes = encode({ data })
  expect(bytes.buffers).toHaveLength(1)
  expect(bytes.buffers[0]!.buffer).toBe(data.buffer)
  expect(bytes.head.length).toBeLessThan(100)
  const back = decode(bytes) as { data: Float64Array }
  expect(back.data.buffer).toBe(data.buffer)
  expect(encodedSize(bytes)).toBe(bytes.head.length + 80_000)
})

test('a small typed array is in the head', () => {
  const bytes = encode(new Float64Array(8))
  expect(bytes.buffers).toEqual([])
  expect((decode(bytes) as Float64Array).buffer.byteLength).toBe(64)
})

test('for threads, memory is shared: copied once, or not at all if it is shared already', () => {
  const own = new Float64Array(1000).fill(2)
  const shared = new Float64Array(new SharedArrayBuffer(8000)).fill(3)
  const { buffers } = encode([own, shared], { shared: true })
  expect(buffers[0]!.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect(buffers[1]!.buffer).toBe(shared.buffer)
  const [a, b] = decode(encode([own, shared], { shared: true })) as [Float64Array, Float64Array]
  expect(a).toEqual(own)
  expect(b.buffer).toBe(shared.buffer)
})

test('for threads, a large head is shared as well', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => ({ i, text: `row ${i}` }))
  expect(encode(rows, { shared: true }).head.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect(encode(rows).head.buffer).not.toBeInstanceOf(SharedArrayBuffer)
  expect(encode([1, 2], { shared: true }).head.buffer).not.toBeInstanceOf(SharedArrayBuffer)
  expect(decode(encode(rows, { shared: true }))).toEqual(rows)
})

test('a small part of a huge buffer is sent without the rest', () => {
  const huge = new Uint8Array(1 << 20)
  const ends = [huge.subarray(0, 2000), huge.subarray(1_000_000, 1_002_000)]
  expect(encodedSize(encode(ends))).toBeLessThan(4200)
})

test('overlapping views share memory in the decoded value', () => {
  const buffer = new ArrayBuffer(8192)
  const views = [new Uint8Array(buffer, 1000, 3000), new Float64Array(buffer, 2000, 100), buffer]
  for (const value of [views.slice(0, 2), views]) {
    const bytes = encode(value)
    const copy = { head: bytes.head, buffers: bytes.buffers.map((b) => b.slice()) }
    const [a, b] = decode(copy) as [Uint8Array, Float64Array]
    expect(a.buffer).toBe(b.buffer)
    b[0] = 7
    expect(new Float64Array(a.slice(1000, 1008).buffer)[0]).toBe(7)
  }
})

test('misaligned buffers are copied to aligned memory; others are not', () => {
  const { head, buffers } = encode([new Float64Array(1000).fill(5), Buffer.alloc(5000, 'x')])
  const message = new Uint8Array(20_000)
  message.set(buffers[0]!, 3)
  message.set(buffers[1]!, 9001)
  const frames = [message.subarray(3, 8003), message.subarray(9001, 14_001)]
  const [numbers, text] = decode({ head, buffers: frames }) as [Float64Array, Buffer]
  expect(numbers[999]).toBe(5)
  expect(numbers.buffer).not.toBe(message.buffer)
  expect(text.buffer).toBe(message.buffer)
})

test('a whole ArrayBuffer is decoded with its own size', () => {
  const { head, buffers } = encode(new ArrayBuffer(5000))
  const message = new Uint8Array(9000)
  const back = decode({ head, buffers: [message.subarray(8, 5008)] }) as ArrayBuffer
  expect(back).toBeInstanceOf(ArrayBuffer)
  expect(back.byteLength).toBe(5000)
  expect(buffers).toHaveLength(1)
})
