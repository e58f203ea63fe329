/**
 * Sends the functions of all tables of cases to another process and calls them there: from vitest, from
 * plain ES modules and CommonJS, and from the output of tsx, tsc and esbuild.
 */
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { capture } from '../../../core/capture.js'
import { bundles } from '../../../core/codec/index.js'
import { runCases } from '../../fixtures/functions/sender.mjs'
import { dist, environments, runEnvironment, tablesFor } from './environments.js'

let folder = ''
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-cases-')))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/**
 * The environments to run: one by name, `all` of them, as `npm run test:compilers` does, or `some` that differ most from
 * the default, which is plain ES modules. Each takes up to a minute of processor time.
 */
const wanted = process.env.SKEIN_TEST_ENVIRONMENT ?? 'ES modules'
const some = [
  'CommonJS',
  'a vm context, library inside',
  'tsx of ES modules',
  'tsc for es2015 cjs --useDefineForClassFields --importHelpers',
  'esbuild, esm, minified',
]
const chosen = environments.filter(({ name }) => {
  return wanted === 'all' || (wanted === 'some' ? some.includes(name) : name === wanted)
})

test('the chosen environments exist', () => {
  expect(chosen).toHaveLength({ all: environments.length, some: some.length }[wanted] ?? 1)
})

describe.concurrent('functions behave the same in another process', () => {
  for (const environment of chosen)
    test(`from ${environment.name}`, async ({ expect }) => {
      const { problems, count } = await runEnvironment(environment, folder)
      expect(problems).toEqual([])
      expect(count).toBeGreaterThan(200)
    })
})

test.runIf(wanted === 'all')(
  'functions behave the same in another process, from inside vitest',
  async () => {
    const words = ['vitest', 'esm']
    const modules = await Promise.all(
      tablesFor(words).map((file) => import(`../../fixtures/functions/${file}.mjs`)),
    )
    const { problems } = await runCases(modules, dist, { capture, store: bundles }, words)
    expect(problems).toEqual([])
  },
)
