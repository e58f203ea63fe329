/** The tokens of functions depend neither on the folder of their project nor on the order of capturing. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { files, links } from '../../fixtures/functions/project-files.mjs'
import { fixtures, node, root, temporaryFolder, writeProject } from './project.js'

const { folder, remove } = temporaryFolder()
afterAll(remove)

const text = readFileSync(join(fixtures, 'imports.mjs'), 'utf8')
const commonJs = readFileSync(join(fixtures, 'commonjs-imports.cjs'), 'utf8')

type Tokens = Readonly<Record<string, string>>

async function tokensIn(place: string, cases: string, mode: string): Promise<Tokens> {
  const project = join(folder, place)
  const flags = cases.endsWith('ts') ? ['--import', 'tsx'] : []
  const args = [
    join(fixtures, 'capture-project.mjs'),
    join(root, 'dist'),
    join(project, cases),
    mode,
  ]
  return JSON.parse(await node(root, ...flags, ...args)) as Tokens
}

test.each([
  ['ES modules', 'cases.mjs', text, 75],
  ['tsx', 'cases.mts', text, 75],
  ['CommonJS', 'cases.cjs', commonJs, 50],
])('in another folder, another process and another order: %s', async (_, name, cases, least) => {
  for (const place of ['one', 'two/deeper/down'])
    writeProject(join(folder, name, place), { ...files, [name]: cases }, links)
  const one = await tokensIn(join(name, 'one'), name, 'tokens')
  expect(Object.keys(one).length).toBeGreaterThanOrEqual(least)
  expect(await tokensIn(join(name, 'two/deeper/down'), name, 'tokens')).toEqual(one)
  // The package of a namespace is known once a file has imported it, not when another file re-exports it.
  const { 're-exported namespace': _reExported, ...rest } = one
  expect(await tokensIn(join(name, 'one'), name, 'reversed')).toMatchObject(rest)
})

test('files of different names, and different content, have different tokens', async () => {
  const project = join(folder, 'different')
  const source = `export const cases = [['url', () => () => import.meta.url, []], ['data', () => () => import('./data.mjs'), []]]`
  writeProject(project, {
    'package.json': '{}',
    'a.mjs': source,
    'b.mjs': source,
    'data.mjs': 'export default 1',
  })
  const a = await tokensIn('different', 'a.mjs', 'tokens')
  const b = await tokensIn('different', 'b.mjs', 'tokens')
  expect(a.url).not.toBe(b.url)
  writeProject(project, { 'data.mjs': 'export default 2' })
  const again = await tokensIn('different', 'a.mjs', 'tokens')
  expect(again.url).toBe(a.url)
  expect(again.data).not.toBe(a.data)
})
