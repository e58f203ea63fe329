/**
 * A program in a bundle, with its packages inside and this package outside, by the configurations in the
 * guide: as an ES module and as CommonJS, plain and minified. A bundle with this package inside refuses to run.
 * Only `npm run test:bundlers` runs this.
 */
import { cpSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { installedProject, node, type Outcome, root } from './packed.js'

type Format = 'ES module' | 'CommonJS'
type Edit = readonly [text: string, replacement: string]

/** A bundler, its file in the guide, and how to change that as the guide says. */
interface Bundler {
  readonly name: string
  readonly file: string
  /** The arguments of Node that start it. */
  readonly start: readonly string[]
  readonly common?: readonly Edit[]
  readonly toCommonJs: readonly Edit[]
  /** Puts this package into the bundle. */
  readonly inside: readonly Edit[]
}

const bundlers: readonly Bundler[] = [
  {
    name: 'esbuild',
    file: 'build.mjs',
    start: ['build.mjs'],
    common: [['main.ts', 'main.js']],
    toCommonJs: [
      ["format: 'esm'", "format: 'cjs', minify: true"],
      ['main.mjs', 'main.cjs'],
    ],
    inside: [["external: ['skein', 'skein/*'],", '']],
  },
  {
    name: 'rollup',
    file: 'rollup.config.mjs',
    start: ['node_modules/rollup/dist/bin/rollup', '-c', '--silent'],
    toCommonJs: [
      ["format: 'es'", "format: 'cjs'"],
      ['main.mjs', 'main.cjs'],
    ],
    inside: [[String.raw`/^skein(\/|$)/, `, '']],
  },
  {
    name: 'webpack',
    file: 'webpack.config.mjs',
    start: ['run-webpack.mjs'],
    toCommonJs: [
      ['experiments: { outputModule: true },', ''],
      ["externalsType: 'module'", "externalsType: 'commonjs'"],
      [
        "filename: 'main.mjs', module: true, library: { type: 'module' }",
        "filename: 'main.cjs', library: { type: 'commonjs2' }",
      ],
    ],
    // The error would print the line of the bundle.
    inside: [[String.raw`externals: [/^skein(\/|$)/]`, 'optimization: { minimize: false }']],
  },
  {
    name: 'vite',
    file: 'vite.config.mjs',
    start: ['node_modules/vite/bin/vite.js', 'build', '--logLevel=error'],
    toCommonJs: [
      [
        "outDir: 'out'",
        "outDir: 'out', minify: true, rollupOptions: { output: { format: 'cjs', entryFileNames: 'main.cjs' } }",
      ],
    ],
    inside: [["external: ['skein'], ", '']],
  },
]

const packages = [
  ...['esbuild@0.28.2', 'rollup@4.68.8', 'webpack@5.113.0', 'vite@8.4.0'],
  ...['@rollup/plugin-commonjs@29.0.3', '@rollup/plugin-json@6.1.0'],
  ...['@rollup/plugin-node-resolve@16.0.3', 'lodash@4.18.1', 'zod@4.6.7'],
]

const runWebpack = `
import webpack from 'webpack'
import config from './webpack.config.mjs'
webpack({ ...config, output: { ...config.output, path: import.meta.dirname + '/out' } }).run((error, stats) => {
  if (error !== null) throw error
  if (stats.hasErrors()) throw new Error(stats.toString())
})
`

const reported = {
  groups: ['0.02 EUR: a+b c', '5.00 EUR: a+b c', '0.60 EUR: a+b c'],
  areOwn: true,
  total: 562,
  error: 'ZodError',
}

describe.skipIf(process.env.SKEIN_TEST_ENVIRONMENT !== 'all')('bundles', () => {
  const project = installedProject(packages)

  /** Bundles the program in a folder of its own and runs it. */
  async function runBundle(bundler: Bundler, format: Format, isInside: boolean): Promise<Outcome> {
    const folder = `${bundler.name}-${format.replace(' ', '-')}${isInside ? '-inside' : ''}`
    const changes = [
      ...(bundler.common ?? []),
      ...(format === 'CommonJS' ? bundler.toCommonJs : []),
      ...(isInside ? bundler.inside : []),
    ]
    const fixture = fileURLToPath(new URL('../fixtures/bundled', import.meta.url))
    project.write(`${folder}/package.json`, '{ "type": "module" }')
    project.write(`${folder}/run-webpack.mjs`, runWebpack)
    project.write(`${folder}/${bundler.file}`, changes.reduce(replaced, inGuide(bundler.name)))
    const cwd = path.join(project.folder, folder)
    cpSync(fixture, path.join(cwd, 'src'), { recursive: true })
    const start = bundler.start.map((arg) =>
      arg.startsWith('node_modules') ? path.join(project.installed, arg) : arg,
    )
    expect(await node(cwd, ...start)).toMatchObject({ code: 0 })
    const extension = format === 'CommonJS' ? 'cjs' : bundler.name === 'vite' ? 'js' : 'mjs'
    return node(cwd, `out/main.${extension}`)
  }

  describe.each(bundlers)('of $name', (bundler) => {
    test.each(['ES module', 'CommonJS'] as const)('run as %s', async (format) => {
      const { code, stdout, stderr } = await runBundle(bundler, format, false)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const reports = stdout.trimEnd().split('\n')
      expect(reports.map((line) => JSON.parse(line) as object)).toEqual([reported, reported])
    })

    test.each(['ES module', 'CommonJS'] as const)(
      'say as %s that Skein is inside',
      async (format) => {
        const { code, stdout, stderr } = await runBundle(bundler, format, true)
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
        expect(stderr).toContain('Skein cannot run inside a bundle')
        expect(stderr).toContain("code: 'BUNDLED'")
      },
    )
  })
})

/** Returns the configuration of a bundler in the guide. */
function inGuide(name: string): string {
  const guide = readFileSync(path.join(root, 'docs/guide/bundlers.md'), 'utf8')
  const [, config] = new RegExp(`^## ${name}\n\n\`\`\`js\n(.*?)\`\`\``, 'ms').exec(guide)!
  return config!
}

function replaced(config: string, [text, replacement]: Edit): string {
  expect(config).toContain(text)
  return config.replace(text, replacement)
}
