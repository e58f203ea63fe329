/**
 * The peers' own installations, in `.tmp/bench-peers/`: a virtual environment for Python and a folder for
 * npm. They are made once for each list of pinned versions. What cannot be installed is left out.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Command } from './peer-process.js'
import { type Peer, peers } from './row-types.js'

const sources = path.resolve('bench', 'peers')
const installs = path.resolve('.tmp', 'bench-peers')
const compiled = path.resolve('.tmp', 'bench', 'peers')
const timeLimit = 10 * 60_000

/** Ray's files. They include sockets, whose paths must be short. */
const rayFolder = path.join(os.tmpdir(), `skein-ray-${process.pid}`)
process.on('exit', () => rmSync(rayFolder, { recursive: true, force: true }))

/** What is installed. */
export interface Environments {
  /** The projects that could not be installed, each with the reason. */
  readonly missing: ReadonlyMap<string, string>
  /** The version of each project, such as `dask: 2026.8.0`. */
  readonly versions: ReadonlyMap<string, string>
  /** The command of a long-lived peer. */
  serve(peer: Peer): Command
  /** The command of a peer with arguments of its own. */
  command(peer: Peer, args: readonly string[]): Command
}

/** Runs a program and returns why it failed, or undefined. */
function failureOf(file: string, args: readonly string[], cwd = installs): string | undefined {
  const { status, error, stderr } = spawnSync(file, args, {
    cwd,
    env: environment,
    timeout: timeLimit,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (status === 0) return undefined
  return error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit code ${status}`
}

/**
 * Peers run without the settings that choose another kernel of OpenBLAS, which would slow NumPy, and leave
 * nothing in the user's folder.
 */
const environment: NodeJS.ProcessEnv = (() => {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...rest } = process.env
  return {
    ...rest,
    PYTHONDONTWRITEBYTECODE: '1',
    DASK_CONFIG: path.join(installs, 'dask-config'),
    DASK_TEMPORARY_DIRECTORY: path.join(installs, 'dask-temporary'),
    RAY_FOLDER: rayFolder,
    RAY_AUTH_MODE: 'disabled',
    RAY_USAGE_STATS_ENABLED: '0',
  }
})()

/** Makes an installation in a folder named by its list; an unfinished one is made again. */
function installOnce(kind: string, list: string, install: (folder: string) => void): string {
  const hash = createHash('sha256').update(list).digest('hex').slice(0, 12)
  const folder = path.join(installs, `${kind}-${hash}`)
  const done = path.join(folder, 'installed.json')
  if (existsSync(done)) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  console.error(`Installing the peers for ${kind} in ${path.relative('.', folder)}`)
  install(folder)
  return folder
}

/** Writes which packages an installation lacks. Without any package it is tried again next time. */
function finish(folder: string, missing: Record<string, string>, isUseful: boolean): void {
  const file = isUseful ? 'installed.json' : 'failed.json'
  writeFileSync(path.join(folder, file), JSON.stringify(missing))
}

function readMissing(folder: string): [string, string][] {
  const file = ['installed.json', 'failed.json'].find((name) => existsSync(path.join(folder, name)))
  return Object.entries(JSON.parse(readFileSync(path.join(folder, file!), 'utf8')))
}

const nameOf = (requirement: string): string => requirement.split('==')[0]!

function installPython(): { folder: string; python: string; versions: [string, string][] } {
  const list = readFileSync(path.join(sources, 'python', 'requirements.txt'), 'utf8')
  const requirements = list.split('\n').filter((line) => line !== '')
  const folder = installOnce('python', list, (made) => {
    const missing: Record<string, string> = {}
    const venv = failureOf('python3', ['-m', 'venv', path.join(made, 'venv')])
    const python = path.join(made, 'venv', 'bin', 'python')
    const pip = (...names: string[]) =>
      failureOf(python, ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', ...names])
    if (venv !== undefined || pip(...requirements) !== undefined) {
      // One that cannot be installed must not keep the others away.
      for (const requirement of requirements) {
        const reason = venv ?? pip(requirement)
        if (reason !== undefined) missing[nameOf(requirement)] = reason
      }
    }
    finish(made, missing, Object.keys(missing).length < requirements.length)
  })
  return {
    folder,
    python: path.join(folder, 'venv', 'bin', 'python'),
    versions: requirements.map((line) => line.split('==') as [string, string]),
  }
}

function installNpm(): { folder: string; versions: [string, string][] } {
  const list = readFileSync(path.join(sources, 'npm', 'package.json'), 'utf8')
  const versions = Object.entries(JSON.parse(list).dependencies as Record<string, string>)
  const folder = installOnce('npm', list, (made) => {
    copyFileSync(path.join(sources, 'npm', 'package.json'), path.join(made, 'package.json'))
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
    const reason = failureOf('npm', [...args, '--loglevel=error'], made)
    const missing = reason === undefined ? [] : versions.map(([name]) => [name, reason])
    finish(made, Object.fromEntries(missing), reason === undefined)
  })
  return { folder, versions }
}

/** Installs what the named peers need, unless it is there. */
export function makeEnvironments(wanted: ReadonlySet<Peer>): Environments {
  mkdirSync(installs, { recursive: true })
  const missing = new Map<string, string>()
  const versions = new Map([['node', process.version]])
  const own = JSON.parse(readFileSync('package.json', 'utf8'))
  versions.set('skein', own.version).set('zeromq', own.dependencies.zeromq)
  const note = (folder: string, found: [string, string][]): void => {
    for (const [name, version] of found) versions.set(name, version)
    for (const [name, reason] of readMissing(folder)) missing.set(name, reason)
  }
  let python = 'python3'
  if ([...wanted].some((peer) => peers[peer].language === 'python')) {
    const made = installPython()
    python = made.python
    note(made.folder, made.versions)
    const { stdout } = spawnSync(python, ['--version'], { encoding: 'utf8' })
    if (stdout) versions.set('python', stdout.trim().replace('Python ', ''))
  }
  let piscina = ''
  if (wanted.has('piscina')) {
    const made = installNpm()
    note(made.folder, made.versions)
    piscina = path.join(made.folder, 'node_modules', 'piscina')
  }
  const command = (peer: Peer, args: readonly string[]): Command =>
    peers[peer].language === 'python'
      ? { file: python, args, env: environment }
      : { file: process.execPath, args, env: { ...process.env, PISCINA: piscina } }
  return {
    missing,
    versions,
    command,
    serve: (peer) =>
      peers[peer].language === 'python'
        ? command(peer, ['-u', path.join(sources, 'python', 'serve.py'), peer])
        : command(peer, [path.join(compiled, 'node', 'serve.js'), peer]),
  }
}
