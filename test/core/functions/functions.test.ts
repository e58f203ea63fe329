/**
 * The tables of cases, each function sent to another process and called there: from here, from plain
 * ES modules and CommonJS, and from what tsx, tsc and esbuild make of them.
 */
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { capture } from '../../../core/capture.js'
import { bundles } from '../../../core/codec/index.js'
import { runCases } from '../../fixtures/functions/near.mjs'
import { dist, environments, runEnvironment, tablesFor } from './environments.js'

let folder = ''
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-cases-')))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** One environment alone, as where only the version of Node is another. */
const wanted = process.env.SKEIN_TEST_ENVIRONMENT
const chosen = environments.filter(({ name }) => wanted === undefined || name === wanted)

describe.concurrent('functions do the same in another process', () => {
  for (const environment of chosen)
    test(`from ${environment.name}`, { timeout: 300_000 }, async ({ expect }) => {
      const { problems, count } = await runEnvironment(environment, folder)
      expect(problems).toEqual([])
      expect(count).toBeGreaterThan(200)
    })
})

test('functions do the same in another process, from inside vitest', {
  timeout: 300_000,
}, async () => {
  const words = ['vitest', 'esm']
  const modules = await Promise.all(
    tablesFor(words).map((file) => import(`../../fixtures/functions/${file}.mjs`)),
  )
  const { problems } = await runCases(modules, dist, { capture, store: bundles }, words)
  expect(problems).toEqual([])
})
