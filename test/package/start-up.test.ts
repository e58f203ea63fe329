/** What is loaded when the package is imported, and by its command: no dependency, and few files of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runnableFile } from '../../core/base/package-root.js'
import { root, run } from './packed.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'skein-start-up-'))
  writeFileSync(path.join(folder, 'list-files.mjs'), listFiles)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes the files that the engine has loaded when the process exits; the inspector lists them. */
const listFiles = `
  import { writeFileSync } from 'node:fs'
  import { Session } from 'node:inspector'
  process.on('exit', () => {
    const files = []
    const session = new Session()
    session.connect()
    session.on('Debugger.scriptParsed', ({ params }) => files.push(params.url))
    session.post('Debugger.enable')
    writeFileSync(process.env.LOADED_FILES, files.join('\\n'))
  })`

/** Runs Node and returns the files of this package and its dependencies that it has loaded. */
async function loadedBy(...args: string[]): Promise<string[]> {
  const list = path.join(folder, 'loaded')
  const hook = pathToFileURL(path.join(folder, 'list-files.mjs')).href
  const env = ['env', `LOADED_FILES=${list}`, process.execPath, '--import', hook] as const
  const { code, stderr } = await run(folder, ...env, ...args)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return readFileSync(list, 'utf8')
    .split('\n')
    .map((file) => (file.startsWith('file:') ? fileURLToPath(file) : file))
    .filter((file) => file.startsWith(root))
    .map((file) => path.relative(root, file).replaceAll(path.sep, '/'))
}

const inNodeModules = (file: string) => file.startsWith('node_modules/')

test.runIf(process.platform !== 'win32')(
  'an import loads a few files, and no dependency',
  async () => {
    const source = `import '${runnableFile('index').href}'`
    const files = await loadedBy('--input-type=module', '-e', source)
    expect(files).toContain('dist/index.js')
    expect(files.filter(inNodeModules)).toEqual([])
    // Parsing all bundles would take three times as long as starting Node.
    expect(files.filter((file) => file.endsWith('.script.js'))).toEqual([])
    expect(files.length).toBeLessThan(10)
  },
)

test.runIf(process.platform !== 'win32')(
  'what an operation of an array needs is compiled when it is first used',
  async () => {
    const program = path.join(folder, 'ones.mjs')
    const source = `
      import { da, db } from '${runnableFile('index').href}'
      if (!('ones' in da) || !Object.keys(db).includes('range')) throw new Error('no names')
      await da.ones(4, { chunks: 2 }).sum().compute()
      process.exit()`
    writeFileSync(program, source)
    const files = await loadedBy(program)
    expect(files.filter((file) => file.endsWith('.script.js')).sort()).toEqual([
      'dist/collections/bundles/array-tasks.script.js',
      'dist/collections/bundles/array.script.js',
      'dist/core/bundles/core.script.js',
      'dist/core/bundles/local.script.js',
    ])
  },
)

test('the namespaces have the members of their entry points, and cannot be changed', async () => {
  const program = path.join(folder, 'namespaces.mjs')
  const source = `
    import assert from 'node:assert/strict'
    import { da, db } from '${runnableFile('index').href}'
    import * as array from '${runnableFile('collections/array/index').href}'
    import * as bag from '${runnableFile('collections/bag/index').href}'
    const { linalg, ma, stats, ...others } = da
    const members = (namespace) => Object.entries(namespace)
    for (const [own, other] of [[others, array], [db, bag], [linalg, array.linalg], [ma, array.ma], [stats, array.stats]])
      for (const [name, member] of members(own)) assert.equal(member, other[name], name)
    assert.deepEqual(Object.keys(da), Object.keys(array))
    assert.deepEqual(Object.keys(db), Object.keys(bag))
    for (const namespace of [da, db, da.linalg]) {
      assert.equal(Object.prototype.toString.call(namespace), '[object Module]')
      assert.throws(() => { namespace.added = 1 }, TypeError)
    }
    assert.throws(() => { db.range = 1 }, TypeError)`
  writeFileSync(program, source)
  const { code, stderr } = await run(folder, process.execPath, program)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test('functions travel that use the namespaces, as a whole or their members', async () => {
  const program = path.join(folder, 'captured-namespaces.mjs')
  const source = `
    import { da, db, getSync, getThreads } from '${runnableFile('index').href}'
    const { average } = da
    const found = []
    for (const get of [getSync, getThreads])
      found.push(await db.fromSequence([3]).map((n) => [
        da.ones([n]).npartitions, typeof average, Object.keys(da).length > 300,
      ]).compute({ get }))
    console.log(JSON.stringify(found))
    process.exit()`
  writeFileSync(program, source)
  const { stdout, stderr } = await run(folder, process.execPath, program)
  const expected = [[1, 'function', true]]
  expect({ stderr, found: stdout && (JSON.parse(stdout) as unknown) }).toEqual({
    stderr: '',
    found: [expected, expected],
  })
})

test.runIf(process.platform !== 'win32')(
  'skein --help loads the parser of its arguments only',
  async () => {
    const files = await loadedBy(fileURLToPath(runnableFile('distributed/cli/cli')), '--help')
    expect(files).toContain('dist/distributed/cli/cli.js')
    const dependencies = files.filter(inNodeModules).map((file) => file.split('/')[1])
    expect([...new Set(dependencies)]).toEqual(['commander'])
    expect(files.filter((file) => file.includes('/bundles/')).sort()).toEqual([
      'dist/core/bundles/base.js',
      'dist/distributed/bundles/base.js',
    ])
  },
)

test.runIf(process.platform !== 'win32')(
  'a worker process of a LocalCluster loads no parser of arguments',
  async () => {
    // Without a parent it ends at once.
    const files = await loadedBy(
      fileURLToPath(runnableFile('distributed/processes/local-worker')),
      '0',
    )
    expect(files).toContain('dist/distributed/processes/local-worker.js')
    expect(files.filter(inNodeModules)).toEqual([])
  },
)

test('a thread loads what runs in tasks only', async () => {
  const program = `
    import { Session } from 'node:inspector'
    import { da, delayed } from '${runnableFile('index').href}'
    const listFiles = delayed(() => {
      const files = []
      const session = new Session()
      session.connect()
      session.on('Debugger.scriptParsed', ({ params }) => files.push(params.url))
      session.post('Debugger.enable')
      session.disconnect()
      return [files, process.moduleLoadList]
    })
    await da.ones(64, { chunks: 1 }).mapBlocks((block) => block).sum().compute()
    console.log(JSON.stringify(await listFiles().compute()))
    process.exit()`
  const file = path.join(folder, 'list-files-of-thread.mjs')
  writeFileSync(file, program)
  const { stdout } = await run(folder, process.execPath, file)
  const [files, ofNode] = JSON.parse(stdout) as [string[], string[]]
  expect(ofNode).not.toContain('NativeModule crypto')
  const loaded = files.filter((file) => file.includes('/bundles/'))
  expect(loaded.map((file) => file.split('/dist/')[1]).sort()).toEqual([
    'collections/bundles/array-tasks.js',
    'collections/bundles/array-tasks.script.js',
    'core/bundles/base.js',
    'core/bundles/core.js',
    'core/bundles/core.script.js',
    'core/bundles/functions.script.js',
    'core/bundles/public.js',
  ])
})

test('an import loads no large module of Node that few programs need', async () => {
  const source = `import '${runnableFile('index').href}'
    console.log(JSON.stringify(process.moduleLoadList))`
  const { stdout } = await run(folder, process.execPath, '--input-type=module', '-e', source)
  const loaded = JSON.parse(stdout) as string[]
  expect(loaded).toContain('NativeModule fs')
  for (const name of ['inspector', 'net', 'child_process', 'crypto', 'v8', 'worker_threads'])
    expect(loaded).not.toContain(`NativeModule ${name}`)
})
