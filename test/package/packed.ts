/**
 * This package as a user gets it: packed, and installed in an empty folder.
 */
import { type ExecFileException, execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

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

/** An empty folder in which the packed package is installed. */
export class UserProject {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'skein-user-'))
  /** The paths of the files in the package. */
  files: readonly string[] = []

  /** Packs and installs; gives a reason when the npm registry cannot be reached. */
  async install(...others: string[]): Promise<string | undefined> {
    const flags = ['--ignore-scripts', '--json', '--pack-destination', this.folder]
    const packed = await run(root, 'npm', 'pack', ...flags)
    if (packed.code !== 0) throw new Error(`npm pack failed: ${packed.stderr}`)
    const [archive] = parsePackOutput(packed.stdout)
    this.files = archive!.files.map((file) => file.path)
    this.write('package.json', '{ "name": "user", "private": true }')
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
    const wanted = [`./${archive!.filename}`, ...others]
    const installed = await run(this.folder, 'npm', 'install', ...options, ...wanted)
    if (installed.code === 0) return undefined
    if (/ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ENETUNREACH|ENOTCACHED/.test(installed.stderr))
      return 'the npm registry cannot be reached'
    throw new Error(`npm install failed: ${installed.stderr}`)
  }

  /** Writes a file of the user's. */
  write(name: string, text: string): void {
    const file = path.join(this.folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

interface Archive {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

/** npm gives a list up to version 11, and an object by package name after it. */
function parsePackOutput(text: string): Archive[] {
  return Object.values(JSON.parse(text) as Archive[])
}
