/** `db.fromArrow`. */
import { Int32, Table, Utf8, vectorFromArray } from 'apache-arrow'
import { expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import { getSync } from '../../../../core/run/get-sync.js'

const sync = { get: getSync }

test('the rows of an Arrow table become plain objects, in even partitions', async () => {
  const ids = Array.from({ length: 2500 }, (_, i) => (i % 5 === 0 ? null : i))
  const table = new Table({
    id: vectorFromArray(ids, new Int32()),
    name: vectorFromArray(
      ids.map((_, i) => `n${i}`),
      new Utf8(),
    ),
  })
  const bag = db.fromArrow<{ id: number | null; name: string }>(table, { npartitions: 3 })
  expect(bag.npartitions).toBe(3)
  const rows = await bag.compute(sync)
  expect(rows).toEqual(ids.map((id, i) => ({ id, name: `n${i}` })))
  expect(Object.keys(rows[0]!)).toEqual(['id', 'name'])
  expect(db.fromArrow(table, { npartitions: 3 }).name).toBe(bag.name)
  expect(await db.fromArrow(table.slice(0, 0)).compute(sync)).toEqual([])
  expect(() => db.fromArrow([{ a: 1 }] as never)).toThrow(
    'fromArrow: expected a table of apache-arrow',
  )
})
