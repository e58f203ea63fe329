/**
 * The environments in which user code runs: as it was written, and as the output of compilers and bundlers.
 * Each environment writes the case files, and the files that they import, in its own form into a folder;
 * a separate process then runs them.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type BuildOptions, build } from 'esbuild'
import { helpers, runsIn, tables } from '../../fixtures/functions/tables.mjs'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const fixtures = join(root, 'test/fixtures/functions')

/** The built library. */
export const dist = join(root, 'dist')

/** One way to run the cases. */
export interface Environment {
  readonly name: string
  /** The words by which tables and cases select environments. */
  readonly words: readonly string[]
  readonly flags?: readonly string[]
  /** Writes the files into a folder; returns the paths of the case files. */
  prepare(folder: string, files: readonly string[]): Promise<readonly string[]>
}

/** Returns the tables for an environment, without extensions. */
export function tablesFor(words: readonly string[]): string[] {
  return tables.filter((table) => runsIn(table, words)).map(({ file }) => file)
}

/** Runs an environment's tables; returns the number of cases and the problems. */
export async function runEnvironment(
  { name, words, flags = [], prepare }: Environment,
  parent: string,
): Promise<{ count: number; problems: object[] }> {
  const folder = join(parent, name.replaceAll(/\W+/g, '-'))
  await mkdir(folder)
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await copyFile(join(fixtures, 'settings.json'), join(folder, 'settings.json'))
  const files = await prepare(folder, tablesFor(words))
  const isAlone = (file: string) => alone.includes(parse(file).name)
  const groups = [files.filter((file) => !isAlone(file)), files.filter(isAlone)]
  const outcomes: { count: number; problems: object[] }[] = []
  for (const group of groups) {
    const args = [...flags, join(fixtures, 'run-tables.mjs'), dist, words.join(' '), ...group]
    const { stdout } = await run('node', args, { cwd: root, maxBuffer: 1 << 26 })
    outcomes.push(JSON.parse(stdout.slice(stdout.lastIndexOf('\n', stdout.length - 2) + 1)))
  }
  return {
    count: outcomes.reduce((sum, { count }) => sum + count, 0),
    problems: outcomes.flatMap(({ problems }) => problems),
  }
}

const alone = tables.filter((table) => table.alone === true).map(({ file }) => file)

/** Writes the tables and helpers with another extension; returns the paths of the tables. */
async function rewrite(
  folder: string,
  files: readonly string[],
  extension: string,
  change: (text: string) => string,
): Promise<string[]> {
  for (const name of [...files, ...helpers]) {
    const text = await readFile(join(fixtures, `${name}.mjs`), 'utf8')
    await writeFile(join(folder, name + extension), change(text))
  }
  return files.map((name) => join(folder, name + extension))
}

const importingFrom = (extension: string) => (text: string) =>
  text.replace(/^((?:import|export) .* from '\.\/.*)\.mjs'/gm, `$1${extension}'`)

/** Translates a module to CommonJS as a user would write it with `require`. */
function asCommonJs(text: string): string {
  const exported: string[] = []
  const renamed = (names: string) => names.replaceAll(' as ', ': ')
  return `${importingFrom('.cjs')(text)
    .replace(/^(import .*) with \{ type: 'json' \}$/gm, '$1')
    .replace(/^import \* as (\w+) from (.*)$/gm, 'const $1 = require($2)')
    .replace(
      /^import (\w+), (?:\* as (\w+)|(\{.*\})) from (.*)$/gm,
      (_, name, all, names, from) => {
        const first = from.includes('node:') ? name : `{ default: ${name} }`
        return `const ${first} = require(${from})\nconst ${all ?? renamed(names)} = require(${from})`
      },
    )
    .replace(/^import (\w+) from (.*)$/gm, (_, name, from) => {
      const own = from.startsWith("'./") && !from.includes('.json')
      return `const ${own ? `{ default: ${name} }` : name} = require(${from})`
    })
    .replace(/^import (\{.*\}) from (.*)$/gm, (_, names, from) => {
      return `const ${renamed(names)} = require(${from})`
    })
    .replace(/^export \{ (\w+) as (\w+) \}$/gm, 'exports.$2 = $1')
    .replace(/^export \{ (\w+) \} from (.*)$/gm, 'exports.$1 = require($2).$1')
    .replace(/^export default (class|function) (\w+)/gm, 'exports.default = $1 $2')
    .replace(/^export default /gm, 'exports.default = ')
    .replace(
      /^export (async function|function\*?|const|let|var|class) (\w+)/gm,
      (_, kind, name) => {
        exported.push(name)
        return `${kind} ${name}`
      },
    )}\n${exported.map((name) => `exports.${name} = ${name}\n`).join('')}`
}

function tsx(modules: 'esm' | 'cjs'): Environment {
  const extension = modules === 'esm' ? '.mts' : '.cts'
  return {
    name: `tsx of ${modules === 'esm' ? 'ES modules' : 'CommonJS'}`,
    words: ['tsx', modules],
    flags: ['--import', 'tsx'],
    prepare: (folder, files) => rewrite(folder, files, extension, importingFrom(extension)),
  }
}

function tsc(modules: 'esm' | 'cjs', target: string, ...more: string[]): Environment {
  const [source, made] = modules === 'esm' ? ['.mts', '.mjs'] : ['.cts', '.cjs']
  return {
    name: `tsc for ${[target, modules, ...more].join(' ')}`,
    words: ['tsc', modules, target],
    async prepare(folder, files) {
      const written = await rewrite(folder, files, source!, importingFrom(made!))
      const typed = join(folder, `typescript${source!}`)
      await copyFile(join(fixtures, 'typescript.mts'), typed)
      written.push(typed)
      const options = `--noCheck --skipLibCheck --target ${target} --module nodenext --ignoreConfig`
      await run('node_modules/.bin/tsc', [...options.split(' '), ...more, ...written], {
        cwd: root,
      })
      return written.map((file) => file.replace(source!, made!))
    },
  }
}

function esbuild(modules: 'esm' | 'cjs', name: string, options: BuildOptions): Environment {
  const extension = modules === 'esm' ? '.mjs' : '.cjs'
  return {
    name: `esbuild, ${modules}, ${name}`,
    words: ['esbuild', modules, ...name.split(' ')],
    async prepare(folder, files) {
      const written = await rewrite(folder, files, '.mjs', (text) => text)
      await build({
        entryPoints: written,
        outdir: join(folder, 'out'),
        outExtension: { '.js': extension },
        bundle: true,
        platform: 'node',
        format: modules,
        logLevel: 'error',
        ...options,
      })
      return files.map((file) => join(folder, 'out', file + extension))
    },
  }
}

/** An old target, except for syntax that has no older form. */
const old: BuildOptions = {
  target: 'es2015',
  supported: {
    bigint: true,
    'import-meta': true,
    'dynamic-import': true,
    'regexp-set-notation': true,
    'nested-rest-binding': true,
  },
}

/** A context of `node:vm`; `inside` if this library is loaded into it as well, as by Jest. */
function context(...more: readonly 'inside'[]): Environment {
  return {
    name: ['a vm context', ...more].join(', library '),
    words: ['plain', 'esm', 'vm', ...more],
    flags: ['--experimental-vm-modules', '--no-warnings'],
    prepare: async (_folder, files) => files.map((file) => join(fixtures, `${file}.mjs`)),
  }
}

/** All environments except the one inside vitest. */
export const environments: readonly Environment[] = [
  {
    name: 'ES modules',
    words: ['plain', 'esm'],
    prepare: async (_folder, files) => files.map((file) => join(fixtures, `${file}.mjs`)),
  },
  {
    name: 'CommonJS',
    words: ['plain', 'cjs', 'sloppy'],
    async prepare(folder, files) {
      const sloppy = join(fixtures, 'sloppy-mode.cjs')
      return [...(await rewrite(folder, files, '.cjs', asCommonJs)), sloppy]
    },
  },
  context(),
  context('inside'),
  tsx('esm'),
  tsx('cjs'),
  tsc('esm', 'es2022'),
  tsc('cjs', 'es2022'),
  // Without the flag, tsc assigns fields for old targets, and a static one called `name` cannot be.
  tsc('esm', 'es2015', '--useDefineForClassFields'),
  tsc('cjs', 'es2015', '--useDefineForClassFields', '--importHelpers'),
  esbuild('esm', 'bundled', { packages: 'external' }),
  esbuild('cjs', 'bundled', { packages: 'external' }),
  esbuild('esm', 'minified', { packages: 'external', minify: true }),
  esbuild('cjs', 'minified keepNames', { packages: 'external', minify: true, keepNames: true }),
  esbuild('esm', 'es2015 split with its packages', { ...old, splitting: true }),
  esbuild('cjs', 'es2015 minified', { ...old, packages: 'external', minify: true }),
]
