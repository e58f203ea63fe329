/** Worker processes that this process starts: with which flags, and how they are told to leave. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runnableFile } from '../../core/base/package-root.js'

/** What a worker process says to the one that started it. */
export type FromWorkerProcess =
  /** The scheduler has let it in. */
  | 'started'
  /** It makes no sense to start it again. */
  | 'refused'

/** Milliseconds that a worker process may take to leave. */
const leaveWithin = 5000

/** Starts a worker with arguments of the command line; it ends when this process does. */
export function startWorkerProcess(args: readonly string[]): ChildProcess {
  const command = ['worker', ...args, '--no-nanny', '--child']
  return fork(fileURLToPath(runnableFile('distributed/cli/cli')), command, {
    execArgv: childFlags(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

/** Asks a process to leave, and makes it if it does not. */
export function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), leaveWithin)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

/** The flags of this process that its workers take too: not those that say what to run. */
function childFlags(): string[] {
  const flags: string[] = []
  for (let i = 0; i < process.execArgv.length; i++) {
    const flag = process.execArgv[i]!
    if (/^(-e|--eval|-p|--print|-pe)$/.test(flag)) i++
    else if (!/^--(eval|print|input-type|inspect|test|watch)/.test(flag)) flags.push(flag)
  }
  return flags
}
