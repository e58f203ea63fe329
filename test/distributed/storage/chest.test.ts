import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { runnableFile } from '../../../core/base/package-root.js'
import { isEncoded, load, type StoredValue, store } from '../../../core/graph/stored-value.js'
import { Chest } from '../../../distributed/storage/chest.js'
import { isAlive, until } from '../support.js'

const room = mkdtempSync(path.join(tmpdir(), 'chest-test-'))
afterAll(() => rmSync(room, { recursive: true, force: true }))
let folders = 0
const fresh = (): string => path.join(room, String(folders++))

function bytes(length: number, seed = 1): Uint8Array {
  const all = new Uint8Array(length)
  for (let i = 0; i < length; i++) all[i] = (i * 31 + (i >> 8) * seed + seed) & 255
  return all
}

const primitives: StoredValue[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1.5,
  '',
  'text \u{1F600} \uD800',
  'x'.repeat(3_000_000),
  10n ** 40n,
  -1n,
]

test('primitives are read as they were written', async () => {
  await using chest = await Chest.open({ path: fresh() })
  for (const [i, value] of primitives.entries()) chest.set(`p${i}`, value)
  for (const [i, value] of primitives.entries()) {
    expect(chest.has(`p${i}`)).toBe(true)
    expect(Object.is(chest.get(`p${i}`), value), String(value).slice(0, 20)).toBe(true)
  }
  expect(chest.get('nothing')).toBeUndefined()
  expect(chest.has('nothing')).toBe(false)
})

const mib = 1 << 20

test.each([0, 1, 4095, 4096, mib - 200, mib - 1, mib, mib + 1, 3 * mib, 5_000_001])(
  'an array of %i bytes in shared memory comes back whole, in shared memory if it is large',
  async (length) => {
    await using chest = await Chest.open({ path: fresh() })
    const value = { name: 'a', data: bytes(length), more: [bytes(7, 3), bytes(length, 5)] }
    chest.set('key', store(value, { shared: true }))
    const got = chest.get('key')
    expect(isDeepStrictEqual(load(got), value)).toBe(true)
    if (length >= 4096 && isEncoded(got)) {
      expect(
        got.buffers.some(({ buffer }) => (buffer as unknown) instanceof SharedArrayBuffer),
      ).toBe(true)
    }
    const peeked = chest.peek('key')
    expect(isDeepStrictEqual(load(peeked), value)).toBe(true)
    if (isEncoded(peeked)) {
      expect(peeked.buffers.every(({ buffer }) => buffer instanceof ArrayBuffer)).toBe(true)
    }
  },
)

test('the tokens of bundles are stored', async () => {
  await using chest = await Chest.open({ path: fresh() })
  const value = { head: bytes(10), buffers: [bytes(2 * mib)], bundles: ['abc', 'def'] }
  chest.set('key', value)
  expect(isDeepStrictEqual(chest.get('key'), value)).toBe(true)
})

test('any string can be a key', async () => {
  await using chest = await Chest.open({ path: fresh() })
  const keys = [
    '',
    'a',
    'a\0',
    'a\0b',
    '\uD800',
    '\uD801',
    '#a',
    'ä',
    'k'.repeat(500),
    'k'.repeat(501),
    'k'.repeat(100_000),
    '1',
    '__proto__',
  ]
  for (const [i, key] of keys.entries()) chest.set(key, i)
  for (const [i, key] of keys.entries()) expect(chest.get(key)).toBe(i)
  expect([...chest.keys()].sort()).toEqual([...keys].sort())
  expect(chest.size).toBe(keys.length)
  for (const key of keys) expect(chest.delete(key)).toBe(true)
  expect(chest.delete('a')).toBe(false)
  expect(chest.size).toBe(0)
})

test('a value replaces another, and disk space is reused', async () => {
  const folder = fresh()
  await using chest = await Chest.open({ path: folder })
  for (let round = 0; round < 30; round++) {
    chest.set('large', store(bytes(4 * mib, round), { shared: true }))
    expect(isDeepStrictEqual(load(chest.get('large')), bytes(4 * mib, round))).toBe(true)
    if (round % 3 === 0) chest.delete('large')
  }
  expect(statSync(path.join(folder, 'data.mdb')).size).toBeLessThan(20 * mib)
  chest.set('large', 1)
  chest.clear()
  expect(chest.size).toBe(0)
})

test('a value that is written in steps is not visible before the last step', async () => {
  await using chest = await Chest.open({ path: fresh() })
  const value = store(bytes(5 * mib), { shared: true })
  const steps = chest.write('key', value)
  let count = 0
  for (; !steps.next().done; count++) expect(chest.has('key')).toBe(false)
  expect(count).toBeGreaterThan(3)
  expect(isDeepStrictEqual(chest.get('key'), value)).toBe(true)
  const broken = chest.write('other', value)
  broken.next()
  broken.return()
  expect([...chest.keys()]).toEqual(['key'])
})

test('a reopened chest has the same values', async () => {
  const folder = fresh()
  const first = await Chest.open({ path: folder })
  first.set('a', store([1, { b: new Date(5) }]))
  await first.close()
  expect(() => first.get('a')).toThrow(`The chest in ${folder} is closed`)
  await using second = await Chest.open({ path: folder })
  expect(load(second.get('a'))).toEqual([1, { b: new Date(5) }])
})

test('without a path, the folder is removed when the chest is closed', async () => {
  const directory = fresh()
  const chest = await Chest.open({ directory })
  chest.set('a', 1)
  expect(chest.path.startsWith(directory)).toBe(true)
  expect(existsSync(chest.path)).toBe(true)
  await chest.close()
  expect(existsSync(chest.path)).toBe(false)
  expect(readdirSync(directory)).toEqual([])
})

test('only the folders of killed processes are removed by the next process', async () => {
  const directory = fresh()
  const source = `import { Chest } from '${runnableFile('distributed/index').href}'
    const chest = await Chest.open({ directory: ${JSON.stringify(directory)} })
    chest.set('a', 1); console.log(chest.path); setInterval(() => {}, 1000)`
  const start = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source])
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    return { child, folder: line.toString().trim() }
  }
  const [killed, alive] = await Promise.all([start(), start()])
  try {
    killed.child.kill('SIGKILL')
    await until('it is gone', () => !isAlive(killed.child.pid!))
    const chest = await Chest.open({ directory })
    expect(existsSync(killed.folder)).toBe(false)
    expect(existsSync(alive.folder)).toBe(true)
    await chest.close()
  } finally {
    alive.child.kill('SIGKILL')
  }
})

test.each([
  ['a folder below a file', () => path.join(file(), 'x')],
  ['a file', () => file()],
  ['a folder that the system forbids', () => '/proc/nothing/here'],
])('%s cannot hold a chest', async (_, folder) => {
  const place = folder()
  await expect(Chest.open({ path: place })).rejects.toThrow(
    `Chest.open: nothing can be stored in ${place}`,
  )
  await expect(Chest.open({ directory: place })).rejects.toThrow(
    'Chest.open: nothing can be stored',
  )
})

function file(): string {
  const place = fresh()
  writeFileSync(place, 'text')
  return place
}

test('invalid options are refused', async () => {
  await expect(Chest.open({ path: 5 as never })).rejects.toThrow("path is a folder's path, got 5")
  await expect(Chest.open({ paht: 'x' } as never)).rejects.toThrow("there is no option 'paht'")
})
