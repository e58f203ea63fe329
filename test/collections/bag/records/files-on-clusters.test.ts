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
