/** What the processes have in common that a scheduler or a worker runs in. */
import { isSkeinError } from '../../core/base/errors.js'
import { assertOpenFiles } from '../../core/base/open-files.js'
import { filesOfCommand } from '../base/open-files.js'
import type { Worker } from '../worker/worker.js'
import type { WorkerOptions } from '../worker/worker-options.js'
import { watchParent } from './parent-watch.js'
import { childCloseTimeout, type FromWorkerProcess } from './worker-process.js'

interface Closable {
  close(): Promise<void>
  /** Ends without loss, however long that takes. */
  retire?(): Promise<void>
}

/** When a process ends, besides on signals. */
export interface Ending {
  /** With the process that has this ID. */
  readonly parent?: number
  /** With its standard input. */
  readonly untilStdinEnds?: boolean
  /** Milliseconds that it may take after SIGTERM to end without loss. */
  readonly gracePeriod?: number
}

/** Milliseconds that a process takes to close before it gives up. */
const closeTimeout = 10_000

/** Starts something, and closes it on a signal, or as `ending` says. A second signal closes what retires. */
export async function serve(
  start: () => Promise<Closable>,
  { parent, untilStdinEnds = false, gracePeriod = 0 }: Ending,
): Promise<void> {
  let running: Closable | undefined
  let isStopping = false
  let isRetiring = false
  const stop = (): void => {
    if (isStopping) return
    isStopping = true
    if (running === undefined) process.exit(0)
    setTimeout(endNow, parent === undefined ? closeTimeout : childCloseTimeout)
    running.close().then(
      () => process.exit(process.exitCode ?? 0),
      (error) => fail(error),
    )
  }
  const retire = (): void => {
    if (isRetiring || running?.retire === undefined || gracePeriod === 0) {
      stop()
      return
    }
    isRetiring = true
    setTimeout(stop, gracePeriod)
    running.retire().then(stop, (error) => fail(error))
  }
  process.on('SIGTERM', retire)
  process.on('SIGHUP', stop)
  // In a terminal Ctrl-C reaches child processes too; their parent ends them.
  process.on('SIGINT', parent === undefined ? stop : () => {})
  if (parent !== undefined) watchParent(parent, stop)
  if (untilStdinEnds) onInputEnd(stop)
  try {
    running = await start()
    if (isStopping) stop()
  } catch (error) {
    notifyParent({ kind: 'refused' })
    fail(error)
  }
}

/** Calls a function once when standard input has ended, as when the process at its other end has. */
function onInputEnd(end: () => void): void {
  const { stdin } = process
  for (const event of ['end', 'close', 'error']) stdin.once(event, end)
  stdin.resume()
}

/** Ends this process although a task runs that cannot be stopped: `process.exit` would wait for its thread. */
function endNow(): void {
  // Temporary files are removed.
  process.emit('exit', 1)
  process.kill(process.pid, 'SIGKILL')
}

/** Prints an error, and ends the process. */
export function fail(error: unknown): never {
  const isExpected =
    isSkeinError(error) || error instanceof RangeError || error instanceof TypeError
  const shown = error instanceof Error ? (isExpected ? error.message : error.stack) : String(error)
  process.stderr.write(`skein: ${shown}\n`)
  process.exit(1)
}

/**
 * Starts a worker. The parent process, if there is one, is told when it has started, ended or been refused. If `isLocal`, it is part of a
 * `LocalCluster`.
 */
export async function startWorker(options: WorkerOptions, isLocal: boolean): Promise<Worker> {
  assertOpenFiles(filesOfCommand, 'skein worker')
  const { Worker } = await import('../worker/worker.js')
  const worker = await Worker.startFor(options, isLocal)
  worker.ready.then(
    () => notifyParent({ kind: 'started', secret: worker.secret, ...worker.schedulerPlace }),
    () => {},
  )
  void worker.finished.then(() => {
    notifyParent({ kind: 'finished' })
    void worker.close().then(() => process.exit(0))
  })
  void worker.refused.then((error) => {
    notifyParent({ kind: isSkeinError(error, 'NAME_TAKEN') ? 'name-taken' : 'refused' })
    // The channel to the parent would keep this process running.
    void worker.close().then(() => process.exit(1))
  })
  return worker
}

function notifyParent(message: FromWorkerProcess): void {
  if (process.connected) process.send?.(message)
}
