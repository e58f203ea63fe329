/** Results of a worker on disk, a file for each. */
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { types } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { type Encoded, encodedSize } from '../../../core/codec/index.js'
import { load, type StoredValue, store } from '../../../core/graph/stored-value.js'
import { SpillFolder } from '../../../distributed/storage/spill-folder.js'

const directory = mkdtempSync(path.join(tmpdir(), 'spill-folder-test-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function write(folder: SpillFolder, key: string, value: StoredValue): number {
  let steps = 1
  for (const _ of folder.write(key, value)) steps++
  return steps
}
const filesOf = (folder: SpillFolder): string[] =>
  readdirSync(folder.path).filter((name) => name.startsWith('result-'))

test('values come back as they were, and their files are removed with them', async () => {
  const folder = await SpillFolder.open(directory)
  const values = [
    new Float64Array(500_000).map((_, i) => i / 7),
    [new Uint8Array(5000).fill(3), new Uint8Array(0), { a: [1, 2n] }],
    'a long string '.repeat(1000),
    new Float32Array(0),
  ]
  values.forEach((value, i) => {
    write(folder, String(i), store(value))
  })
  values.forEach((value, i) => {
    expect(load(folder.get(String(i)))).toEqual(value)
    expect(load(folder.peek(String(i)))).toEqual(value)
  })
  expect(filesOf(folder)).toHaveLength(4)
  if (process.platform !== 'win32')
    expect(statSync(path.join(folder.path, 'result-0')).mode & 0o777).toBe(0o600)
  expect(folder.delete('0')).toBe(true)
  expect([folder.has('0'), folder.delete('0'), folder.get('0')]).toEqual([false, false, undefined])
  expect(filesOf(folder)).toHaveLength(3)
  await folder.close()
  expect(readdirSync(directory)).toEqual([])
})

test('large values are written in steps of a megabyte, and read into shared memory by get alone', async () => {
  const folder = await SpillFolder.open(directory)
  const stored = store(new Uint8Array(2 ** 22)) as Encoded
  expect(write(folder, 'a', stored)).toBe(Math.ceil(encodedSize(stored) / 2 ** 20))
  const shared = (value: StoredValue) =>
    types.isSharedArrayBuffer((value as Encoded).buffers[0]!.buffer)
  expect([shared(folder.get('a')), shared(folder.peek('a'))]).toEqual([true, false])
  await folder.close()
})

test('a write that is ended early leaves nothing', async () => {
  const folder = await SpillFolder.open(directory)
  const steps = folder.write('a', store(new Uint8Array(2 ** 22)))
  steps.next()
  steps.return()
  expect([folder.has('a'), filesOf(folder)]).toEqual([false, []])
  await folder.close()
})

test('a file that was cut or removed is an error of storage', async () => {
  const folder = await SpillFolder.open(directory)
  write(folder, 'a', store(new Uint8Array(10_000)))
  truncateSync(path.join(folder.path, 'result-a'), 5000)
  expect(() => folder.get('a')).toThrow('cannot be read: the file is shorter than it was')
  rmSync(path.join(folder.path, 'result-a'))
  expect(() => folder.peek('a')).toThrow(/cannot be read: ENOENT/)
  rmSync(folder.path, { recursive: true })
  expect(() => write(folder, 'b', store(new Uint8Array(10_000)))).toThrow(
    'nothing can be stored in',
  )
  await folder.close()
})
