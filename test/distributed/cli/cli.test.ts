/** The command `skein`. */
import { afterEach, expect, test } from 'vitest'
import { KilledWorkerError } from '../../../distributed/base/errors.js'
import { Client } from '../../../distributed/client/client.js'
import { Command, isAlive, until } from '../support.js'

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

test.each([
  ['SIGINT', '--nanny'],
  ['SIGTERM', '--nanny'],
  ['SIGINT', '--no-nanny'],
  ['SIGTERM', '--no-nanny'],
] as const)(
  'scheduler and worker print where they listen, work, and stop cleanly on %s, %s',
  async (signal, nanny) => {
    const scheduler = skein('scheduler', '--host', '127.0.0.1')
    const [, toWorkers, toClients] = await scheduler.waitForOutput(
      /workers at (tcp:\/\/127\.0\.0\.1:\d+), clients at (tcp:\/\/127\.0\.0\.1:\d+)\n/,
    )
    const worker = skein('worker', toWorkers!, '--nthreads', '2', nanny)
    await worker.waitForOutput(/data at tcp:\/\/127\.0\.0\.1:\d+/)
    const client = await Client.connect(toClients!)
    expect(await client.get({ x: 1, y: [(a: number) => a + 2, 'x'] }, 'y')).toBe(3)
    const { workers } = await client.schedulerInfo()
    expect(workers).toMatchObject([{ nthreads: 2 }])
    const { pid } = workers[0]!
    expect(pid === worker.pid).toBe(nanny === '--no-nanny')
    await client.close()
    expect(await worker.stop(signal)).toEqual({ code: 0, signal: null })
    expect(await scheduler.stop(signal)).toEqual({ code: 0, signal: null })
    expect(scheduler.output.trim().split('\n')).toHaveLength(1)
    expect(worker.output.trim().split('\n')).toHaveLength(1)
    expect(isAlive(pid)).toBe(false)
  },
)

test('a killed worker is restarted, and errors say how it ended', async () => {
  const scheduler = skein('scheduler', '--allowed-failures', '2')
  const [, toWorkers, toClients] = await scheduler.waitForOutput(
    /workers at (\S+), clients at (\S+)/,
  )
  const worker = skein('worker', toWorkers!)
  await using client = await Client.connect(toClients!)
  const pids = async () => (await client.workers()).map(({ pid }) => pid)
  await until('the worker is there', async () => (await pids()).length === 1)
  const [{ name } = { name: '' }] = await client.workers()
  const [first] = await pids()
  process.kill(first!, 'SIGKILL')
  await until('another worker is there', async () => (await pids()).some((pid) => pid !== first))
  expect(await client.workers()).toMatchObject([{ name }])
  const deadly = client.submit(() => {
    for (let n = 0; n < 5; n++) console.log(`line ${n}`)
    process.kill(process.pid, 'SIGKILL')
  })
  const error = (await deadly.exception()) as Error & { cause: KilledWorkerError }
  expect(error.cause).toBeInstanceOf(KilledWorkerError)
  expect(error.cause.workers).toMatchObject([{ signal: 'SIGKILL' }, { signal: 'SIGKILL' }])
  expect(error.message).toContain('signal SIGKILL, as the kernel sends it when memory is short')
  expect(error.message).toMatch(
    /MB of memory of a limit of \d+ MB when last heard.*dmesg.*make the partitions smaller/,
  )
  expect(await client.submit((x: number) => x + 1, 1).result()).toBe(2)
  // What a task prints arrives in order, even if its process ends right after it.
  expect(worker.output.match(/^line \d+$/gm)).toEqual(
    [0, 1, 2, 3, 4, 0, 1, 2, 3, 4].map((n) => `line ${n}`),
  )
  const [last] = await pids()
  // When its nanny is killed the worker ends too.
  worker.process.kill('SIGKILL')
  await until('no process is left', () => !isAlive(last!))
})

test('a worker with invalid options is not restarted', async () => {
  const command = skein('worker', 'tcp://127.0.0.1:4444', '--memory-limit', 'much')
  expect((await command.ended).code).toBe(1)
  expect(command.errors.match(/memoryLimit/g)).toHaveLength(1)
})

test('the ports can be chosen', async () => {
  const first = skein('scheduler')
  const [, port] = await first.waitForOutput(/workers at tcp:\/\/127\.0\.0\.1:(\d+)/)
  const second = skein('scheduler', '--port-to-workers', port!)
  expect(await second.ended).toEqual({ code: 1, signal: null })
  expect(second.errors).toMatch(/another program listens there/)
  await first.stop('SIGTERM')
  const third = skein('scheduler', '--port-to-workers', port!)
  await third.waitForOutput(new RegExp(`workers at tcp://127.0.0.1:${port}`))
})

test.each([
  [['worker'], /give the scheduler's address or --scheduler-file/],
  [['worker', 'localhost'], /an address looks like 'tcp:\/\/127.0.0.1:4444', got 'localhost'/],
  [
    ['worker', 'tcp://127.0.0.1:4444', '--nthreads', 'two'],
    /a whole number from 1 to 1024, got 'two'/,
  ],
  [
    ['worker', 'tcp://127.0.0.1:4444', '--nthreads', '2000'],
    /a whole number from 1 to 1024, got '2000'/,
  ],
  [['scheduler', '--port-to-clients', '99999'], /from 0 to 65535, got '99999'/],
  [['scheduler', '--host', '0.0.0.0'], /--insecure/],
  [
    ['scheduler', '--port-to-clients', '4444', '--port-to-workers', '4444'],
    /need a port each, got 4444/,
  ],
  [['worker', 'tcp://127.0.0.1:0', '--no-nanny'], /whose port is not from 1 to 65535/],
  [['worker', 'tcp://127.0.0.1:4444', '--resources', 'GPU=1,GPU=2'], /GPU is given twice/],
  [['worker', 'tcp://127.0.0.1:4444', '--nanny', '--no-nanny'], /together with --no-nanny/],
  [['worker', 'tcp://127.0.0.1:4444', '--name', 'a', '--name=b'], /--name is given twice/],
  [['schedule'], /unknown command 'schedule'/],
])('skein %j prints what is wrong', async (args, message) => {
  const command = skein(...args)
  expect((await command.ended).code).toBe(1)
  expect(command.errors).toMatch(message)
  expect(command.errors).not.toMatch(/\n {4}at /)
})
