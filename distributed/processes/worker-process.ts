/** Worker processes: how they are started and ended by their parent process. */
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseByteSize } from '../../core/base/byte-size.js'
import { lazyPackage } from '../../core/base/lazy-package.js'
import { runnableFile } from '../../core/base/package-root.js'
import { checkSettings } from '../../core/base/settings.js'
import type { ProcessExit } from '../base/process-exit.js'

const childProcess = lazyPackage<typeof import('node:child_process')>('node:child_process')

/** The messages of a worker process to its parent. */
export type FromWorkerProcess =
  /** The scheduler has accepted the worker. Its exit report must contain the secret. */
  | {
      readonly kind: 'started'
      readonly secret: string
      readonly scheduler: string
      readonly serverKey?: string
    }
  /** The worker ends with its scheduler. */
  | { readonly kind: 'finished' }
  /** The worker cannot run, so it must not be restarted. */
  | { readonly kind: 'refused' }
  /** Another worker has its name. */
  | { readonly kind: 'name-taken' }

/** Milliseconds that a worker process may take to end. */
export const exitTimeout = 5000

/** Milliseconds that a worker process itself takes to close before it gives up: less than its parent waits. */
export const childCloseTimeout = 4000

/**
 * The limit below which worker processes return freed memory to the system at once. By default, glibc keeps much of it for itself, up
 * to twice what is in use; to return it takes up to a seventh more time.
 */
const tightMemory = 1e9
/** The settings of glibc for that, in bytes: from which size memory is mapped, and how much is kept. */
const tightMemorySettings = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 17),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 17),
}

/** Returns the settings of glibc for a memory limit in bytes; fractions of the machine's memory and 0 for none need none. */
function memorySettings(limit: number): Readonly<Record<string, string>> {
  return limit > 1 && limit < tightMemory ? tightMemorySettings : {}
}

/** Starts a worker with command-line arguments; it ends when this process does. */
export function startWorkerProcess(args: readonly string[]): ChildProcess {
  const command = ['worker', ...args, '--no-nanny', '--child', String(process.pid)]
  const at = args.indexOf('--memory-limit')
  const limit = at < 0 ? 0 : parseByteSize(args[at + 1]!)
  return start('distributed/cli/cli', command, limit)
}

/** Starts a worker of a `LocalCluster`, which waits for its options; it ends when this process does. */
export function startLocalWorker(memoryLimit: number): ChildProcess {
  const args = [String(process.pid)]
  return start('distributed/processes/local-worker', args, memoryLimit, { SKEIN_KEYS: '' })
}

function start(
  file: string,
  args: readonly string[],
  memoryLimit: number,
  settings: Readonly<Record<string, string>> = {},
): ChildProcess {
  // This process has warned of settings that make no sense, once for all workers.
  const env = { ...memorySettings(memoryLimit), ...process.env, ...settings }
  for (const name of checkSettings()) delete env[name]
  return childProcess().fork(fileURLToPath(runnableFile(file)), args, {
    env,
    execArgv: childFlags(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

/** Calls `onEnd` once, when a process has ended or could not be started. */
export function onProcessEnd(child: ChildProcess, onEnd: (exit: ProcessExit) => void): void {
  child.once('exit', (code, signal) => onEnd({ code, signal }))
  child.once('error', () => {
    if (child.pid === undefined) onEnd({ code: null, signal: null })
  })
}

/** Ends a process with a signal, and with SIGKILL if that takes longer than `timeout` milliseconds. */
export function endProcess(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGHUP' = 'SIGTERM',
  timeout = exitTimeout,
): Promise<void> {
  const hasEnded = child.exitCode !== null || child.signalCode !== null
  if (hasEnded || child.pid === undefined) return Promise.resolve()
  return new Promise((resolve) => {
    child.ref()
    const timer = Number.isFinite(timeout)
      ? setTimeout(() => child.kill('SIGKILL'), timeout)
      : undefined
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill(signal)
  })
}

/** Returns the Node flags of this process for its workers, except those that say what to run. */
function childFlags(): string[] {
  const flags: string[] = []
  for (let i = 0; i < process.execArgv.length; i++) {
    const flag = process.execArgv[i]!
    if (/^(-e|--eval|-p|--print|-pe)$/.test(flag)) i++
    else if (!/^--(eval|print|input-type|inspect|test|watch)/.test(flag)) flags.push(flag)
  }
  return flags
}
