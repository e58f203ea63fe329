/**
 * What every command of this repository needs first: the locked dependencies, and a built `dist/`.
 *
 * Runs before anything is installed, so it uses Node alone. Dependencies are installed only when
 * what is in `node_modules` differs from the lock file. A build goes to a folder of its own and is
 * then laid over `dist/` file by file: unchanged files stay untouched, files without a source go,
 * so a program that is running from `dist/` meanwhile sees whole files only.
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

/** Installs the locked dependencies unless they are there. */
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

/** How to start npm: the one that runs us, if any. */
export function npmCommand() {
  const script = process.env.npm_execpath
  if (script !== undefined && /npm-cli\.c?js$/.test(script)) {
    return { command: process.execPath, args: [script], shell: false }
  }
  return { command: 'npm', args: [], shell: process.platform === 'win32' }
}

/** Why what is installed is not what the lock file says; undefined if it is. */
function staleReason() {
  const record = at('node_modules', '.package-lock.json')
  if (!existsSync(record)) return 'none are installed'
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const locked = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages
  for (const [name, entry] of Object.entries(locked)) {
    if (name === '' || entry.optional || entry.devOptional || entry.peer) continue
    if (installed[name]?.version !== entry.version) return `${name} is not at ${entry.version}`
    if (!existsSync(at(name, 'package.json'))) return `${name} is gone`
  }
  return undefined
}

/** Compiles the sources into `dist/`; gives false if the compiler found faults, having shown them. */
export function build() {
  removeLeftovers()
  const fresh = at(`.dist-${process.pid}`)
  try {
    const compiler = at('node_modules', 'typescript', 'bin', 'tsc')
    const args = [compiler, '-p', at('tsconfig.build.json'), '--outDir', fresh]
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
    if (!existsSync(fresh)) throw new Error('The build made no files')
    layOver(fresh, at('dist'))
    return status === 0
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Build folders that a killed build left behind. */
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

/** Makes `target` equal to `source`, touching only what differs. */
function layOver(source, target) {
  mkdirSync(target, { recursive: true })
  const wanted = new Map(readdirSync(source, { withFileTypes: true }).map((e) => [e.name, e]))
  for (const [name, entry] of wanted) {
    const from = path.join(source, name)
    const to = path.join(target, name)
    if (entry.isDirectory()) layOver(from, to)
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
 * Runs a Node program in the foreground and gives its exit code. Signals that are sent to us are
 * passed on, and we stay until the program has ended.
 */
export function runNode(args, options = {}) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', ...options })
  const passOn = (signal) => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, passOn)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, passOn)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}

/** Whether a module is the one that Node was started with. */
export function isMain(meta) {
  return process.argv[1] !== undefined && fileURLToPath(meta.url) === path.resolve(process.argv[1])
}

if (isMain(import.meta)) {
  installDependencies()
  if (process.argv.includes('--build') && !build()) process.exitCode = 1
}
