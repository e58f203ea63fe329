#!/usr/bin/env node
/**
 * The command `skein`: starts a scheduler or a worker, prints on one line where it listens, and stops
 * cleanly on SIGINT and SIGTERM. For invalid arguments it prints an error and exits with code 1.
 */

import '../../core/base/supported-runtime.js'

import { lazyPackage } from '../../core/base/lazy-package.js'
import { assertOpenFiles } from '../../core/base/open-files.js'
import { filesOfCommand } from '../base/open-files.js'
import { newWorkerName } from '../base/worker-name.js'
import { type Ending, fail, serve, startWorker } from '../processes/serve.js'
import { ownVersions } from '../protocol/version.js'

/** Loaded by `require`: an `import` of CommonJS reads it twice. */
const { Command, InvalidArgumentError } = lazyPackage<typeof import('commander')>('commander')()

const program = new Command('skein')
  .description('Parallel computing: a scheduler and its workers')
  .version(ownVersions().skein)
  .showHelpAfterError('(skein <command> --help lists the arguments)')

program
  .command('scheduler')
  .description('start a scheduler')
  .option('--host <name>', 'address to listen on', '127.0.0.1')
  .option('--port-to-workers <port>', 'port for workers (default: chosen by the system)', port)
  .option('--port-to-clients <port>', 'port for clients (default: chosen by the system)', port)
  .option(
    '--keys <folder>',
    'folder with keys, which workers and clients need (default: SKEIN_KEYS)',
  )
  .option('--insecure', 'allow an address that other machines can reach without keys', false)
  .option(
    '--worker-timeout <ms>',
    'time without a message after which a worker is removed',
    milliseconds,
  )
  .option(
    '--client-timeout <ms>',
    'time without a message after which a client is removed',
    milliseconds,
  )
  .option(
    '--allowed-failures <count>',
    'workers that may be lost running a task before it fails',
    countTo(100),
  )
  .option('--state-dir <folder>', 'folder for named collections (default: SKEIN_STATE_DIR)')
  .option('--scheduler-file <file>', 'file to write the addresses to, for workers and clients')
  .option('--until-stdin-ends', 'end when standard input does', false)
  .option('--validate', 'check all invariants of its state after every event; slow', false)
  .action(async ({ host: hostname, untilStdinEnds, ...options }: SchedulerArguments) => {
    const start = async () => {
      assertOpenFiles(filesOfCommand, 'skein scheduler')
      const { Scheduler } = await import('../scheduler/scheduler.js')
      const scheduler = await Scheduler.start({ hostname, ...options })
      print(
        `Scheduler: workers at ${scheduler.addressToWorkers}, clients at ${scheduler.addressToClients}`,
      )
      return scheduler
    }
    await serve(start, { untilStdinEnds })
  })

program
  .command('worker')
  .description('start a worker')
  .argument('[scheduler]', 'address of the scheduler to workers, such as tcp://127.0.0.1:4444')
  .option('--scheduler-file <file>', 'file with the address of the scheduler; it is waited for')
  .option('--nthreads <count>', 'number of tasks that run at once', countTo(1024), 1)
  .option('--host <name>', 'address to listen on for other workers', '127.0.0.1')
  .option('--port <port>', 'port for other workers (default: chosen by the system)', port)
  .option('--contact-address <address>', 'address at which other workers reach it, if it differs')
  .option(
    '--host-alias <names>',
    'other names of its host, by which tasks may be restricted to it, such as gpu,node7',
    names,
  )
  .option('--name <name>', 'name in logs and errors, which no other worker may have')
  .option(
    '--resources <amounts>',
    'resources that tasks may require, such as GPU=2,disk=1',
    amounts,
  )
  .option(
    '--keys <file>',
    "file with the worker's keys, or folder with worker.key (default: SKEIN_KEYS)",
  )
  .option('--insecure', 'allow an address that other machines can reach without keys', false)
  .option(
    '--scheduler-timeout <ms>',
    'time without the scheduler after which all results are dropped',
    milliseconds,
  )
  .option('--peer-timeout <ms>', 'time to wait for results from another worker', milliseconds)
  .option(
    '--memory-limit <size>',
    'memory it may use: a size such as 2GB, a fraction of all, or 0 for no limit',
  )
  .option('--local-directory <folder>', 'folder for results that do not fit into memory')
  .option('--exit-with-scheduler', 'end when the scheduler is closed, or gone for too long', false)
  .option('--until-stdin-ends', 'end when standard input does', false)
  .option(
    '--grace-period <ms>',
    'time after SIGTERM for its tasks to end and its results to be copied',
    milliseconds,
    30_000,
  )
  .option('--validate', 'check all invariants of its state after every event; slow', false)
  .option('--nanny', 'restart it when it ends unexpectedly', true)
  .option('--no-nanny', 'do not restart it when it ends unexpectedly')
  .option('--quiet', 'do not print where it listens', false)
  .option('--child <pid>', 'end when the process that started it does', Number)
  .action(async (scheduler: string | undefined, options: WorkerArguments) => {
    const { nanny, child, untilStdinEnds, gracePeriod, ...others } = options
    if ((scheduler === undefined) === (others.schedulerFile === undefined))
      program.error("error: give the scheduler's address or --scheduler-file, one of them")
    if (nanny) await runNanny(others, { untilStdinEnds, gracePeriod })
    // The standard input of a child is not that of its parent, which ends it.
    else if (child !== undefined) await runWorker(scheduler, others, { parent: child, gracePeriod })
    else await runWorker(scheduler, others, { untilStdinEnds, gracePeriod })
  })

async function runWorker(
  scheduler: string | undefined,
  options: WorkerSettings,
  ending: Ending,
): Promise<void> {
  const { host: hostname, hostAlias: hostAliases, quiet, ...others } = options
  const start = async () => {
    const memoryLimit = numberOrString(others.memoryLimit)
    const place = scheduler === undefined ? {} : { scheduler }
    const worker = await startWorker(
      { ...place, hostname, hostAliases, ...others, memoryLimit },
      false,
    )
    if (!quiet)
      print(
        `Worker: data at ${worker.address}, scheduler at ${worker.schedulerPlace.scheduler}, ${worker.nthreads} threads`,
      )
    return worker
  }
  await serve(start, ending)
}

/** Runs a worker in a child process, and restarts it when it ends unexpectedly. */
async function runNanny(
  { name, keys: keysOption, schedulerFile }: WorkerSettings,
  ending: Ending,
): Promise<void> {
  const [{ Nanny }, { readKeysOfPeer }, { laterScheduler }] = await Promise.all([
    import('../processes/nanny.js'),
    import('../security/read-security.js'),
    import('../storage/scheduler-file.js'),
  ])
  const start = async () => {
    const given = process.argv
      .slice(process.argv.indexOf('worker') + 1)
      .filter((arg) => arg !== '--nanny')
    const named = name === undefined ? ['--name', newWorkerName()] : []
    const serverKey = schedulerFile === undefined ? undefined : laterScheduler.serverKey
    const keys = readKeysOfPeer(keysOption, 'worker', 'skein worker', serverKey)
    const nanny = new Nanny([...given, ...named], keys)
    void nanny.ended.then((code) => process.exit(code))
    return nanny
  }
  await serve(start, ending)
}

interface SchedulerArguments {
  readonly host: string
  readonly portToWorkers?: number
  readonly portToClients?: number
  readonly keys?: string
  readonly insecure: boolean
  readonly workerTimeout?: number
  readonly clientTimeout?: number
  readonly allowedFailures?: number
  readonly stateDir?: string
  readonly schedulerFile?: string
  readonly untilStdinEnds: boolean
  readonly validate: boolean
}

interface WorkerArguments {
  readonly nthreads: number
  readonly host: string
  readonly port?: number
  readonly contactAddress?: string
  readonly hostAlias?: readonly string[]
  readonly name?: string
  readonly resources?: Readonly<Record<string, number>>
  readonly keys?: string
  readonly insecure: boolean
  readonly schedulerTimeout?: number
  readonly peerTimeout?: number
  readonly memoryLimit?: string
  readonly localDirectory?: string
  readonly schedulerFile?: string
  readonly exitWithScheduler: boolean
  readonly untilStdinEnds: boolean
  readonly gracePeriod: number
  readonly validate: boolean
  readonly nanny: boolean
  readonly quiet: boolean
  /** The process ID of the parent, if it is one of Skein. */
  readonly child?: number
}

type WorkerSettings = Omit<WorkerArguments, 'nanny' | 'child' | 'untilStdinEnds' | 'gracePeriod'>

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function port(argument: string): number {
  const number = Number(argument)
  if (/^\d+$/.test(argument) && number <= 65535) return number
  throw new InvalidArgumentError(`A port is a whole number from 0 to 65535, got '${argument}'.`)
}

function amounts(argument: string): Record<string, number> {
  const amountOf = new Map<string, number>()
  for (const part of argument.split(',')) {
    const [, name, amount] = /^([\w.-]+)=(\d+(?:\.\d+)?)$/.exec(part) ?? []
    if (name === undefined)
      throw new InvalidArgumentError(`Resources are amounts by name, such as GPU=2, got '${part}'.`)
    if (amountOf.has(name)) throw new InvalidArgumentError(`The resource ${name} is given twice.`)
    amountOf.set(name, Number(amount))
  }
  return Object.fromEntries(amountOf)
}

function names(argument: string): string[] {
  const found = argument.split(',').map((name) => name.trim())
  if (!found.includes('')) return found
  throw new InvalidArgumentError(
    `Names are separated by commas, such as gpu,node7; got '${argument}'.`,
  )
}

function countTo(most: number): (argument: string) => number {
  return (argument) => {
    const number = Number(argument)
    if (/^\d+$/.test(argument) && number >= 1 && number <= most) return number
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${most}, got '${argument}'.`)
  }
}

function numberOrString(argument: string | undefined): number | string | undefined {
  return argument === undefined || argument.trim() === '' || Number.isNaN(Number(argument))
    ? argument
    : Number(argument)
}

function milliseconds(argument: string): number {
  if (/^\d+$/.test(argument)) return Number(argument)
  throw new InvalidArgumentError(`Expected a whole number of milliseconds, got '${argument}'.`)
}

/** Throws for options that are given twice, of which only the last would count. */
function assertGivenOnce(args: readonly string[]): void {
  const given = new Set<string>()
  for (const arg of args) {
    const [, name] = /^--(?:no-)?([\w-]+)/.exec(arg) ?? []
    if (name === undefined) continue
    if (given.has(name))
      program.error(`error: --${name} is given twice, or together with --no-${name}`)
    given.add(name)
  }
}

/** Commands in modules of their own, which are loaded when they are called. */
const otherCommands: Readonly<Record<string, { description: string; add(): Promise<void> }>> = {
  keys: {
    description: 'make keys, and say which of them a scheduler accepts',
    add: async () => (await import('./keys-command.js')).addKeysCommand(program, print),
  },
  status: {
    description: 'show the workers of a scheduler and their work',
    add: async () => (await import('./status-command.js')).addStatusCommand(program, print),
  },
}
for (const [name, { description, add }] of Object.entries(otherCommands)) {
  if (process.argv[2] === name) await add()
  else program.command(name).description(description)
}

assertGivenOnce(process.argv.slice(2))
await program.parseAsync().catch(fail)
