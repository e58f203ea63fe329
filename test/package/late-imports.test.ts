/**
 * `import()` in functions that travel, compiled to CommonJS by swc and Babel, and of TypeScript that nothing has
 * compiled, under tsx and vitest. Only `npm run test:bundlers` runs this.
 */
import { cpSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { installedProject, node, type Outcome } from './packed.js'

const packages = [
  ...['@swc/core@1.16.22', '@babel/core@8.1.3', '@babel/preset-env@8.0.7'],
  ...['lodash@4.18.1', 'tsx@4.23.15', 'vitest@4.1.12'],
]

const swc = (target: string) => `
import swc from '@swc/core'
const options = { module: { type: 'commonjs' }, jsc: { target: '${target}' }, swcrc: false }
const compile = (file) => swc.transformFileSync(file, options).code
`
const babel = (targets: string) => `
import * as babel from '@babel/core'
const presets = [['@babel/preset-env', { modules: 'commonjs', targets: '${targets}' }]]
const compile = (file) => babel.transformFileSync(file, { presets, babelrc: false }).code
`
const compilers = [
  ['swc', 'swc-new', swc('es2022')],
  ['swc for ES2015', 'swc-old', swc('es2015')],
  ['Babel', 'babel-new', babel('node 20')],
  ['Babel for old targets', 'babel-old', babel('node 6')],
] as const

const compileAll = `
import { mkdirSync, writeFileSync } from 'node:fs'
mkdirSync('out')
writeFileSync('out/package.json', '{ "type": "commonjs" }')
for (const file of ['main.js', 'own.js', 'base.js']) writeFileSync('out/' + file, compile(file))
`

const compiled = {
  own: [204, 208],
  byDefault: [102, 103],
  chained: [102, 104],
  module: [path.join('a', '1'), path.join('a', '2')],
  package: [1, 2],
}
const typed = { typescript: [102, 104], javascript: [102, 104], none: [102, 104] }

describe.skipIf(process.env.SKEIN_TEST_ENVIRONMENT !== 'all')('import() in a task', () => {
  const project = installedProject(packages)

  /** Makes a folder with the fixtures; returns its path. */
  function folderWith(name: string): string {
    const folder = path.join(project.folder, name)
    cpSync(fileURLToPath(new URL('../fixtures/late-imports', import.meta.url)), folder, {
      recursive: true,
    })
    project.write(`${name}/package.json`, '{ "type": "module" }')
    return folder
  }

  test.each(compilers)('as CommonJS by %s', async (_, name, compiler) => {
    const folder = folderWith(name)
    project.write(`${name}/compile.mjs`, compiler + compileAll)
    expect(await node(folder, 'compile.mjs')).toMatchObject({ code: 0, stderr: '' })
    expect(reports(await node(folder, 'out/main.js'))).toEqual([compiled, compiled])
  })

  test('of TypeScript under tsx', async () => {
    const folder = folderWith('tsx')
    expect(reports(await node(folder, '--import', 'tsx', 'main.ts'))).toEqual([typed, typed])
  })

  test('of TypeScript under vitest', async () => {
    const folder = folderWith('vitest')
    const vitest = path.join(project.installed, 'node_modules/vitest/vitest.mjs')
    const flags = ['run', '--root', '.', '--no-color', '--disable-console-intercept']
    expect(reports(await node(folder, vitest, ...flags))).toEqual([typed, typed])
  })
})

/** The lines in JSON that a program printed before it ended well. */
function reports({ code, stdout, stderr }: Outcome): object[] {
  expect({ code, stderr, stdout }).toMatchObject({ code: 0, stderr: '' })
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as object)
}
