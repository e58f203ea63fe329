/**
 * Programs that end while their worker processes start or run. The processes of a program are found by a
 * variable of their environment, since they no longer have a parent.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect } from 'vitest'
import { runnableFile } from '../../../core/base/package-root.js'
import { until } from '../support.js'

/** Signals, of which one goes to all processes as from a terminal, and what a program does itself. */
export type Way = NodeJS.Signals | 'Ctrl-C' | 'exit' | 'throw' | 'reject'

/** A program, or command, with all processes that it starts. */
export class StartedProgram {
  /** Where its workers spill results. */
  readonly folder: string
  output = ''
  errors = ''
  readonly process: ChildProcess
  private readonly mark = `SKEIN_TEST_MARK=${randomUUID()}`
  private readonly ended: Promise<unknown>

  constructor(
    args: (folder: string) => readonly string[],
    env: NodeJS.ProcessEnv = {},
    folder = mkdtempSync(path.join(tmpdir(), 'skein-endings-')),
  ) {
    this.folder = folder
    const [name, value] = this.mark.split('=') as [string, string]
    this.process = spawn(process.execPath, args(this.folder), {
      env: { ...process.env, ...env, [name]: value },
      // A process group of its own, as a shell makes for each command.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.ended = once(this.process, 'exit')
    this.process.stdout!.on('data', (data) => (this.output += data))
    this.process.stderr!.on('data', (data) => (this.errors += data))
  }

  async prints(text: string): Promise<void> {
    await until(`${text} is printed, after: ${this.output}${this.errors}`, () => {
      if (this.output.includes(text)) return true
      const { exitCode, signalCode } = this.process
      if (exitCode !== null || signalCode !== null) throw new Error(`It ended: ${this.errors}`)
      return false
    })
  }

  /** The running processes of the program. */
  processes(): number[] {
    return readdirSync('/proc').flatMap((entry) => {
      try {
        const marked = /^\d+$/.test(entry) && environmentOf(entry).includes(this.mark)
        return marked ? [Number(entry)] : []
      } catch {
        // It has just ended, or belongs to another user.
        return []
      }
    })
  }

  /** The first process of the program's worker, if there is one. */
  worker(): number | undefined {
    return this.processes().find((pid) => pid !== this.process.pid)
  }

  end(way: Way): void {
    if (way === 'Ctrl-C') process.kill(-this.process.pid!, 'SIGINT')
    else if (way.startsWith('SIG')) this.process.kill(way as NodeJS.Signals)
  }

  /** Waits until all processes of the program have ended. */
  async hasEnded(): Promise<void> {
    await this.ended
    await until(`no process is left: ${this.errors}`, () => this.processes().length === 0)
  }

  /** Waits until all processes have ended, and checks that they leave no file in the folder. */
  async leavesNothing(): Promise<void> {
    await this.hasEnded()
    expect(this.files()).toEqual([])
  }

  files(): string[] {
    const { folder } = this
    return existsSync(folder) ? (readdirSync(folder, { recursive: true }) as string[]) : []
  }

  /** Kills whatever is left. */
  clear(): void {
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function environmentOf(pid: string): string {
  return readFileSync(`/proc/${pid}/environ`, 'latin1')
}

/** Starts a program with a local cluster that ends itself in a way so many milliseconds after it began to start it. */
export function localClusterProgram(way: Way, after: number, folder?: string): StartedProgram {
  const source = `
    import { LocalCluster } from '${runnableFile('distributed/index').href}'
    const end = {
      exit: () => process.exit(3),
      throw: () => { throw new Error('on purpose') },
      reject: () => { Promise.reject(new Error('on purpose')) },
    }[process.env.WAY]
    const after = Number(process.env.AFTER)
    if (end !== undefined && after >= 0) setTimeout(end, after)
    console.log('starting')
    const [localDirectory] = process.argv.slice(-1)
    const cluster = await LocalCluster.start({ nworkers: 2, memoryLimit: '8MB', localDirectory })
    console.log('started')
    const client = await cluster.client()
    const data = Array.from({ length: 16 }, (_, i) =>
      client.submit((n) => new Uint8Array(1_000_000).fill(n), i))
    await client.submit((...all) => all.length, ...data.map((future) => future)).result()
    const { existsSync, readdirSync } = await import('node:fs')
    while (!readdirSync(localDirectory, { recursive: true }).some((file) => file.includes('result-')))
      await new Promise((resolve) => setTimeout(resolve, 10))
    console.log('spilled')
    if (end !== undefined) setTimeout(end, 50)
    await client.submit(() => { for (;;); }).result()`
  const env = { WAY: way, AFTER: String(after) }
  return new StartedProgram((room) => ['--input-type=module', '-e', source, room], env, folder)
}

/** Starts a module with the built package, in its folder, which is also its temporary directory. */
export function moduleProgram(source: string): StartedProgram {
  const folder = mkdtempSync(path.join(tmpdir(), 'skein-endings-'))
  const file = path.join(folder, 'main.mjs')
  const imports = `
    import { getThreads } from '${runnableFile('index').href}'
    import { LocalCluster } from '${runnableFile('distributed/index').href}'
    import { rmSync, writeFileSync } from 'node:fs'
    import path from 'node:path'
    const folder = import.meta.dirname ?? path.dirname(process.argv[1])
    rmSync(process.argv[1])`
  writeFileSync(file, `${imports}\n${source}`)
  return new StartedProgram(() => [file], { TMPDIR: folder }, folder)
}

/** Starts a command `skein`. */
export function command(...args: readonly string[]): StartedProgram {
  const cli = fileURLToPath(runnableFile('distributed/cli/cli'))
  return new StartedProgram((folder) => [
    cli,
    ...args,
    ...(args[0] === 'worker' ? ['--local-directory', folder] : ['--state-dir', folder]),
  ])
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const started: StartedProgram[] = []

afterEach(() => {
  for (const program of started.splice(0)) program.clear()
})

/** Notes a program, so that it is ended and its files are removed after the test. */
export function begin<T extends StartedProgram>(program: T): T {
  started.push(program)
  return program
}
