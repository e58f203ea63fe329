/**
 * The table of cases, each function sent to another process and called there: from here, from plain
 * ES modules, from CommonJS, from what tsx and tsc make of TypeScript.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundles } from '../../../core/codec/index.js'
import { capture } from '../../../core/functions/capture.js'
import * as table from '../../fixtures/functions/cases.mjs'
import * as moreCases from '../../fixtures/functions/more-cases.mjs'
import { runCases } from '../../fixtures/functions/near.mjs'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const dist = join(root, 'dist')
const fixtures = join(root, 'test/fixtures/functions')

let folder = ''
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-cases-')))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

interface Outcome {
  readonly count: number
  readonly problems: readonly object[]
}

async function runIn(file: string, ...flags: string[]): Promise<Outcome> {
  const { stdout } = await run('node', [...flags, join(fixtures, 'main.mjs'), dist, file], {
    cwd: root,
    maxBuffer: 1 << 26,
  })
  return JSON.parse(stdout) as Outcome
}

/** Writes the cases, and what they import, in another form; gives the file of the cases. */
async function rewrite(extension: string, change: (text: string) => string): Promise<string> {
  for (const name of ['cases', 'helpers']) {
    const text = await readFile(join(fixtures, `${name}.mjs`), 'utf8')
    await writeFile(join(folder, name + extension), change(text))
  }
  return join(folder, `cases${extension}`)
}

/** The same program as somebody would write it with `require`. */
function asCommonJs(text: string): string {
  const live = /^ *\['live binding.*\n/m
  const exported: string[] = []
  return `${text
    .replace(live, '')
    .replaceAll('.mjs', '.cjs')
    .replace(/^import \* as (\w+) from (.*)$/gm, 'const $1 = require($2)')
    .replace(/^import (\w+) from (.*)$/gm, 'const $1 = require($2)')
    .replace(/^import (\w+), (\{.*\}) from (.*)$/gm, (_, name, names, from) => {
      const isNode = from.includes('node:')
      const first = isNode ? name : `{ default: ${name} }`
      return `const ${first} = require(${from})\nconst ${names.replaceAll(' as ', ': ')} = require(${from})`
    })
    .replace(/^import (\{.*\}) from (.*)$/gm, (_, names, from) => {
      return `const ${names.replaceAll(' as ', ': ')} = require(${from})`
    })
    .replace(/^export \{ (\w+) as (\w+) \}$/m, 'exports.$2 = $1')
    .replace(/^export \{ (\w+) \} from (.*)$/m, 'exports.$1 = require($2).$1')
    .replace(/^export default class (\w+)/m, 'exports.default = class $1')
    .replace(/^export (const|let|function|class) (\w+)/gm, (_, kind, name) => {
      exported.push(name)
      return `${kind} ${name}`
    })}\n${exported.map((name) => `exports.${name} = ${name}\n`).join('')}`
}

describe('functions do the same in another process', () => {
  test('from inside vitest', async () => {
    const { problems } = await runCases(table, dist, { capture, store: bundles })
    expect(problems).toEqual([])
    const more = await runCases(moreCases, dist, { capture, store: bundles })
    expect(more.problems).toEqual([])
  })

  test('from what tsx makes of ES modules', async () => {
    const file = await rewrite('.mts', (text) => text.replaceAll('.mjs', '.mts'))
    expect((await runIn(file, '--import', 'tsx')).problems).toEqual([])
  })

  test('from what tsx makes of CommonJS', async () => {
    const file = await rewrite('.cts', (text) => text.replaceAll('.mjs', '.cts'))
    expect((await runIn(file, '--import', 'tsx')).problems).toEqual([])
  })

  test('from what tsc makes of CommonJS', async () => {
    const source = await rewrite('.cts', (text) => text.replaceAll('.mjs', '.cjs'))
    const flags = '--noCheck --target es2022 --module commonjs --ignoreConfig'.split(' ')
    await run(
      'node_modules/.bin/tsc',
      [...flags, source, source.replace('cases.cts', 'helpers.cts')],
      { cwd: root },
    )
    expect((await runIn(source.replace('.cts', '.cjs'))).problems).toEqual([])
  })

  test('from CommonJS', async () => {
    const file = await rewrite('.cjs', asCommonJs)
    expect((await runIn(file)).problems).toEqual([])
  })

  test('from ES modules', async () => {
    expect((await runIn(join(fixtures, 'cases.mjs'))).problems).toEqual([])
    expect((await runIn(join(fixtures, 'more-cases.mjs'))).problems).toEqual([])
  })
})
