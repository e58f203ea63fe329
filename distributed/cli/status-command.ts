/** The command `skein status`: shows the workers of a running scheduler and what they do. */
import { type Command, InvalidArgumentError } from 'commander'
import { formatByteSize } from '../../core/base/available-memory.js'
import { Client } from '../client/client.js'
import type { SchedulerInfo, WorkerInfo } from '../protocol/info.js'
import { counted } from '../protocol/worker-summary.js'

interface StatusArguments {
  readonly schedulerFile?: string
  readonly keys?: string
  readonly timeout: number
  readonly json: boolean
}

const helpText = `Ends with code 0 if the scheduler answers, and with 1 otherwise.

Example:
  skein status tcp://127.0.0.1:5555
  skein status --scheduler-file scheduler.json --json`

/** Adds the command to the program. `print` shows a line. */
export function addStatusCommand(program: Command, print: (line: string) => void): void {
  program
    .command('status')
    .description('show the workers of a scheduler and their work')
    .argument('[scheduler]', 'address of the scheduler to clients, such as tcp://127.0.0.1:5555')
    .option('--scheduler-file <file>', 'file with the address of the scheduler')
    .option('--keys <file>', 'file with the keys of a client (default: SKEIN_KEYS)')
    .option('--timeout <ms>', 'time to wait for an answer', milliseconds, 5000)
    .option('--json', 'print what schedulerInfo() returns, as JSON', false)
    .addHelpText('after', `\n${helpText}`)
    .action(async (address: string | undefined, options: StatusArguments) => {
      const { schedulerFile, timeout, json } = options
      if ((address === undefined) === (schedulerFile === undefined))
        program.error("error: give the scheduler's address or --scheduler-file, one of them")
      const settings = { timeout, ...(options.keys !== undefined && { keys: options.keys }) }
      await using client =
        schedulerFile === undefined
          ? await Client.connect(address!, settings)
          : await Client.connect({ schedulerFile, ...settings })
      const all = await client.schedulerInfo()
      // Without this client.
      const info = { ...all, clients: all.clients - 1 }
      if (json) print(JSON.stringify(info, null, 2))
      else for (const line of describeStatus(info)) print(line)
    })
}

type Column = readonly [title: string, cell: (worker: WorkerInfo) => string]

const columns: readonly Column[] = [
  ['worker', ({ name }) => name],
  ['host', ({ hostname }) => hostname],
  ['pid', ({ pid }) => String(pid)],
  ['threads', ({ nthreads }) => String(nthreads)],
  ['in hand', ({ inHand }) => String(inHand)],
  ['queued', ({ queued }) => String(queued)],
  ['results', ({ memory }) => formatByteSize(memory.stored)],
  ['spilled', ({ memory }) => formatByteSize(memory.spilled)],
  ['memory', ({ memory: { rss, limit } }) => describeMemory(rss, limit)],
  ['heard', ({ lastHeard }) => `${(lastHeard / 1000).toFixed(1)} s ago`],
  ['status', ({ status }) => status],
]

/** Returns the lines that show a scheduler: a summary, and a table of the workers. */
export function describeStatus(info: SchedulerInfo): string[] {
  const { addressToClients, addressToWorkers, pid, workers, clients, runs, queued, collections } =
    info
  const threads = workers.reduce((sum, { nthreads }) => sum + nthreads, 0)
  const inHand = workers.reduce((sum, worker) => sum + worker.inHand, 0)
  const lines = [
    `Scheduler: workers at ${addressToWorkers}, clients at ${addressToClients}, pid ${pid}`,
    [
      `${counted(workers.length, 'worker')} with ${counted(threads, 'thread')}`,
      counted(clients, 'client'),
      `${counted(runs, 'computation')} with ${counted(inHand, 'task')} in hand and ${queued} queued`,
      counted(collections.length, 'named collection'),
    ].join(', '),
  ]
  if (workers.length === 0) return lines
  const rows = [columns.map(([title]) => title)]
  for (const worker of workers) rows.push(columns.map(([, cell]) => cell(worker)))
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  for (const row of rows)
    lines.push(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
  return lines
}

function describeMemory(rss: number | undefined, limit: number | undefined): string {
  const used = rss === undefined ? '?' : formatByteSize(rss)
  return limit === undefined ? used : `${used} of ${formatByteSize(limit)}`
}

function milliseconds(argument: string): number {
  if (/^[1-9]\d*$/.test(argument)) return Number(argument)
  throw new InvalidArgumentError(`Expected a whole number of milliseconds, got '${argument}'.`)
}
