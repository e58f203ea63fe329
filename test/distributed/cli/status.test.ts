/** The command `skein status`, and processes that end with their standard input or their scheduler. */
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { describeStatus } from '../../../distributed/cli/status-command.js'
import type { SchedulerInfo, WorkerInfo } from '../../../distributed/protocol/info.js'
import { makeFolder } from '../../support/folders.js'
import { Command } from '../support.js'

const commands: Command[] = []
function skein(...args: string[]): Command {
  const command = new Command(...args)
  commands.push(command)
  return command
}

afterEach(async () => {
  for (const command of commands.splice(0)) {
    command.process.kill('SIGKILL')
    await command.ended
  }
})

const worker: WorkerInfo = {
  ...{ worker: 1, name: 'worker-1', nthreads: 2, pid: 4711, hostname: 'vm', peer: '', address: '' },
  ...{ hostAliases: [], resources: {}, inHand: 12, queued: 3, lastHeard: 240, status: 'running' },
  memory: {
    ...{ limit: 2e9, stored: 1_500_000, functions: 0, peak: 0, spilled: 0, rss: 80_000_000 },
  },
}
const info: SchedulerInfo = {
  ...{ addressToWorkers: 'tcp://127.0.0.1:4444', addressToClients: 'tcp://127.0.0.1:5555' },
  ...{
    pid: 815,
    workers: [],
    clients: 1,
    runs: 0,
    queued: 0,
    collections: [],
    relayed: 0,
    dropped: 0,
  },
}

test('the status is a summary and a table of workers', () => {
  expect(describeStatus(info)).toEqual([
    'Scheduler: workers at tcp://127.0.0.1:4444, clients at tcp://127.0.0.1:5555, pid 815',
    '0 workers with 0 threads, 1 client, 0 computations with 0 tasks in hand and 0 queued, 0 named collections',
  ])
  const small = { ...worker, name: 'a', memory: { ...worker.memory, limit: undefined } }
  const lines = describeStatus({
    ...info,
    workers: [worker, small],
    runs: 1,
    queued: 5,
    collections: ['x'],
  })
  expect(lines.slice(1)).toEqual([
    '2 workers with 4 threads, 1 client, 1 computation with 24 tasks in hand and 5 queued, 1 named collection',
    'worker    host  pid   threads  in hand  queued  results  spilled  memory         heard      status',
    'worker-1  vm    4711  2        12       3       1.5 MB   0 bytes  80 MB of 2 GB  0.2 s ago  running',
    'a         vm    4711  2        12       3       1.5 MB   0 bytes  80 MB          0.2 s ago  running',
  ])
})

test('processes find each other by a file, show their status, and end with standard input', async () => {
  const file = path.join(makeFolder('status'), 'scheduler.json')
  const of = ['--scheduler-file', file]
  const waiting = skein('worker', ...of, '--exit-with-scheduler', '--name', 'ends-with-scheduler')
  const scheduler = skein('scheduler', ...of, '--until-stdin-ends')
  await scheduler.waitForOutput(/workers at/)
  const other = skein('worker', ...of, '--until-stdin-ends', '--name', 'ends-with-stdin')
  await waiting.waitForOutput(/data at .* scheduler at tcp:\/\/127\.0\.0\.1:\d+/)
  await other.waitForOutput(/data at/)

  const status = skein('status', ...of)
  expect(await status.ended).toEqual({ code: 0, signal: null })
  expect(status.output).toMatch(/^Scheduler: workers at .*\n2 workers with 2 threads, 0 clients, /)
  const json = skein('status', ...of, '--json')
  expect(await json.ended).toEqual({ code: 0, signal: null })
  const { workers } = JSON.parse(json.output) as SchedulerInfo
  expect(workers.map(({ name }) => name).sort()).toEqual(['ends-with-scheduler', 'ends-with-stdin'])

  other.process.stdin.end()
  expect(await other.ended).toEqual({ code: 0, signal: null })
  scheduler.process.stdin.end()
  expect(await scheduler.ended).toEqual({ code: 0, signal: null })
  expect(await waiting.ended).toEqual({ code: 0, signal: null })
  const late = skein('status', ...of, '--timeout', '100')
  expect(await late.ended).toEqual({ code: 1, signal: null })
  expect(late.errors).toMatch(/^skein: There is no scheduler file '.*' after 100 ms/)
})

test.each([
  [['status'], /give the scheduler's address or --scheduler-file, one of them/],
  [['status', 'tcp://127.0.0.1:1', '--scheduler-file', 'x'], /one of them/],
  [['status', 'tcp://127.0.0.1:1', '--timeout', 'x'], /whole number of milliseconds/],
  [['status', 'tcp://127.0.0.1:1', '--timeout', '100'], /No scheduler answered/],
])('wrong arguments: %s', async (args, message) => {
  const command = skein(...args)
  expect(await command.ended).toEqual({ code: 1, signal: null })
  expect(command.errors).toMatch(message)
})
