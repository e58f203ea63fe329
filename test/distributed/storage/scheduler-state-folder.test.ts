import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { runnableFile } from '../../../core/base/package-root.js'
import { Scheduler } from '../../../distributed/scheduler/scheduler.js'
import { StateFolder } from '../../../distributed/storage/scheduler-state-folder.js'

const cleanUps: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'skein-state-'))
  cleanUps.push(() => rmSync(made, { recursive: true, force: true }))
  return made
}

async function openState(path: string): Promise<StateFolder> {
  const state = await StateFolder.open(path)
  cleanUps.push(() => state.close())
  return state
}

const all = (state: StateFolder) =>
  Object.fromEntries(
    state.records((error) => {
      throw error
    }),
  )

const big = new Float64Array(300_000).map((_, i) => i)

test('a reopened folder has the same records', async () => {
  const path = join(folder(), 'made', 'for', 'it')
  const first = await openState(path)
  const records: Record<string, unknown> = {
    plain: { a: -0, b: undefined, c: [1n, 'x'] },
    '': 'a name of nothing',
    ['long '.repeat(1000)]: new Map([[1, new Date(5)]]),
    '\ud800': 'half a pair',
    big: { big, shared: new Uint8Array(new SharedArrayBuffer(5000)).fill(7) },
  }
  for (const name of Object.keys(records)) first.put(name, 'another')
  for (const [name, record] of Object.entries(records)) first.put(name, record)
  first.put('gone', big)
  first.delete('gone')
  first.delete('never there')
  expect(all(first)).toEqual(records)
  await first.close()
  expect(() => first.put('late', 1)).toThrow(/is closed/)
  expect(all(await openState(path))).toEqual(records)
})

test('a folder in use cannot be opened, by this process or another', async () => {
  const path = folder()
  const scheduler = await Scheduler.start({ stateDir: path })
  cleanUps.push(() => scheduler.close())
  await expect(Scheduler.start({ stateDir: path })).rejects.toMatchObject({
    code: 'STORAGE',
    message: expect.stringMatching(new RegExp(`${path} is in use by process ${process.pid}`)),
  })
  const other = spawn(process.execPath, [
    new URL(runnableFile('distributed/cli/cli')).pathname,
    'scheduler',
    '--state-dir',
    path,
  ])
  let told = ''
  other.stderr.on('data', (data) => (told += data))
  expect((await once(other, 'exit'))[0]).toBe(1)
  expect(told).toContain(`is in use by process ${process.pid}`)
  expect(told).not.toMatch(/\n {4}at /)
  await scheduler.close()
  await openState(path)
})

test('records of a killed process are complete, and none is half written', async () => {
  const path = folder()
  const source = `
    import { StateFolder } from '${runnableFile('distributed/storage/scheduler-state-folder').href}'
    const state = await StateFolder.open(process.argv[1])
    for (let i = 0; ; i++) {
      state.put('pair', { i, first: new Float64Array(200_000).fill(i), last: i })
      state.put('record ' + i % 5, i)
      process.stdout.write(i + '\\n')
    }`
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    const ended = once(child, 'exit')
    child.stdout.on('data', (data) => {
      printed += data
      if (printed.split('\n').length > 8 + round) child.kill('SIGKILL')
    })
    await ended
    const acknowledged = Number(printed.trim().split('\n').at(-1))
    const state = await StateFolder.open(path)
    const { pair, ...others } = all(state) as Record<string, never>
    await state.close()
    const { i, first, last } = pair as { i: number; first: Float64Array; last: number }
    expect(last).toBe(i)
    expect(i).toBeGreaterThanOrEqual(acknowledged)
    expect(first.length).toBe(200_000)
    expect(first.every((x) => x === i)).toBe(true)
    const newest = Math.max(...(Object.values(others) as number[]))
    expect(newest).toBeGreaterThanOrEqual(acknowledged)
    expect(newest).toBeLessThanOrEqual(i)
  }
})

test('a folder that cannot be written to, or has other contents, is an error that names it', async () => {
  const path = folder()
  writeFileSync(join(path, 'file'), '')
  await expect(Scheduler.start({ stateDir: join(path, 'file') })).rejects.toMatchObject({
    code: 'STORAGE',
    message: expect.stringContaining(join(path, 'file')),
  })
  await expect(Scheduler.start({ stateDir: '/proc/nothing' })).rejects.toMatchObject({
    code: 'STORAGE',
  })
  await expect(Scheduler.start({ stateDir: 5 as never })).rejects.toThrow(/stateDir is a folder/)
  mkdirSync(join(path, 'noise'))
  writeFileSync(join(path, 'noise', 'data.mdb'), Buffer.alloc(100_000, 7))
  await expect(Scheduler.start({ stateDir: join(path, 'noise') })).rejects.toMatchObject({
    code: 'STORAGE',
    message: expect.stringContaining('is not a database'),
  })
  if (process.getuid?.() === 0) return
  mkdirSync(join(path, 'closed'))
  chmodSync(join(path, 'closed'), 0o500)
  await expect(Scheduler.start({ stateDir: join(path, 'closed') })).rejects.toMatchObject({
    code: 'STORAGE',
  })
})
