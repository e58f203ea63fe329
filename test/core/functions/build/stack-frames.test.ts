/** Errors of sent functions show the user's own file, line and column, whichever compiler was used. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, describe, expect, test } from 'vitest'
import { getSync } from '../../../../core/run/get-sync.js'
import { closeThreads, getThreads } from '../../../../core/run/threads/get-threads.js'
import { node, root, temporaryFolder, writeProject } from '../project.js'

const run = promisify(execFile)
const { folder, remove } = temporaryFolder()
afterAll(remove)
afterAll(closeThreads)

/** Types and an enum shift the lines of the compiled code. */
const source = `interface Row {
  readonly n: number
}
type Rows =
  readonly Row[]
enum Kind { A, B }
const limit: number = 2
const helper = (row: Row): number => {
  if (row.n > limit) throw new RangeError('helper')
  return row.n
}
class Model {
  constructor(readonly n: number) {
    if (n > limit) throw new Error('constructor')
  }
  get far(): number { throw new Error('getter') }
}
const failures: Record<string, (n: number) => unknown> = {
  helper: (n) => helper({ n }),
  constructor: (n) => new Model(n + Kind.A),
  getter: () => new Model(limit).far,
  async: async (n) => { await null; return helper({ n }) },
  generator: (n) => [...(function* () { yield helper({ n }) })()],
  rejected: (n) => Promise.reject(new Error('rejected' + n)),
}
const rows: Rows = []
import * as skein from 'INDEX'
const { getSync, getThreads } = skein
const reported: Record<string, unknown> = {}
for (const [name, fn] of Object.entries(failures)) {
  const graph = { x: [fn, 3 + rows.length] }
  for (const get of [getSync, getThreads]) {
    try {
      await get(graph, 'x')
    } catch (error) {
      const { site, stack, cause } = error as { site: string; stack: string; cause: Error }
      reported[name + ' ' + get.name] = { site, stack, cause: cause.stack }
    }
  }
}
console.log(JSON.stringify(reported))
process.exit()
`.replace('INDEX', join(root, 'dist/index.js'))

/** The line and column of each error in the source. */
const places: Readonly<Record<string, string>> = {
  helper: '9:28',
  constructor: '14:26',
  getter: '16:29',
  async: '9:28',
  generator: '9:28',
  rejected: '24:35',
}

const plain = source
  .replace(/interface[^}]*\}/, '\n\n')
  .replace('type Rows =\n  readonly Row[]', '\n')
  .replace('enum Kind { A, B }', 'const Kind = { A: 0 }')
  .replace('constructor(readonly n: number) {', 'constructor(n) { this.n = n')
  .replaceAll(
    /: (number|Row|Rows|Record<string, (unknown|\(n: number\) => unknown)>)(?= =|\)| \{)/g,
    '',
  )
  .replace(/ as \{ site.*\}$/m, '')

const tsc =
  (...more: string[]) =>
  async (project: string): Promise<string[]> => {
    const options = '--noCheck --target es2022 --module esnext --ignoreConfig --outDir out'
    const bin = join(root, 'node_modules/.bin/tsc')
    await run(bin, [...options.split(' '), ...more, 'main.ts'], { cwd: project })
    return ['out/main.js']
  }

const compilers: readonly [string, string, string, (project: string) => Promise<string[]>][] = [
  ['plain ES modules', 'main.mjs', plain, async () => ['main.mjs']],
  [
    'tsx',
    'main.ts',
    source,
    async () => ['--import', join(root, 'node_modules/tsx/dist/loader.mjs'), 'main.ts'],
  ],
  ['tsc with external maps', 'main.ts', source, tsc('--sourceMap')],
  ['tsc with inline maps', 'main.ts', source, tsc('--inlineSourceMap')],
  [
    'tsc with maps that Node applies',
    'main.ts',
    source,
    async (project) => ['--enable-source-maps', ...(await tsc('--sourceMap')(project))],
  ],
  [
    'a bundle by esbuild',
    'main.ts',
    source,
    async (project) => {
      await build({
        entryPoints: [join(project, 'main.ts')],
        outfile: join(project, 'out/main.mjs'),
        bundle: true,
        platform: 'node',
        format: 'esm',
        minify: true,
        sourcemap: true,
        external: ['*/index.js'],
      })
      return ['out/main.mjs']
    },
  ],
]

describe.each(compilers)('%s', (name, file, text, prepare) => {
  test('every error shows where it was created and where it was computed', async () => {
    const project = join(folder, name.replaceAll(' ', '-'))
    writeProject(project, { [file]: text, 'package.json': '{ "type": "module" }' })
    const flags = await prepare(project)
    const reported = JSON.parse(await node(project, ...flags)) as Record<
      string,
      { site: string; stack: string; cause: string }
    >
    // getSync refuses promises with another error.
    const asynchronous = ['async getSync', 'rejected getSync']
    expect(Object.keys(reported)).toHaveLength(2 * Object.keys(places).length)
    const wrong: object[] = []
    for (const [key, { site, stack, cause }] of Object.entries(reported)) {
      if (!asynchronous.includes(key)) {
        const [, first] = cause.split(/\n\s+at /)
        const place = places[key.split(' ')[0]!]!
        // Without its return type the getter is shorter.
        const wanted = `${file}:${text === plain ? place.replace('16:29', '16:21') : place}`
        if (!first?.includes(wanted)) wrong.push({ key, wanted, cause })
        if (!stack.split(/\n\s+at /)[1]?.includes(wanted)) wrong.push({ key, wanted, stack })
      }
      if (!site.includes(`${file}:34:`)) wrong.push({ key, site })
      if (/dist\/core|skein-chain|node:internal/.test(stack + cause))
        wrong.push({ key, stack, cause })
    }
    expect(wrong).toEqual([])
  })
})

const base = 1
const fail = (n: number): number => {
  throw new RangeError(`no ${n + base}`)
}

describe('inside vitest', () => {
  test('the line is in this file', async () => {
    const reported: Error[] = []
    try {
      getSync({ x: [fail, 1] }, 'x')
    } catch (error) {
      reported.push(error as Error)
    }
    reported.push((await getThreads({ x: [fail, 1] }, 'x').catch((e: unknown) => e)) as Error)
    for (const error of reported) {
      const [, first] = (error.cause as Error).stack!.split(/\n\s+at /)
      expect(first).toMatch(/stack-frames\.test\.ts:\d+:\d+/)
      expect(error).toMatchObject({
        site: expect.stringContaining('stack-frames.test.ts') as string,
      })
    }
    const [a, b] = reported.map((e) => /test\.ts:(\d+):/.exec((e.cause as Error).stack!)?.[1])
    expect(a).toBe(b)
  })
})

test('thrown values that are not errors, and aggregate errors, are preserved', async () => {
  const thrown = await getThreads({ x: [() => Promise.reject('a text')] }, 'x').catch(
    (e: unknown) => e,
  )
  expect(thrown).toMatchObject({
    message: expect.stringMatching(/: a text$/) as string,
    cause: 'a text',
  })
  const many = () => {
    throw new AggregateError([new Error('one'), new TypeError('two')], 'all')
  }
  const error = (await getThreads({ x: [many] }, 'x').catch((e: unknown) => e)) as Error
  const { errors, stack } = error.cause as AggregateError
  expect(errors.map((e: Error) => e.message)).toEqual(['one', 'two'])
  expect(stack).toContain('stack-frames.test.ts')
  expect(stack).not.toContain('dist/core')
})
