/**
 * Installs the locked dependencies and builds `dist/`: what every command of this repository needs.
 *
 * It runs before anything is installed, so it imports Node's own modules only. Dependencies are
 * installed only when `node_modules` differs from the lock file. The build goes to a temporary folder
 * and is then copied over `dist/` file by file, so a program that runs from `dist/` at the same time
 * never sees a partial file: unchanged files are not touched, and files without a source are removed.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))

const at = (...parts) => path.join(root, ...parts)

/** Installs the locked dependencies unless they are installed already. */
export function installDependencies() {
  const reason = staleReason()
  if (reason === undefined) return
  console.error(`Installing the locked dependencies (${reason})`)
  const npm = npmCommand()
  const args = [
    ...npm.args,
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const { status, error } = spawnSync(npm.command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: npm.shell,
  })
  if (status !== 0) throw new Error(`npm ci failed${error ? `: ${error.message}` : ''}`)
}

/** Returns how to start npm: the npm that runs this script, if any. */
export function npmCommand() {
  const script = process.env.npm_execpath
  if (script !== undefined && /npm-cli\.c?js$/.test(script)) {
    return { command: process.execPath, args: [script], shell: false }
  }
  return { command: 'npm', args: [], shell: process.platform === 'win32' }
}

/** Returns why `node_modules` differs from the lock file; undefined if it does not. */
function staleReason() {
  const record = at('node_modules', '.package-lock.json')
  if (!existsSync(record)) return 'none are installed'
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const locked = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages
  for (const [name, entry] of Object.entries(locked)) {
    if (name === '' || entry.optional || entry.devOptional || entry.peer) continue
    if (installed[name]?.version !== entry.version) return `${name} is not at ${entry.version}`
    if (!existsSync(at(name, 'package.json'))) return `${name} is missing`
  }
  return undefined
}

/** Compiles and bundles the sources into `dist/`; returns false if the compiler reported errors. */
export async function build() {
  removeLeftovers()
  const fresh = at(`.dist-${process.pid}`)
  try {
    const compiler = at('node_modules', 'typescript', 'bin', 'tsc')
    const args = [compiler, '-p', at('tsconfig.build.json'), '--outDir', fresh]
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
    if (!existsSync(fresh)) throw new Error('The build wrote no files')
    const { bundleModules } = await import('./bundle.mjs')
    await bundleModules(fresh)
    mirror(fresh, at('dist'))
    return status === 0
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Removes the temporary folders of builds that were killed. */
function removeLeftovers() {
  for (const name of readdirSync(root)) {
    if (!name.startsWith('.dist-')) continue
    try {
      if (Date.now() - statSync(at(name)).mtimeMs > 600_000)
        rmSync(at(name), { recursive: true, force: true })
    } catch {
      // Another build has just removed it.
    }
  }
}

/** Makes `target` equal to `source`, changing only files that differ. */
function mirror(source, target) {
  mkdirSync(target, { recursive: true })
  const wanted = new Map(readdirSync(source, { withFileTypes: true }).map((e) => [e.name, e]))
  for (const [name, entry] of wanted) {
    const from = path.join(source, name)
    const to = path.join(target, name)
    if (entry.isDirectory()) mirror(from, to)
    else if (!sameContent(from, to)) renameSync(from, to)
  }
  for (const entry of readdirSync(target, { withFileTypes: true })) {
    if (wanted.has(entry.name)) continue
    rmSync(path.join(target, entry.name), { recursive: true, force: true })
  }
}

function sameContent(a, b) {
  try {
    return statSync(a).size === statSync(b).size && readFileSync(a).equals(readFileSync(b))
  } catch {
    return false
  }
}

/**
 * Runs a Node program in the foreground and returns its exit code. Signals sent to this process are
 * forwarded, and this process stays until the program has ended.
 */
export function runNode(args, options = {}) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', ...options })
  const forward = (signal) => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, forward)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}

/** Returns whether a module is the one that Node was started with. */
export function isMain(meta) {
  return process.argv[1] !== undefined && fileURLToPath(meta.url) === path.resolve(process.argv[1])
}

if (isMain(import.meta)) {
  installDependencies()
  if (process.argv.includes('--build') && !(await build())) process.exitCode = 1
}
