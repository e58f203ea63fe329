/** The file of results that do not fit in memory. */
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SpillFile } from '../../../../core/run/threads/spill-file.js'

let file: SpillFile

beforeEach(() => {
  file = new SpillFile()
})
afterEach(() => file.close())

function bytesOf(value: number, size: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(size)).fill(value)
}

function readAt(position: number, size: number): Uint8Array {
  const into = bytesOf(0, size)
  file.read(position, into)
  return into
}

test('reads what was written, also of a view', () => {
  const whole = Uint8Array.from({ length: 1000 }, (_, i) => i % 251)
  const first = file.write(whole.subarray(10, 500))
  const second = file.write(bytesOf(7, 300))
  expect(readAt(first, 490)).toEqual(Uint8Array.from(whole.subarray(10, 500)))
  expect(readAt(second, 300)).toEqual(bytesOf(7, 300))
})

test('uses the space of a released part for the next one of its size', () => {
  const first = file.write(bytesOf(1, 100))
  const second = file.write(bytesOf(2, 100))
  file.release(first, 100)
  expect(file.write(bytesOf(3, 90))).toBeGreaterThan(second)
  expect(file.write(bytesOf(4, 100))).toBe(first)
  expect(readAt(first, 100)).toEqual(bytesOf(4, 100))
  expect(readAt(second, 100)).toEqual(bytesOf(2, 100))
})

test('begins anew when all parts are released', () => {
  const positions = [1, 2, 3].map((value) => file.write(bytesOf(value, 100)))
  for (const position of positions) file.release(position, 100)
  expect(file.write(bytesOf(4, 50))).toBe(0)
  expect(readAt(0, 50)).toEqual(bytesOf(4, 50))
})

test.skipIf(process.platform === 'win32')('has no name', () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('skein-spill-'))
  file.write(bytesOf(1, 100))
  const after = readdirSync(tmpdir()).filter((name) => name.startsWith('skein-spill-'))
  expect(after.length).toBeLessThanOrEqual(before.length)
})
