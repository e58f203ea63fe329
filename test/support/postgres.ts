/** A PostgreSQL server for tests: Debian's programs, in a temporary folder, on a free port of loopback. */
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A running server. */
export interface PostgresServer {
  readonly url: string
  stop(): void
}

const versions = '/usr/lib/postgresql'
const newest = existsSync(versions)
  ? readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0]
  : undefined
const programs = newest === undefined ? undefined : join(versions, newest, 'bin')

/** The user that runs the server: PostgreSQL refuses to be run by root. */
const user = process.getuid?.() === 0 ? userNamed('postgres') : undefined

/** Why there is no server; undefined if one can be started. */
export const whyNoPostgres: string | undefined =
  programs === undefined
    ? 'PostgreSQL is missing: apt-get install postgresql'
    : process.getuid?.() === 0 && user === undefined
      ? "there is no user 'postgres' to run the server"
      : undefined

function userNamed(name: string): { readonly uid: number; readonly gid: number } | undefined {
  const { status, stdout } = spawnSync('id', ['-u', name], { encoding: 'utf8' })
  if (status !== 0) return undefined
  const gid = execFileSync('id', ['-g', name], { encoding: 'utf8' })
  return { uid: Number(stdout), gid: Number(gid) }
}

function run(program: string, args: readonly string[], folder: string): SpawnSyncReturns<string> {
  const result = spawnSync(join(programs!, program), args, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    ...user,
  })
  if (result.status !== 0) throw new Error(`${program}: ${result.stdout}${result.stderr}`)
  return result
}

/** Starts a server with a database and a user `postgres`. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'skein-postgres-'))
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8'], folder)
  const port = await freePort()
  const options = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`
  run('pg_ctl', ['-D', data, '-l', join(folder, 'log'), '-w', '-o', options, 'start'], folder)
  const stop = (): void => {
    run('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop'], folder)
    rmSync(folder, { recursive: true })
  }
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
