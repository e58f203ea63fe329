/**
 * Runtimes that cannot run the package, and refuse it by name. They are large downloads: only
 * `npm run test:compilers` runs this.
 */
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { installedProject, run } from './packed.js'

const runtimes = [
  ['Bun', ['bun', 'bin', 'bun.exe'], [], /this is Bun 1\.\d+\.\d+\. Run the program with `node`\./],
  [
    'Deno',
    ['.bin', 'deno'],
    ['run', '-A', '--node-modules-dir=manual'],
    /this is Deno 2\.\d+\.\d+\. Run the/,
  ],
  [
    'Node 18',
    ['node-18', 'bin', 'node'],
    [],
    /this is Node\.js 18\.\d+\.\d+\. Install a newer version/,
  ],
  [
    'Node 20.18',
    ['node-20.18', 'bin', 'node'],
    [],
    /this is Node\.js 20\.18\.\d+\. Install a newer/,
  ],
] as const

const isRequested = /^(all|some)$/.test(process.env.SKEIN_TEST_ENVIRONMENT ?? '')

describe.runIf(isRequested)('are refused by every entry', () => {
  const binary = `node-${process.platform}-${process.arch}`
  const nodes = [`node-18@npm:${binary}@18`, `node-20.18@npm:${binary}@20.18`]
  const project = installedProject(['bun@1', 'deno@2', ...nodes])

  test.each(runtimes)('%s', async (_, command, options, expected) => {
    const modules = path.join(project.installed, 'node_modules')
    for (const entry of ['skein', 'skein/core', 'skein/bag', 'skein/array', 'skein/distributed']) {
      project.write('use.mjs', `import * as all from '${entry}'\nconsole.log(all)`)
      const program = path.join(modules, ...command)
      const { code, stdout, stderr } = await run(project.folder, program, ...options, 'use.mjs')
      expect({ code, stdout }, entry).toMatchObject({ code: 1, stdout: '' })
      expect(stderr).toMatch(/Skein runs on Node\.js 20\.19 or newer; /)
      expect(stderr).toMatch(expected)
    }
  })
})
