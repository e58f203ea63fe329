/** Files of pandas, Polars, pyarrow and DuckDB are read here, and files written here there. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'
import { hasModule, runPython } from '../../../support/python.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-peers-'))
afterAll(() => rmSync(folder, { recursive: true }))
const threads = { get: getThreads }
const at = (name: string) => join(folder, name)
const hasPeers = hasModule('pyarrow, pandas, polars, duckdb')

const rows = Array.from({ length: 6 }, (_, i) => ({
  id: i,
  name: i === 3 ? null : `näme ${i}`,
  x: i / 4,
  ok: i % 2 === 0,
  when: new Date(Date.UTC(2024, 0, 1 + i, 12, 30)),
}))

/** The start of the programs: `rows`, with the dates in UTC. */
const START = `
import sys, json, datetime
folder = sys.argv[1]
rows = [{"id": i, "name": None if i == 3 else f"n\\u00e4me {i}", "x": i / 4, "ok": i % 2 == 0,
         "when": datetime.datetime(2024, 1, 1 + i, 12, 30)} for i in range(6)]
def show(found):
    for row in found:
        row["when"] = row["when"].strftime("%Y-%m-%dT%H:%M")
    print(json.dumps(found))
`

describe.skipIf(!hasPeers)('Arrow (skipped without pyarrow, pandas, Polars and DuckDB)', () => {
  const writers = {
    'pandas-lz4': 'pandas.DataFrame(rows).to_feather(path, compression="lz4")',
    'pandas-zstd': 'pandas.DataFrame(rows).to_feather(path, compression="zstd")',
    polars: 'polars.DataFrame(rows).write_ipc(path, compression="zstd")',
    'polars-stream': 'polars.DataFrame(rows).write_ipc_stream(path)',
    duckdb:
      'frame = pandas.DataFrame(rows); pyarrow.feather.write_feather(duckdb.sql("select * from frame").to_arrow_table(), path)',
  }

  test('files of theirs are read', async () => {
    const program = Object.entries(writers).map(
      ([name, code]) => `path = folder + "/${name}.arrow"\n${code}\n`,
    )
    runPython(
      `${START}\nimport pandas, polars, duckdb, pyarrow.feather\n${program.join('')}`,
      folder,
    )
    for (const name of Object.keys(writers)) {
      expect(await db.readArrow(at(`${name}.arrow`)).compute(threads), name).toEqual(rows)
    }
  })

  test('files of ours are read by them', async () => {
    const bag = db.fromSequence(rows, { npartitions: 1 })
    await bag.toArrow(at('own.arrow'), { batchSize: 4, ...threads })
    await bag.toArrow(at('own.arrows'), threads)
    const readers = [
      'pandas.read_feather(folder + "/own.arrow").astype(object).where(lambda f: f.notna(), None).to_dict("records")',
      'polars.read_ipc(folder + "/own.arrow").to_dicts()',
      'polars.read_ipc_stream(folder + "/own.arrows").to_dicts()',
      'pyarrow.ipc.open_file(folder + "/own.arrow").read_all().to_pylist()',
      'duckdb.from_arrow(pyarrow.ipc.open_stream(folder + "/own.arrows").read_all()).to_arrow_table().to_pylist()',
    ]
    const shows = readers.map((reader) => `show(${reader})`).join('\n')
    const output = runPython(
      `${START}\nimport pandas, polars, duckdb, pyarrow.ipc\n${shows}`,
      folder,
    )
    const wanted = rows.map((row) => ({ ...row, when: row.when.toISOString().slice(0, 16) }))
    const found = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect(found).toEqual(readers.map(() => wanted))
  })
})
