/**
 * Every way to end at every moment, for programs with a local cluster and for the commands: no process and
 * no spilled result may stay.
 */
import { describe, expect, test } from 'vitest'
import {
  begin,
  command,
  localClusterProgram,
  moduleProgram,
  pause,
  type Way,
} from '../distributed/processes/endings.js'
import { until } from '../distributed/support.js'

const ways: Way[] = ['Ctrl-C', 'SIGTERM', 'SIGHUP', 'SIGKILL', 'exit', 'throw', 'reject', 'SIGQUIT']
/** Milliseconds after the start began; -1 for a cluster that works and has spilled results. */
const moments = [0, 50, 120, 220, 400, 700, -1]

describe.each(ways)('a program with a local cluster that ends by %s', (way) => {
  test('leaves nothing, at any moment', async () => {
    for (let first = 0; first < moments.length; first += 2) {
      await Promise.all(
        moments.slice(first, first + 2).map(async (moment) => {
          const program = begin(localClusterProgram(way, moment))
          await program.prints(moment < 0 ? 'spilled' : 'starting')
          await pause(Math.max(0, moment))
          program.end(way)
          await program.leavesNothing()
        }),
      )
    }
  })
})

/** Milliseconds after the program began to close its cluster. */
const closingMoments = [0, 60]

test.each(ways)(
  'a program that ends while it closes its cluster leaves nothing: %s',
  async (way) => {
    for (let first = 0; first < closingMoments.length; first += 2) {
      await Promise.all(
        closingMoments.slice(first, first + 2).map(async (moment) => {
          const program = begin(
            moduleProgram(`
            const cluster = await LocalCluster.start({ nworkers: 2, memoryLimit: '8MB' })
            const client = await cluster.client()
            const data = Array.from({ length: 16 }, (_, i) =>
              client.submit((n) => new Uint8Array(1_000_000).fill(n), i))
            await client.submit((...all) => all.length, ...data).result()
            const end = {
              exit: () => process.exit(3),
              throw: () => { throw new Error('on purpose') },
              reject: () => { Promise.reject(new Error('on purpose')) },
            }['${way}']
            if (end !== undefined) setTimeout(end, ${moment})
            const closed = cluster.close()
            console.log('closing')
            await closed
            setTimeout(() => {}, 2000)`),
          )
          await program.prints('closing')
          await pause(moment)
          program.end(way)
          await program.leavesNothing()
        }),
      )
    }
  },
)

test.each(['', 'await cluster.close()'])(
  'a program that ends by itself leaves nothing: %s',
  async (last) => {
    const program = begin(
      moduleProgram(`
      const cluster = await LocalCluster.start({ nworkers: 2, memoryLimit: '8MB' })
      const client = await cluster.client()
      const data = Array.from({ length: 16 }, (_, i) =>
        client.submit((n) => new Uint8Array(1_000_000).fill(n), i))
      console.log(await client.submit((...all) => all.length, ...data).result())
      ${last}`),
    )
    await program.leavesNothing()
    expect([program.output, program.errors]).toEqual(['16\n', ''])
  },
)

test.each([0, 60, 120, 200, 300])(
  'a program that is interrupted %i ms after it began to load Skein leaves nothing',
  async (delay) => {
    for (const way of ['Ctrl-C', 'SIGTERM', 'SIGKILL'] as const) {
      const program = begin(moduleProgram('await LocalCluster.start({ nworkers: 2 })'))
      await pause(delay)
      program.end(way)
      await program.hasEnded()
      expect(program.files().filter((file) => file !== 'main.mjs')).toEqual([])
    }
  },
)

const signals: Way[] = ['Ctrl-C', 'SIGTERM', 'SIGHUP', 'SIGKILL', 'SIGQUIT', 'SIGUSR2']
/** Milliseconds after the process, or the one that replaces a killed one, exists. */
const delays = [0, 60, 130, 220, 330, 450]

describe.each(signals)('a command that ends by %s', (signal) => {
  test.each(['worker', 'replacement', 'scheduler'])('leaves no process: %s', async (what) => {
    for (let first = 0; first < delays.length; first += 3) {
      await Promise.all(
        delays.slice(first, first + 3).map(async (delay) => {
          const args = what === 'scheduler' ? ['scheduler'] : ['worker', 'tcp://127.0.0.1:1']
          const program = begin(command(...args))
          if (what !== 'scheduler')
            await until('the worker has a process', () => program.worker() !== undefined)
          if (what === 'replacement') {
            const former = program.worker()!
            process.kill(former, 'SIGKILL')
            await until('it is replaced', () => ![undefined, former].includes(program.worker()))
          }
          await pause(delay)
          program.end(signal)
          await program.hasEnded()
        }),
      )
    }
  })
})

test('a worker with a task that cannot be stopped ends with its parent', async () => {
  const program = begin(
    moduleProgram(`
      const { execFileSync } = await import('node:child_process')
      const { openSync } = await import('node:fs')
      const fifo = path.join(folder, 'fifo')
      execFileSync('mkfifo', [fifo])
      const cluster = await LocalCluster.start({ nworkers: 1, nthreads: 2, memoryLimit: '8MB' })
      const client = await cluster.client()
      const data = Array.from({ length: 16 }, (_, i) =>
        client.submit((n) => new Uint8Array(1_000_000).fill(n), i))
      await client.submit((...all) => all.length, ...data).result()
      const waiting = client.submit((name) => openSync(name, 'r'), fifo)
      setTimeout(() => console.log('waiting'), 500)
      await waiting.result()`),
  )
  await program.prints('waiting')
  expect(program.files().some((file) => file.includes('result-'))).toBe(true)
  program.end('SIGKILL')
  await program.hasEnded()
  expect(program.files()).toEqual(['fifo'])
})

test('a stopped worker process ends when it continues after its parent has ended', async () => {
  const program = begin(localClusterProgram('SIGKILL', -1))
  await program.prints('spilled')
  const workers = program.processes().filter((pid) => pid !== program.process.pid)
  for (const pid of workers) process.kill(pid, 'SIGSTOP')
  program.end('SIGKILL')
  await until('the parent has ended', () => !program.processes().includes(program.process.pid!))
  for (const pid of workers) process.kill(pid, 'SIGCONT')
  await program.leavesNothing()
})

test('what is left when all processes are killed at once is removed by the next start', async () => {
  const program = begin(localClusterProgram('SIGKILL', -1))
  await program.prints('spilled')
  for (const pid of program.processes()) process.kill(pid, 'SIGSTOP')
  for (const pid of program.processes()) process.kill(pid, 'SIGKILL')
  await program.hasEnded()
  expect(program.files().length).toBeGreaterThan(0)
  const next = begin(localClusterProgram('exit', -1, program.folder))
  await next.prints('spilled')
  await next.leavesNothing()
})
