/** Whose folders on disk are, who can read them, and what a full disk does to them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { runnableFile } from '../../../core/base/package-root.js'
import { Chest } from '../../../distributed/storage/chest.js'
import { until } from '../support.js'

const cleanUps: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

function newFolder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'skein-owner-'))
  cleanUps.push(() => rmSync(made, { recursive: true, force: true }))
  return made
}

const imports = `
  import { Chest, Worker } from '${runnableFile('distributed/index').href}'
  import { StateFolder } from '${runnableFile('distributed/storage/scheduler-state-folder').href}'
  const [folder] = process.argv.slice(1)`

/** Runs a program, perhaps by another command, and returns it with a function that waits for a line of its output. */
function run(source: string, folder: string, by: readonly string[] = []) {
  const [command, ...args] = [...by, process.execPath, '--input-type=module', '-e']
  const child: ChildProcess = spawn(command!, [...args, `${imports}\n${source}`, folder])
  const printed = { output: '', errors: '' }
  child.stdout!.on('data', (data) => (printed.output += data))
  child.stderr!.on('data', (data) => (printed.errors += data))
  const ended = once(child, 'exit')
  cleanUps.push(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const line = async (): Promise<string> => {
    await until(
      `a line is printed: ${printed.errors}`,
      () => printed.output.includes('\n') || child.exitCode !== null,
    )
    return printed.output.trim()
  }
  return { child, ended, printed, line }
}

const newNamespace = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']
const hasNamespaces = spawnSync(newNamespace[0]!, [...newNamespace.slice(1), 'true']).status === 0
const stay = 'setInterval(() => {}, 1000)'

test.skipIf(!hasNamespaces)(
  'a process of another PID namespace leaves a folder alone while its process runs',
  async () => {
    const folder = newFolder()
    const open = `
      const chest = await Chest.open({ directory: folder })
      chest.set('a', 1)
      console.log(chest.path);`
    const first = run(open + stay, folder, newNamespace)
    const own = await first.line()
    const second = run(`${open} await chest.close()`, folder, newNamespace)
    await second.ended
    expect(second.printed.output).toMatch(/^\S+~1~\d+~\S+\n$/)
    expect(existsSync(own)).toBe(true)
    // One that sees the processes of all namespaces, but not under the IDs that they have there.
    const third = await Chest.open({ directory: folder })
    expect(existsSync(own)).toBe(true)
    first.child.kill('SIGKILL')
    await first.ended
    const fourth = run(`${open} await chest.close()`, folder, newNamespace)
    await fourth.ended
    expect(existsSync(own)).toBe(false)
    expect(existsSync(third.path)).toBe(true)
    await third.close()
    expect(readdirSync(folder)).toEqual([])
  },
)

test.skipIf(!hasNamespaces)(
  "a scheduler's state is in use for processes of other PID namespaces too, until its process ends",
  async () => {
    const folder = newFolder()
    const open = `
      const say = (error) => console.log(error.message)
      const state = await StateFolder.open(folder).catch(say)
      if (state !== undefined) console.log('opened');`
    const first = run(open + stay, folder, newNamespace)
    expect(await first.line()).toBe('opened')
    const files = readdirSync(folder)
    const second = run(open, folder, newNamespace)
    await second.ended
    expect(second.printed.output).toContain(`the state in ${folder} is in use by process 1`)
    expect(readdirSync(folder)).toEqual(files)
    first.child.kill('SIGKILL')
    await first.ended
    const third = run(`${open} await state.close()`, folder, newNamespace)
    await third.ended
    expect(third.printed.output).toBe('opened\n')
  },
)

function modesBelow(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true }) as string[]
  return Object.fromEntries(
    names.map((name) => [
      path.basename(name).replace(/.*~.*/, 'own'),
      (statSync(path.join(folder, name)).mode & 0o777).toString(8),
    ]),
  )
}

test.each(['0', '022', '077'])(
  'with umask %s only the user can read what is stored',
  async (umask) => {
    const folder = newFolder()
    const program = run(
      `process.umask(0o${umask})
     const state = await StateFolder.open(folder + '/made/state')
     state.put('a', new Float64Array(1000))
     const chest = await Chest.open({ directory: folder + '/spill' })
     chest.set('a', 1)
     const named = await Chest.open({ path: folder + '/named' })
     named.set('a', 1)
     console.log('done');${stay}`,
      folder,
    )
    expect(await program.line()).toBe('done')
    const files = { 'data.mdb': '600', 'lock.mdb': '600' }
    const socket = process.platform === 'linux' ? { owner: '600' } : {}
    const user = path.basename(readdirSync(path.join(folder, 'spill'))[0]!)
    expect(modesBelow(folder)).toEqual({
      ...{ made: '700', state: '700', spill: '700', [user]: '700', own: '700', named: '700' },
      ...files,
      ...socket,
    })
  },
)

test('files of a chest that others could read are closed to them when it is opened', async () => {
  const folder = newFolder()
  await (await Chest.open({ path: folder })).close()
  for (const file of ['data.mdb', 'lock.mdb']) chmodSync(path.join(folder, file), 0o644)
  await using chest = await Chest.open({ path: folder })
  chest.set('a', 1)
  expect(modesBelow(folder)).toEqual({ 'data.mdb': '600', 'lock.mdb': '600' })
})

const isRoot = process.getuid?.() === 0
const stale = 'host~~~999999999~1~0'

test.skipIf(!isRoot)("another user's folder is neither written to nor cleaned up", async () => {
  const folder = newFolder()
  const others = path.join(folder, `skein-${process.getuid!()}`)
  mkdirSync(path.join(others, stale), { recursive: true })
  chownSync(others, 65534, 65534)
  chmodSync(others, 0o777)
  const before = statSync(others).mtimeMs
  await expect(Chest.open({ directory: folder })).rejects.toThrow('belongs to another user')
  expect(readdirSync(others)).toEqual([stale])
  expect(statSync(others).mtimeMs).toBe(before)
})

test('a link in place of the folder of a user is not followed', async () => {
  const folder = newFolder()
  const target = newFolder()
  mkdirSync(path.join(target, stale))
  symlinkSync(target, path.join(folder, `skein-${process.getuid?.() ?? ''}`))
  await expect(Chest.open({ directory: folder })).rejects.toThrow('is not a folder')
  expect(readdirSync(target)).toEqual([stale])
})

const smallDisk = (folder: string, size: string) => [
  ...['unshare', '-rm', 'sh', '-c'],
  `mount -t tmpfs -o size=${size} none ${folder} && exec "$@"`,
  'sh',
]
const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0

test.skipIf(!canMount)(
  'with a full disk, records are read and deleted and others are refused, without a line of the database',
  async () => {
    const source = `
      const { appendFileSync, readdirSync } = await import('node:fs')
      const say = (error) => console.log(error.message)
      const attempt = (body) => { try { body(); return 'done' } catch (error) { return error.message } }
      const fill = () => { try { for (;;) appendFileSync(folder + '/fill', Buffer.alloc(4096)) } catch {} }
      const dir = folder + '/state'
      let state = await StateFolder.open(dir)
      const large = (x) => new Float64Array(300_000).fill(x)
      state.put('one', large(1))
      state.put('two', large(2))
      const tooLarge = attempt(() => state.put('three', new Float64Array(2_000_000)))
      await state.close()
      fill()
      state = await StateFolder.open(dir)
      const refused = attempt(() => state.put('two', large(3)))
      const names = () => [...state.records(say)].map(([name, { length, 0: first }]) => [name, length, first])
      const kept = names()
      const deleted = attempt(() => state.delete('one'))
      await state.close()
      state = await StateFolder.open(dir)
      const again = attempt(() => state.put('four', new Float64Array(100_000).fill(4)))
      const last = names()
      await state.close()
      const chest = await Chest.open({ path: folder + '/chest' }).catch((error) => error.message)
      const fresh = await StateFolder.open(folder + '/fresh').catch((error) => error.message)
      const files = readdirSync(dir)
      console.log(JSON.stringify({ tooLarge, refused, kept, deleted, again, last, chest, fresh, files }))`
    const folder = newFolder()
    const program = run(source, folder, smallDisk(folder, '12m'))
    await program.ended
    expect(program.printed.errors).toBe('')
    const found = JSON.parse(program.printed.output)
    const full = expect.stringContaining(`The disk of ${folder}/state is full: free some space`)
    expect(found).toEqual({
      ...{ tooLarge: full, refused: full, deleted: 'done', again: 'done' },
      kept: expect.arrayContaining([
        ['one', 300_000, 1],
        ['two', 300_000, 2],
      ]),
      last: expect.arrayContaining([
        ['two', 300_000, 2],
        ['four', 100_000, 4],
      ]),
      chest: expect.stringContaining('its disk is full'),
      fresh: expect.stringContaining('its disk is full'),
      files: expect.arrayContaining(['data.mdb', 'lock.mdb']),
    })
    expect(found.files).toHaveLength(2)
  },
)

test.skipIf(!canMount)(
  'a chest on a full disk refuses what it cannot store, and a worker starts',
  async () => {
    const source = `
    const chest = await Chest.open({ directory: folder })
    const errors = []
    for (let i = 0; i < 12; i++) {
      const value = { head: new Uint8Array(10), buffers: [new Uint8Array(1_500_000).fill(i)], bundles: [] }
      try { chest.set('value ' + i, value) } catch (error) { errors.push(error.message) }
    }
    const { size } = chest
    chest.delete('value 0')
    chest.set('value 0', 'small')
    const { appendFileSync } = await import('node:fs')
    try { for (;;) appendFileSync(folder + '/fill', Buffer.alloc(4096)) } catch {}
    const worker = await Worker.start({ scheduler: 'tcp://127.0.0.1:1', localDirectory: folder })
    await worker.close()
    console.log(JSON.stringify({ size, errors: errors.length, error: errors[0], path: chest.path }))
    await chest.close()`
    const folder = newFolder()
    const program = run(source, folder, smallDisk(folder, '8m'))
    await program.ended
    expect(program.printed.errors).toBe(
      `skein worker: the disk of ${folder} is full: results that exceed the memory are lost\n`,
    )
    const { size, errors, error, path: own } = JSON.parse(program.printed.output)
    expect(size).toBeGreaterThan(2)
    expect(size + errors).toBe(12)
    expect(error).toBe(
      `The disk of ${own} is full: free some space there, or open the chest in another folder`,
    )
  },
)
