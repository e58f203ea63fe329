import { readFileSync } from 'node:fs'
import path from 'node:path'
import * as main from 'skein'
import * as array from 'skein/array'
import * as bag from 'skein/bag'
import * as core from 'skein/core'
import * as distributed from 'skein/distributed'
import { beforeAll, describe, expect, test } from 'vitest'
import { compact, compileTogether, readmeSnippets } from './examples.js'
import { compiler, installedProject, node, root } from './packed.js'

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const typescript = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const snippets = readmeSnippets()
/** The compiler's errors by README program. */
let errors: ReadonlyMap<string, string>

const project = installedProject([], async (project) => {
  for (const { title, code } of snippets) project.write(fileOf(title), code)
  const files = snippets.map(({ title }) => fileOf(title))
  errors = await compileTogether(project, files)
})

function fileOf(title: string): string {
  return `readme-${title.split(':')[0]}.mts`
}

describe('the packed package', () => {
  test('holds what is built and what the README links to, and no sources or tests', () => {
    const expected =
      /^(dist\/.*\.(js|d\.ts|js\.map)|docs\/.*\.md|demo\/.*|notebooks\/.*\.ipynb|package\.json|[A-Z]+\.md|LICENSE)$/
    expect(project.files.filter((file) => !expected.test(file))).toEqual([])
    expect(project.files).toContain('dist/index.js')
    expect(project.files).toContain('dist/index.d.ts')
    const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
    for (const [, target] of readme.matchAll(/\]\((?!https?:)([^)#]+)/g))
      expect(project.files.some((file) => file.startsWith(target!))).toBe(true)
  })

  test('runs from an ES module', async () => {
    project.write('use.mjs', `${esImports}\nexport {}\n${program}`)
    const outcome = await node(project.folder, 'use.mjs')
    expect(outcome.stderr).toBe('')
    expect(outcome).toMatchObject({ code: 0, stdout: printed })
  })

  test('runs from a CommonJS module', async () => {
    const body = `(async () => {\n${program}\n})()`
    project.write('use.cjs', `${requires}\n${body}`)
    const outcome = await node(project.folder, 'use.cjs')
    expect(outcome.stderr).toBe('')
    expect(outcome).toMatchObject({ code: 0, stdout: printed })
  })

  test('has entry points that share their classes with the main one', async () => {
    project.write('entries.mjs', entryProgram)
    expect(await node(project.folder, 'entries.mjs')).toMatchObject({ code: 0, stdout: 'same\n' })
  })

  test('exports the names that the sources export, and no others', async () => {
    const entries = {
      skein: main,
      'skein/core': core,
      'skein/bag': bag,
      'skein/array': array,
      'skein/distributed': distributed,
    }
    const names = (module: object) => Object.keys(module).sort()
    project.write('names.mjs', namesProgram(Object.keys(entries)))
    const { stdout } = await node(project.folder, 'names.mjs')
    const expected = Object.entries(entries).map(([entry, module]) => [entry, names(module)])
    expect(JSON.parse(stdout)).toEqual({
      ...Object.fromEntries(expected),
      da: names(main.da),
      db: names(main.db),
    })
  })

  test('has a command', async () => {
    const cli = path.join('node_modules', 'skein', manifest.bin.skein)
    const { code, stdout } = await node(project.installed, cli, '--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(/scheduler[\s\S]*worker/)
  })

  describe.each(snippets)('README program $title', ({ title, prints }) => {
    const name = fileOf(title)

    test('compiles, runs and prints what it says', async () => {
      expect(prints.length).toBeGreaterThan(0)
      expect(errors.get(name)).toBeUndefined()
      const built = name.replace('.mts', '.mjs')
      const { code: exit, stdout, stderr } = await node(project.folder, built)
      expect(stderr).toBe('')
      expect(exit).toBe(0)
      expect(stdout.trimEnd().split('\n').map(compact)).toEqual(prints.map(compact))
    })
  })

  describe('has types', () => {
    beforeAll(() => {
      project.write('types.mts', typesProgram)
      project.write('types.ts', typesProgram)
    })

    test.each([
      ['nodenext', ['--module', 'nodenext'], 'types.mts'],
      ['bundler', ['--module', 'esnext', '--moduleResolution', 'bundler'], 'types.ts'],
    ])('for %s resolution', async (_, options, file) => {
      const args = [...strict, '--noEmit', '--target', 'es2022', ...options, file]
      expect(await node(project.folder, typescript, ...args)).toMatchObject({ code: 0, stdout: '' })
    })

    test.each([
      ['nodenext', ['--module', 'nodenext', '--moduleResolution', 'nodenext'], 'types.mts'],
      ['bundler', ['--module', 'esnext', '--moduleResolution', 'bundler'], 'types.ts'],
      ['node10', ['--module', 'esnext', '--moduleResolution', 'node'], 'types.ts'],
      ['node10 to CommonJS', ['--module', 'commonjs', '--moduleResolution', 'node'], 'types.ts'],
    ])('for %s resolution under TypeScript 5.0', async (_, options, file) => {
      const older = path.join(project.installed, compiler('5.0'))
      const args = [...strict, '--skipLibCheck', '--noEmit', '--target', 'es2022', ...options, file]
      expect(await node(project.folder, older, ...args)).toMatchObject({ code: 0, stdout: '' })
    })
  })
})

const strict = ['--strict', '--types', 'node']

const names = `getSync, getThreads, db, da, Client, Scheduler, Worker, LocalCluster, ref, literal, setGet, withGet`
const esImports = `import { ${names} } from 'skein'`
const requires = `const { ${names} } = require('skein');`

/** The same as a script and as a module: every get gives the same answers. */
const program = `
const add = (a, b) => a + b
const graph = { x: 1, y: [add, 'x', 2], z: [add, ref('y'), 10], w: [add, literal('x'), 'y'] }
console.log(JSON.stringify(getSync(graph, ['y', ['x', 'z'], 'w'])))
console.log(JSON.stringify(await getThreads(graph, ['y', ['x', 'z'], 'w'])))
const scheduler = await Scheduler.start({ hostname: '127.0.0.1' })
const worker = await Worker.start({ scheduler: scheduler.addressToWorkers, data: new Map(), nthreads: 1 })
const client = await Client.connect(scheduler.addressToClients)
console.log(JSON.stringify(await client.get(graph, ['y', ['x', 'z'], 'w'])))
await client.setCollection('mybag', db.range(5, { npartitions: 2 }).map((x) => x + 1))
const bag = await client.getCollection('mybag')
console.log(JSON.stringify(await bag.compute({ get: client.get })))
setGet(client.get)
console.log(await da.ones(10, { chunks: 5 }).sum().compute())
setGet(undefined)
console.log(await withGet(getSync, () => db.range(5, { npartitions: 2 }).sum().compute()))
await client.close()
await worker.close()
await scheduler.close()
const cluster = await LocalCluster.start({ nworkers: 1, nthreads: 1 })
await cluster.close()
`

const answer = '[3,[1,13],"x3"]\n'
const printed = `${answer.repeat(3)}[1,2,3,4,5]\n10\n10\n`

const entryProgram = `
import * as all from 'skein'
import * as core from 'skein/core'
import * as bag from 'skein/bag'
import * as array from 'skein/array'
import * as distributed from 'skein/distributed'
const same = core.getSync === all.getSync && bag.range === all.db.range &&
  array.ones === all.da.ones && distributed.Client === all.Client
console.log(same ? 'same' : 'different')
`

function namesProgram(entries: readonly string[]): string {
  return `
const found = {}
for (const entry of ${JSON.stringify(entries)}) found[entry] = Object.keys(await import(entry)).sort()
const { da, db } = await import('skein')
console.log(JSON.stringify({ ...found, da: Object.keys(da).sort(), db: Object.keys(db).sort() }))
`
}

const typesProgram = `
import { getSync, getThreads, db, da, LocalCluster, Client } from 'skein'
import { getSync as sameGet } from 'skein/core'
import * as bags from 'skein/bag'
import * as arrays from 'skein/array'
import { Scheduler, Worker } from 'skein/distributed'

const add = (a: number, b: number) => a + b
export const value: unknown = getSync({ x: 1, y: [add, 'x', 2] }, 'y')
export const later = getThreads({ x: 1, y: [add, 'x', 2] }, ['y', ['x', 'y']])
export const sameType: typeof getSync = sameGet
export const numbers: Promise<number[]> = db.range(5).map((x) => x + 1).compute()
export const names: Promise<string[]> = bags.fromSequence([{ name: 'a' }]).pluck('name').compute()
export const sum = da.ones([4, 4], { chunks: 2 }).add(1).sum().compute()
export const shape: readonly number[] = arrays.zeros(3).shape

export async function run(): Promise<void> {
  const scheduler = await Scheduler.start({ hostname: '127.0.0.1' })
  const worker = await Worker.start({ scheduler: scheduler.addressToWorkers, nthreads: 1 })
  const client = await Client.connect(scheduler.addressToClients)
  await db.range(3).compute({ get: client.get, onProgress: ({ done, total }) => done / total })
  await client.setCollection('mybag', db.range(5, { npartitions: 2 }).map((x) => x + 1))
  const anything = await client.getCollection('mybag')
  await anything.compute({ get: client.get })
  const typed = await client.getCollection<db.Bag<number>>('mybag')
  await typed.map((x) => x + 1).compute({ get: client.get })
  await client.close()
  await worker.close()
  await scheduler.close()
  const cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  await cluster.close()
}

// @ts-expect-error a bag of numbers gives no strings
export const wrong: Promise<string[]> = db.range(5).compute()
`
