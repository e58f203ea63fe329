#!/usr/bin/env node
/**
 * The command `skein`: starts a scheduler or a worker. Says on one line where it listens, stops
 * cleanly on SIGINT and SIGTERM, and says what is wrong with arguments.
 */
import { hostname as machineName } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { isSkeinError } from '../../core/base/errors.js'
import type { FromWorkerProcess } from '../processes/worker-process.js'
import { ownVersions } from '../protocol/version.js'

interface Closable {
  close(): Promise<void>
}

const program = new Command('skein')
  .description('Parallel computing: a scheduler and its workers')
  .version(ownVersions().skein)
  .showHelpAfterError('(skein <command> --help tells the arguments)')

program
  .command('scheduler')
  .description('start a scheduler')
  .option('--host <name>', 'address to listen on', '127.0.0.1')
  .option('--port-to-workers <port>', 'port for workers (default: chosen by the system)', port)
  .option('--port-to-clients <port>', 'port for clients (default: chosen by the system)', port)
  .option('--insecure', 'allow an address that other machines can reach', false)
  .option('--worker-timeout <ms>', 'silence after which a worker is given up', milliseconds)
  .option('--client-timeout <ms>', 'silence after which a client is given up', milliseconds)
  .option('--allowed-failures <count>', 'deaths of workers that a task may be part of', count)
  .option('--state-dir <folder>', 'where named collections live on (default: SKEIN_STATE_DIR)')
  .option('--validate', 'check every rule of its state after every event; slow', false)
  .action(async ({ host: hostname, ...options }: SchedulerArguments) => {
    const { Scheduler } = await import('../scheduler/scheduler.js')
    await serve(async () => {
      const scheduler = await Scheduler.start({ hostname, ...options })
      say(
        `Scheduler: workers at ${scheduler.addressToWorkers}, clients at ${scheduler.addressToClients}`,
      )
      return scheduler
    })
  })

program
  .command('worker')
  .description('start a worker')
  .argument('<scheduler>', 'address of the scheduler to workers, such as tcp://127.0.0.1:4444')
  .option('--nthreads <count>', 'tasks to run at once', count, 1)
  .option('--host <name>', 'address at which other workers reach it', '127.0.0.1')
  .option('--port <port>', 'port for other workers (default: chosen by the system)', port)
  .option('--contact-address <address>', 'where other workers reach it, if not where it listens')
  .option('--name <name>', 'what to call it')
  .option('--resources <amounts>', 'what tasks may ask for, such as GPU=2,disk=1', amounts)
  .option('--insecure', 'allow an address that other machines can reach', false)
  .option('--scheduler-timeout <ms>', 'silence after which the scheduler is given up', milliseconds)
  .option('--peer-timeout <ms>', 'time to wait for data from another worker', milliseconds)
  .option('--memory-limit <size>', 'memory it may use, such as 2GB, 0.5 of all, or 0 for no limit')
  .option('--local-directory <folder>', 'where results go that there is no memory for')
  .option('--validate', 'check every rule of its state after every event; slow', false)
  .option('--nanny', 'start it again when it ends without being told to', true)
  .option('--no-nanny', 'do not start it again when it ends without being told to')
  .option('--quiet', 'do not say where it listens', false)
  .option('--child', 'end when the process that started it does', false)
  .action(async (scheduler: string, options: WorkerArguments) => {
    const { nanny, child, ...others } = options
    if (nanny) await watchWorker(scheduler, others)
    else await runWorker(scheduler, others, child)
  })

async function runWorker(
  scheduler: string,
  options: Omit<WorkerArguments, 'nanny' | 'child'>,
  isChild: boolean,
): Promise<void> {
  const { host: hostname, quiet, ...others } = options
  const { Worker } = await import('../worker/worker.js')
  await serve(async () => {
    const memoryLimit = numberOrText(others.memoryLimit)
    const worker = await Worker.start({ scheduler, hostname, ...others, memoryLimit })
    worker.ready.then(
      () => tellParent('started'),
      () => {
        tellParent('refused')
        // A parent that listens would keep this process.
        void worker.close().then(() => process.exit(1))
      },
    )
    if (!quiet)
      say(
        `Worker: data at ${worker.address}, scheduler at ${scheduler}, ${worker.nthreads} threads`,
      )
    return worker
  }, isChild)
}

/** Runs a worker in a process of its own, and starts it again when that ends. */
async function watchWorker(scheduler: string, { name }: { name?: string }): Promise<void> {
  const { Nanny } = await import('../processes/nanny.js')
  await serve(async () => {
    const given = process.argv.slice(process.argv.indexOf('worker') + 1)
    const named = name === undefined ? ['--name', `${machineName()}-${process.pid}`] : []
    const nanny = new Nanny(scheduler, [...given, ...named])
    void nanny.ended.then((code) => process.exit(code))
    return nanny
  })
}

function tellParent(message: FromWorkerProcess): void {
  if (process.connected) process.send?.(message)
}

interface SchedulerArguments {
  readonly host: string
  readonly portToWorkers?: number
  readonly portToClients?: number
  readonly insecure: boolean
  readonly workerTimeout?: number
  readonly clientTimeout?: number
  readonly allowedFailures?: number
  readonly stateDir?: string
  readonly validate: boolean
}

interface WorkerArguments {
  readonly nthreads: number
  readonly host: string
  readonly port?: number
  readonly contactAddress?: string
  readonly name?: string
  readonly resources?: Readonly<Record<string, number>>
  readonly insecure: boolean
  readonly schedulerTimeout?: number
  readonly peerTimeout?: number
  readonly memoryLimit?: string
  readonly localDirectory?: string
  readonly validate: boolean
  readonly nanny: boolean
  readonly quiet: boolean
  readonly child: boolean
}

/** Runs something until a signal, or the end of the parent process, tells it to close. */
async function serve(start: () => Promise<Closable>, isChild = false): Promise<void> {
  let running: Closable | undefined
  let isStopping = false
  const stop = (): void => {
    if (isStopping) return
    isStopping = true
    if (running === undefined) process.exit(0)
    running.close().then(
      () => process.exit(process.exitCode ?? 0),
      (error) => fail(error),
    )
  }
  process.on('SIGTERM', stop)
  // In a terminal Ctrl-C reaches children too; they wait for word from their parent.
  process.on('SIGINT', isChild ? () => {} : stop)
  if (isChild) process.on('disconnect', () => process.exit(0))
  try {
    running = await start()
    if (isStopping) stop()
  } catch (error) {
    tellParent('refused')
    fail(error)
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function fail(error: unknown): never {
  const isExpected =
    isSkeinError(error) || error instanceof RangeError || error instanceof TypeError
  const text = error instanceof Error ? (isExpected ? error.message : error.stack) : String(error)
  process.stderr.write(`skein: ${text}\n`)
  process.exit(1)
}

function port(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= 65535) return number
  throw new InvalidArgumentError(`A port is a whole number from 0 to 65535, got '${text}'.`)
}

function amounts(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [, name, amount] = /^([\w.-]+)=(\d+(?:\.\d+)?)$/.exec(part) ?? []
      if (name !== undefined) return [name, Number(amount)]
      throw new InvalidArgumentError(`Resources are amounts by name, such as GPU=2, got '${part}'.`)
    }),
  )
}

function count(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && number <= 1024) return number
  throw new InvalidArgumentError(`It is a whole number from 1 on, got '${text}'.`)
}

function numberOrText(text: string | undefined): number | string | undefined {
  return text === undefined || text.trim() === '' || Number.isNaN(Number(text))
    ? text
    : Number(text)
}

function milliseconds(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`It is a whole number of milliseconds, got '${text}'.`)
}

await program.parseAsync()
