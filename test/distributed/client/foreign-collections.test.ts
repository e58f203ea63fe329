/** Named collections, and functions, that name modules which are none of this package's. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadOperations } from '../../../core/base/operations.js'
import { loadReference } from '../../../core/functions/modules/resolve-references.js'
import { describeCollection } from '../../../core/graph/collection-interface.js'
import type { CollectionDescriptor } from '../../../core/graph/descriptor.js'
import { Client } from '../../../distributed/client/client.js'
import { Scheduler } from '../../../distributed/scheduler/scheduler.js'
import { da, db, delayed } from '../../../index.js'

let scheduler: Scheduler
let writer: Client
let reader: Client
let folder: string

beforeAll(async () => {
  scheduler = await Scheduler.start()
  writer = await Client.connect(scheduler.addressToClients)
  reader = await Client.connect(scheduler.addressToClients)
  folder = mkdtempSync(path.join(tmpdir(), 'skein-test-'))
  const program = 'globalThis.wasRun = true\nexport const reviveBag = () => 1\n'
  for (const name of ['evil.js', 'evil.ts', 'evil.mjs', 'evil'])
    writeFileSync(path.join(folder, name), program)
})

afterAll(async () => {
  await writer?.close()
  await reader?.close()
  await scheduler?.close()
  if (folder !== undefined) rmSync(folder, { recursive: true })
})

const store = (descriptor: unknown) =>
  writer.setCollection('foreign', {
    [describeCollection]: () => descriptor as CollectionDescriptor,
  })

const wasRun = () => (globalThis as { wasRun?: boolean }).wasRun === true

test('all kinds of collections are revived from the table', async () => {
  const all = { bag: db.range(3), item: db.range(3).sum(), array: da.ones([2]) }
  for (const [name, collection] of Object.entries({ ...all, delayed: delayed(1) })) {
    await writer.setCollection(name, collection)
    const same = await reader.getCollection(name)
    expect(same.constructor).toBe(collection.constructor)
    expect(await same.compute()).toEqual(await collection.compute())
  }
})

test('a collection whose reviver is none of the table is refused, and nothing is loaded', async () => {
  const [layer] = db.range(1)[describeCollection]().layers
  const modules = [
    ...[`${folder}/evil`, `..${folder}/evil`, `file://${folder}/evil`, 'distributed/cli/cli'],
    ...['core/run/threads/executor-thread', 'collections/bag/io/text-steps', '', 'bag', 5, null],
    ...['collections/bag/../bag/bag', '__proto__', {}, 'x'.repeat(100_000), undefined],
  ]
  for (const module of modules)
    for (const name of ['reviveBag', 'writeTextStep', 'constructor', undefined]) {
      await store({ reviver: { module, name }, layers: [layer], meta: undefined })
      const error = await reader.getCollection('foreign').catch((e: unknown) => e)
      expect(error).toMatchObject({
        code: 'DECODE',
        message: expect.stringMatching(/^getCollection: 'foreign' cannot be revived: .*skein/s),
      })
      expect((error as Error).message.length).toBeLessThan(800)
    }
  for (const reviver of [undefined, null, 'reviveBag', []]) {
    await store({ reviver, layers: [layer], meta: undefined })
    await expect(reader.getCollection('foreign')).rejects.toMatchObject({ code: 'DECODE' })
  }
  for (const descriptor of [5, null, 'x', {}, []]) {
    await store(descriptor)
    await expect(reader.getCollection('foreign')).rejects.toMatchObject({ code: 'DECODE' })
  }
  expect(wasRun()).toBe(false)
})

test('operations are loaded only from modules of this package that are no programs', async () => {
  const modules = [
    `${folder}/evil`,
    `/../..${folder}/evil`,
    'distributed/cli/cli',
    'node:fs',
    'core',
  ]
  for (const module of modules)
    await expect(loadOperations(module)).rejects.toMatchObject({ code: 'DECODE' })
  expect(wasRun()).toBe(false)
})

test('a function cannot refer to an export of a file or an address', async () => {
  const code = 'data:text/javascript,globalThis.wasRun=true'
  const files = [
    `${folder}/evil.mjs`,
    `file://${folder}/evil.mjs`,
    './evil.mjs',
    '../evil.mjs',
    code,
  ]
  for (const specifier of [...files, 'C:\\evil.mjs', 'https://example.org/x.mjs'])
    await expect(
      loadReference({ kind: 'module', specifier, path: ['x'], from: `file://${folder}/a.mjs` }),
    ).rejects.toMatchObject({ code: 'DECODE' })
  expect(wasRun()).toBe(false)
})
