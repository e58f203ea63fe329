/** Readers and writers of files of records on a cluster. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import type { Get } from '../../../../core/index.js'
import { LocalCluster } from '../../../../distributed/index.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-files-'))
const at = (name: string) => join(folder, name)
const rows = Array.from({ length: 20 }, (_, i) => ({ id: i, day: `d${i % 3}`, x: i / 4 }))
const bag = db.fromSequence(rows, { npartitions: 4 })
let cluster: LocalCluster
let get: Get

beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 2 })
  get = (await cluster.client()).get as Get
})
afterAll(async () => {
  await cluster.close()
  rmSync(folder, { recursive: true })
})

test('Arrow', async () => {
  const written = await bag.toArrow(at('*.arrow'), { get })
  expect(written.map(({ items }) => items)).toEqual([5, 5, 5, 5])
  expect(await db.readArrow(at('*.arrow')).compute({ get })).toEqual(rows)
})

test('folders of Parquet, of which a filter leaves out most', async () => {
  const written = await bag.toParquet(at('days'), { partitionBy: 'day', get })
  expect(written.length).toBe(12)
  const paths = at('days/**/*.parquet')
  const all = await db.readParquet<{ id: number }>(paths).compute({ get })
  expect(all.sort((a, b) => a.id - b.id)).toEqual(rows)
  const some = db.readParquet(paths, { filter: 'day == "d1" and id > 15', columns: ['id'] })
  expect(some.npartitions).toBe(1)
  expect(await some.compute({ get })).toEqual([{ id: 16 }, { id: 19 }])
})

test('Avro', async () => {
  const fields = Object.entries({ id: 'int', day: 'string', x: 'double' })
  const schema = {
    type: 'record',
    name: 'Row',
    fields: fields.map(([name, type]) => ({ name, type })),
  }
  await bag.toAvro(at('*.avro'), schema, { syncInterval: 20, get })
  expect(await db.readAvro(at('*.avro'), { blocksize: 100 }).compute({ get })).toEqual(rows)
})
