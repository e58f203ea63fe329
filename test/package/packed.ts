/**
 * This package as a user gets it: packed, and installed in an empty folder outside of the repository. The test
 * files of one run share the folder (`install-folder.ts` makes and removes it).
 */
import { type ExecFileException, execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, inject } from 'vitest'

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a program left behind. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, in a folder, without this process's test settings. */
export function run(cwd: string, command: string, ...args: string[]): Promise<Outcome> {
  const env = { ...process.env }
  for (const name of ['NODE_OPTIONS', 'NODE_ENV', 'VITEST', 'npm_config_prefix']) delete env[name]
  return new Promise((resolve) => {
    const done = (error: ExecFileException | null, stdout: string, stderr: string) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, stderr: error === null ? stderr : `${error.message}\n${stderr}` })
    }
    execFile(command, args, { cwd, env, timeout: 1_200_000, maxBuffer: 1 << 26 }, done)
  })
}

/** The same, for Node programs. */
export function node(cwd: string, ...args: string[]): Promise<Outcome> {
  return run(cwd, process.execPath, ...args)
}

/** What `npm install` puts beside the package for all tests, so that they share one folder. */
const shared = [
  `@types/node@${developmentVersion('@types/node')}`,
  'typescript-5.0@npm:typescript@5.0.4',
  'typescript-5.4@npm:typescript@5.4.5',
]

/** The path of a TypeScript compiler in a project: of a version in `shared`, such as `5.4`. */
export function compiler(version: string): string {
  return path.join('node_modules', `typescript-${version}`, 'bin', 'tsc')
}

/** A folder of a user's, next to the `node_modules` in which the packed package is installed. */
export class UserProject {
  /** The folder that holds `node_modules`: all files of one test run share it unless they install more. */
  installed = ''
  /** The folder for the programs of one test file, within `installed`. */
  folder = ''
  /** The paths of the files in the package. */
  files: readonly string[] = []

  /** Packs and installs, once in a test run; gives a reason when the npm registry cannot be reached. */
  async install(...others: string[]): Promise<string | undefined> {
    const name = ['installed', ...others].join('-').replaceAll(/[^\w.-]/g, '_')
    this.installed = path.join(inject('installFolder'), name)
    const { files, unreachable } = await installOnce(this.installed, others)
    this.files = files
    this.folder = mkdtempSync(path.join(this.installed, 'user-'))
    return unreachable
  }

  /** Writes a file of the user's. */
  write(name: string, text: string): void {
    const file = path.join(this.folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  remove(): void {
    if (this.folder !== '') rmSync(this.folder, { recursive: true, force: true })
  }
}

/**
 * Returns the project of a test file, or of the group of tests that calls this, in which the packed package and other
 * packages are installed. `prepare` runs after that. Without the npm registry the tests are skipped.
 */
export function installedProject(
  packages: readonly string[] = [],
  prepare: (project: UserProject) => unknown = () => {},
): UserProject {
  const project = new UserProject()
  let unreachable: string | undefined
  beforeAll(async () => {
    unreachable = await project.install(...packages)
    if (unreachable === undefined) await prepare(project)
  })
  afterAll(() => project.remove())
  beforeEach(({ skip }) => {
    if (unreachable !== undefined) skip(unreachable)
  })
  return project
}

interface Installation {
  readonly files: readonly string[]
  readonly unreachable?: string
}

/** Installs in a folder, or waits until another test file, in another process, has done it. */
async function installOnce(folder: string, others: readonly string[]): Promise<Installation> {
  const record = path.join(folder, 'installation.json')
  mkdirSync(path.dirname(folder), { recursive: true })
  try {
    mkdirSync(folder)
  } catch {
    while (!existsSync(record)) await sleep(100)
    const found: Installation | { error: string } = JSON.parse(readFileSync(record, 'utf8'))
    if ('error' in found) throw new Error(found.error)
    return found
  }
  const done = await install(folder, others).catch((error) => ({ error: String(error), files: [] }))
  // The file appears at once and whole.
  writeFileSync(`${record}.new`, JSON.stringify(done))
  renameSync(`${record}.new`, record)
  if ('error' in done) throw new Error(done.error)
  return done
}

async function install(folder: string, others: readonly string[]): Promise<Installation> {
  const flags = ['--ignore-scripts', '--json', '--pack-destination', folder]
  const packed = await run(root, 'npm', 'pack', ...flags)
  if (packed.code !== 0) throw new Error(`npm pack failed: ${packed.stderr}`)
  const [archive] = parsePackOutput(packed.stdout)
  const files = archive!.files.map((file) => file.path)
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "user", "private": true }')
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  const wanted = [`./${archive!.filename}`, ...shared, ...others]
  const installed = await run(folder, 'npm', 'install', ...options, ...wanted)
  if (installed.code === 0) return { files }
  if (/ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ENETUNREACH|ENOTCACHED/.test(installed.stderr))
    return { files, unreachable: 'the npm registry cannot be reached' }
  throw new Error(`npm install failed: ${installed.stderr}`)
}

function developmentVersion(name: string): string {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies[name]
}

interface Archive {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

/** npm gives a list up to version 11, and an object by package name after it. */
function parsePackOutput(text: string): Archive[] {
  return Object.values(JSON.parse(text) as Archive[])
}
