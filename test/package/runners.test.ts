/**
 * The environments that evaluate code in contexts of `node:vm` or as strings: Jest, vitest's vmThreads, Node's
 * REPL and tslab. Each maps a function with captured variables with every get. Only `npm run test:bundlers` runs this.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { installedProject, node } from './packed.js'

const packages = [
  ...['jest@30.5.2', 'babel-jest@30.5.2', '@babel/core@8.1.3', '@babel/preset-env@8.0.7'],
  ...['vitest@4.1.12', 'tslab@1.0.22'],
]
const presets = [['@babel/preset-env', { targets: { node: 'current' } }]]
const jestConfigs = [
  ['ES modules', '{ "type": "module" }', {}],
  ['CommonJS', '{}', { '\\.js$': ['babel-jest', { presets }] }],
] as const

describe.skipIf(process.env.SKEIN_TEST_ENVIRONMENT !== 'all')('functions travel from', () => {
  const project = installedProject(packages)

  /** Makes a folder with the fixtures and a `package.json`; returns its path. */
  function folderWith(name: string, manifest: string): string {
    project.write(`${name}/package.json`, manifest)
    const folder = path.join(project.folder, name)
    cpSync(fileURLToPath(new URL('../fixtures/runners', import.meta.url)), folder, {
      recursive: true,
    })
    return folder
  }

  test.each(jestConfigs)('Jest with %s', async (name, manifest, transform) => {
    const folder = folderWith(`jest-${name.replace(' ', '-')}`, manifest)
    const jest = path.join(project.installed, 'node_modules/jest/bin/jest.js')
    const config = JSON.stringify({ transform, testRegex: 'skein\\.test\\.js$' })
    const flags = ['--experimental-vm-modules', jest, '--config', config, '--runInBand']
    const { code, stderr } = await node(folder, ...flags)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toContain('3 passed')
  })

  test('vitest with vmThreads, whose process ends well', async () => {
    const folder = folderWith('vm-threads', '{ "type": "module" }')
    const vitest = path.join(project.installed, 'node_modules/vitest/vitest.mjs')
    const { code, stdout, stderr } = await node(
      folder,
      ...[vitest, 'run', '--pool=vmThreads', '--globals', '--root', '.', '--no-color'],
    )
    expect({ code, stderr, stdout }).toMatchObject({ code: 0, stderr: '' })
    expect(stdout).toContain('3 passed')
  })

  test("Node's REPL", async () => {
    const folder = folderWith('repl', '{}')
    const answers = await converse(folder, [
      "const { db, getSync, getThreads, LocalCluster } = require('skein')",
      'const config = { factor: 2, output: process.stdout }',
      'class Scale { constructor(value) { this.value = value } }',
      'function scale(x) { return new Scale(x * config.factor) }',
      'const scaled = (get) => db.fromSequence([1, 2]).map((x) => scale(x)).compute({ get })',
      'await scaled(getSync)',
      'await scaled(getThreads)',
      'const cluster = await LocalCluster.start({ nworkers: 1, nthreads: 1 })',
      'const client = await cluster.client()',
      '(await scaled(client.get)).every((x) => x instanceof Scale)',
      "await db.range(1).map((x) => { throw new RangeError('bad') }).compute().catch((e) => e.site)",
      'await client.close()',
      'await cluster.close()',
    ])
    const found = '[ Scale { value: 2 }, Scale { value: 4 } ]'
    const nothing = 'undefined'
    expect(answers).toEqual([
      ...[nothing, nothing, nothing, nothing, nothing, found, found, nothing, nothing, 'true'],
      ...[expect.stringMatching(/^'REPL\d+:1:\d+'$/) as string, nothing, nothing],
    ])
  })

  test.skipIf(process.platform === 'win32')('tslab, whose interrupts stop tasks', async () => {
    const folder = folderWith('tslab', '{}')
    // A process group of its own, as Jupyter makes one.
    const kernel = spawn(process.execPath, ['run-cells.cjs', path.join(folder, 'beats')], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [printed, [code]] = await Promise.all([
      kernel.stdout.setEncoding('utf8').toArray(),
      once(kernel, 'close'),
    ])
    const named = /TaskError: .* failed in map \(added at cell:3:\d+\): RangeError: bad0/
    const failing = expect.stringMatching(named) as string
    const interrupted = { interrupted: true, stopped: true }
    expect(code).toBe(0)
    expect(JSON.parse(printed.join(''))).toEqual({
      first: '',
      getSync: '[ 2, 4 ]',
      'getSync failing': failing,
      getThreads: '[ 2, 4 ]',
      'getThreads failing': failing,
      'client.get': '[ 2, 4 ]',
      'client.get failing': failing,
      'getThreads interrupted': interrupted,
      'getThreads afterwards': '[ 1, 2 ]',
      'client.get interrupted': interrupted,
      'client.get afterwards': '[ 1, 2 ]',
      last: '',
    })
  })
})

/** Writes lines to Node's REPL, each when the one before is answered; returns the answers. */
async function converse(cwd: string, lines: readonly string[]): Promise<string[]> {
  const repl = spawn(process.execPath, ['-i'], { cwd, env: { ...process.env, NO_COLOR: '1' } })
  const ended = once(repl, 'close')
  const waiting = [...lines]
  const answers: string[] = []
  let printed = ''
  for await (const text of repl.stdout.setEncoding('utf8')) {
    printed += text
    if (!printed.endsWith('> ')) continue
    answers.push(printed.slice(0, -2).trim())
    printed = ''
    const next = waiting.shift()
    if (next === undefined) repl.stdin.end()
    else repl.stdin.write(`${next}\n`)
  }
  expect((await ended)[0]).toBe(0)
  // The first is the greeting.
  return answers.slice(1)
}
