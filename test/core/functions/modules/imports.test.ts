/** Imports of functions resolve on a machine that has the packages but not the project. */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Command } from '../../../distributed/support.js'
import { files, links } from '../../../fixtures/functions/project-files.mjs'
import { fixtures, installAs, node, root, temporaryFolder, writeProject } from '../project.js'

const { folder, remove } = temporaryFolder()
afterAll(remove)
const dist = join(root, 'dist')

function makeProject(name: string): string {
  const project = join(folder, name)
  writeProject(project, files, links)
  copyFileSync(join(fixtures, 'imports.mjs'), join(project, 'cases.mjs'))
  return project
}

test('imports of every kind work without the project', async () => {
  const project = makeProject('sender')
  const worker = join(folder, 'worker')
  mkdirSync(worker)
  installAs(project, worker)
  const main = join(fixtures, 'capture-project.mjs')
  const text = await node(folder, main, dist, join(project, 'cases.mjs'), 'send', worker)
  const { count, problems } = JSON.parse(text) as { count: number; problems: object[] }
  expect(problems).toEqual([])
  expect(count).toBeGreaterThan(75)
})

/** A program whose third operation needs a package; it prints the error of `compute`. */
const program = (get: string) => `
import { Client, db, getThreads } from '${join(dist, 'index.js')}'
import { esmAdd, NUM } from 'esm-only'
import { rmSync } from 'node:fs'
const bag = db.fromSequence([1, 2]).map((x) => x).filter((x) => x > 0).map((x) => esmAdd(x, 1))
${get}
  await bag.compute({ get }).catch((error) => {
    const { code, specifier, here, sender } = error.cause
    console.log(JSON.stringify({ message: error.message, code, specifier, here, sender }))
  })
process.exit()
`

interface ReportedError {
  readonly message: string
  readonly code: string
  readonly specifier: string
  readonly here: object
  readonly sender: object
}

function expectBothSides(error: ReportedError): void {
  expect(error.code).toBe('MISSING_PACKAGE')
  expect(error.message).toMatch(/failed in map \(added at .*main\.mjs:5/)
  expect(error.message).toContain("Package 'esm-only' is not installed")
  expect(error.message).toContain('esm-only 1.2.3')
  expect(error.message.split(`Node ${process.version}`)).toHaveLength(3)
  expect(error.sender).toMatchObject({ node: process.version, version: '1.2.3' })
  expect(error.here).toMatchObject({ node: process.version })
}

test('a package missing in a thread is reported with both sides and the operation', async () => {
  const project = makeProject('threads')
  const removePackage = `const get = getThreads; rmSync('${project}/node_modules/esm-only', { recursive: true })`
  writeProject(project, { 'main.mjs': program(removePackage) })
  expectBothSides(JSON.parse(await node(project, 'main.mjs')) as ReportedError)
})

test('a package missing in a worker in another folder is reported in the same way', async () => {
  const project = makeProject('cluster')
  const scheduler = new Command('scheduler')
  const [, toWorkers, toClients] = await scheduler.waitForOutput(
    /workers at (tcp:\S+), clients at (tcp:\S+)\n/,
  )
  const worker = new Command('worker', toWorkers!, '--nthreads', '1')
  try {
    await worker.waitForOutput(/data at/)
    const get = `const client = await Client.connect('${toClients}'); const get = client.get.bind(client)
rmSync('${project}/node_modules/esm-only', { recursive: true })`
    writeProject(project, { 'main.mjs': program(get) })
    expectBothSides(JSON.parse(await node(project, 'main.mjs')) as ReportedError)
  } finally {
    worker.process.kill('SIGKILL')
    scheduler.process.kill('SIGKILL')
    await Promise.all([worker.ended, scheduler.ended])
  }
})

test('an export missing in another version is reported with both versions', async () => {
  const project = makeProject('versions')
  const receiver = join(folder, 'versions-worker')
  mkdirSync(receiver)
  writeProject(receiver, {
    'node_modules/esm-only/package.json': JSON.stringify({
      name: 'esm-only',
      version: '2.0.0',
      type: 'module',
      exports: './main.js',
    }),
    'node_modules/esm-only/main.js': 'export const other = 1\n',
    'receiver.mjs': `
      import { functions, prepare, bundles } from '${join(dist, 'core/codec/index.js')}'
      process.on('message', async ({ token, items }) => {
        for (const [name, bundle] of items) bundles.add(name, bundle)
        await prepare([token])
        try { functions.lookup(token) } catch (error) { process.send({ code: error.code, message: error.message }) }
        process.disconnect()
      })
      process.send('ready')`,
  })
  writeProject(project, {
    'main.mjs': `
      import { fork } from 'node:child_process'
      import { rmSync } from 'node:fs'
      import { capture } from '${join(dist, 'core/capture.js')}'
      import { bundles } from '${join(dist, 'core/codec/index.js')}'
      import { esmAdd } from 'esm-only'
      const { token } = capture((x) => esmAdd(x, 1))
      rmSync('node_modules', { recursive: true })
      const items = bundles.closure([token]).map((t) => [t, bundles.get(t)])
      const receiver = fork('receiver.mjs', { cwd: '${receiver}', serialization: 'advanced' })
      receiver.on('message', (m) => m === 'ready' ? receiver.send({ token, items }) : console.log(JSON.stringify(m)))`,
  })
  const error = JSON.parse(await node(project, 'main.mjs')) as { code: string; message: string }
  expect(error.code).toBe('MISSING_EXPORT')
  expect(error.message).toMatch(/no export 'esmAdd' .*esm-only 2\.0\.0.*esm-only 1\.2\.3/)
})

test('a missing user file is reported by name', async () => {
  const project = makeProject('files')
  writeProject(project, {
    'main.mjs': `
      import { capture } from '${join(dist, 'core/capture.js')}'
      import { bundles, Functions } from '${join(dist, 'core/codec/index.js')}'
      const name = './none.mjs'
      const { token } = capture(() => import(name))
      const fn = new Functions(bundles).lookup(token)
      await fn().catch((error) => console.log(error.code, error.message))`,
  })
  const text = await node(project, 'main.mjs')
  expect(text).toMatch(/^MISSING_FILE .*'.\/none\.mjs' on .*Node.*files\/main\.mjs/)
  rmSync(project, { recursive: true })
})

test.skipIf('typescript' in process.features && process.features.typescript !== false)(
  'an import of TypeScript that nothing can load is refused where the operation is added',
  async () => {
    const project = join(folder, 'untyped')
    writeProject(project, {
      'package.json': '{ "type": "module" }',
      'own.ts': 'export const twice = (x: number): number => x * 2',
      'main.js': `
      import { db } from '${join(dist, 'index.js')}'
      for (const load of [async (x) => (await import('./own.ts')).twice(x), (x) => import('./own').then(({ twice }) => twice(x))])
        try { db.fromSequence([1]).map(load) } catch ({ code, message }) { console.log(code, message) }`,
    })
    const [first, second] = (await node(project, 'main.js')).split('\n')
    expect(first).toMatch(
      /^NOT_PORTABLE Cannot send function -> import\('\.\/own\.ts'\) to .*: it is TypeScript, which Node v20.* install the package `tsx`/,
    )
    expect(second).toContain("function -> import('./own')")
  },
)
