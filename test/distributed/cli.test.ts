import { afterEach, expect, test } from 'vitest'
import { Client } from '../../distributed/client/client.js'
import { Command } from './support.js'

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

test.each(['SIGINT', 'SIGTERM'] as const)(
  'scheduler and worker say where they listen, work, and stop cleanly on %s',
  async (signal) => {
    const scheduler = skein('scheduler', '--host', '127.0.0.1')
    const [, toWorkers, toClients] = await scheduler.says(
      /workers at (tcp:\/\/127\.0\.0\.1:\d+), clients at (tcp:\/\/127\.0\.0\.1:\d+)\n/,
    )
    const worker = skein('worker', toWorkers!, '--nthreads', '2')
    await worker.says(/data at tcp:\/\/127\.0\.0\.1:\d+/)
    const client = await Client.connect(toClients!)
    expect(await client.get({ x: 1, y: [(a: number) => a + 2, 'x'] }, 'y')).toBe(3)
    const { workers } = await client.schedulerInfo()
    expect(workers).toMatchObject([{ pid: worker.pid, nthreads: 2 }])
    await client.close()
    expect(await worker.stop(signal)).toEqual({ code: 0, signal: null })
    expect(await scheduler.stop(signal)).toEqual({ code: 0, signal: null })
    expect(scheduler.output.trim().split('\n')).toHaveLength(1)
    expect(worker.output.trim().split('\n')).toHaveLength(1)
  },
)

test('ports may be given', async () => {
  const first = skein('scheduler')
  const [, port] = await first.says(/workers at tcp:\/\/127\.0\.0\.1:(\d+)/)
  const second = skein('scheduler', '--port-to-workers', port!)
  expect(await second.ended).toEqual({ code: 1, signal: null })
  expect(second.errors).toMatch(/another program listens there/)
  await first.stop('SIGTERM')
  const third = skein('scheduler', '--port-to-workers', port!)
  await third.says(new RegExp(`workers at tcp://127.0.0.1:${port}`))
})

test.each([
  [['worker'], /missing required argument 'scheduler'/],
  [['worker', 'localhost'], /an address looks like 'tcp:\/\/127.0.0.1:4444', got 'localhost'/],
  [['worker', 'tcp://127.0.0.1:4444', '--nthreads', 'two'], /a whole number from 1 on, got 'two'/],
  [['scheduler', '--port-to-clients', '99999'], /from 0 to 65535, got '99999'/],
  [['scheduler', '--host', '0.0.0.0'], /--insecure/],
  [['schedule'], /unknown command 'schedule'/],
])('skein %j says what is wrong', async (args, message) => {
  const command = skein(...args)
  expect((await command.ended).code).toBe(1)
  expect(command.errors).toMatch(message)
  expect(command.errors).not.toMatch(/\n {4}at /)
})
