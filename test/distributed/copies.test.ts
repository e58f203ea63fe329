/** How often the bytes of a large array are copied on their way: at most once on each side. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'

const bytes = 8 << 20

/** Moves an array of 8 MB in each way, and writes a line before each. */
const program = `
import { appendFileSync } from 'node:fs'
import { getThreads, LocalCluster } from 'skein'
const begin = (what) => appendFileSync(process.env.COUNT_COPIES_IN, what + '\\n')
const local = await LocalCluster.start({ nworkers: 1 })
const client = await local.client()
const length = ${bytes / 8}
const sum = (array) => array[0] + array.length
const expectSame = (a, b) => { if (a !== b) throw new Error(a + ' is not ' + b) }
begin('result')
const made = client.submit((n) => new Float64Array(n).fill(1), length)
await made.exception()
begin('fetch')
expectSame(sum(await made.result()), length + 1)
begin('use')
expectSame(await client.submit(sum, made).result(), length + 1)
begin('scatter')
const scattered = client.scatter(new Float64Array(length).fill(2))
await scattered.exception()
begin('use-scattered')
expectSame(await client.submit(sum, scattered).result(), length + 2)
begin('get-threads')
const shared = new Float64Array(new SharedArrayBuffer(${bytes}))
expectSame(await getThreads({ a: shared, b: [sum, 'a'] }, 'b'), length)
begin('end')
await client.close()
await local.close()
`

test('the bytes of an array are copied at most once on each side', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'skein-copies-'))
  const counts = path.join(folder, 'counts')
  const counter = pathToFileURL(path.resolve('test/distributed/count-copies.mjs'))
  try {
    writeFileSync(counts, '')
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, NODE_OPTIONS: `--import=${counter}`, COUNT_COPIES_IN: counts },
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect([stderr, status]).toEqual(['', 0])
    const copies: Record<string, Record<string, number>> = {}
    let phase: Record<string, number> = {}
    for (const line of readFileSync(counts, 'utf8').trim().split('\n')) {
      const [name, size] = line.split(' ')
      if (size === undefined) copies[name!] = phase = {}
      else phase[name!] = (phase[name!] ?? 0) + Number(size) / bytes
    }
    expect(copies).toEqual({
      // The result of a task moves into shared memory, where the other threads and the socket read it.
      result: { 'worker-thread': 1 },
      fetch: {},
      use: {},
      // The value of the time of the call; and from the socket into shared memory.
      scatter: { client: 1, worker: 1 },
      'use-scattered': {},
      'get-threads': {},
      end: {},
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
