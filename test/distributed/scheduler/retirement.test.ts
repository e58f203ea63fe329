/** Workers that are to leave: their tasks end, and others take their results. */
import { afterEach, expect, test } from 'vitest'
import { Client } from '../../../distributed/client/client.js'
import { Scheduler } from '../../../distributed/scheduler/scheduler.js'
import { Worker } from '../../../distributed/worker/worker.js'
import { Command, until } from '../support.js'

const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

async function start(names: readonly string[]) {
  const scheduler = await Scheduler.start({ validate: true })
  const join = (name: string) =>
    Worker.start({ scheduler: scheduler.addressToWorkers, name, validate: true })
  const workers = await Promise.all(names.map(join))
  const client = await Client.connect(scheduler.addressToClients)
  await client.waitForWorkers(names.length)
  open.push(scheduler, ...workers, client)
  return { scheduler, client, workers, join }
}

const add = (x: number, y: number): number => x + y

test('others take the results, and what is running ends where it runs', async () => {
  const { client } = await start(['a', 'b', 'c'])
  const on = (name: string) => ({ workers: [name], pure: false })
  const small = client.submitWith(on('a'), add, 1, 2)
  const large = client.submitWith(on('a'), () => new Float64Array(100_000).fill(7))
  const [scattered] = client.scatter([{ only: 'copy' }])
  const holders = async () => await client.whoHas([small, large, scattered!])
  await client.gather([small, large, scattered])
  // It is also where it could be computed again: it must not be.
  const counted = client.submitWith(on('a'), () => `${process.pid} ${performance.now()}`)
  const before = await counted.result()
  const running = client.submitWith(on('a'), async () => {
    await new Promise((resolve) => setTimeout(resolve, 500))
    return performance.now()
  })
  await until('it runs', async () => (await client.processing('a')).a!.length > 0)
  expect(await client.retireWorkers(['a', 'b'], { timeout: 60_000 })).toEqual(['a', 'b'])
  expect((await client.workers()).map(({ name }) => name)).toEqual(['c'])
  for (const names of Object.values(await holders())) expect(names).toEqual(['c'])
  expect(running.status).toBe('finished')
  expect(await counted.result()).toBe(before)
  expect(await small.result()).toBe(3)
  expect((await large.result())[99_999]).toBe(7)
  expect(await scattered!.result()).toEqual({ only: 'copy' })
  expect(await client.submit(add, small, 4).result()).toBe(7)
})

test('a worker of which others need nothing leaves at once, the last one too', async () => {
  const { client, workers, scheduler, join } = await start(['a'])
  const kept = client.submit(add, 1, 2)
  await kept.result()
  await workers[0]!.retire()
  expect(await client.workers()).toEqual([])
  // Its result is computed again where there is a worker.
  open.push(await join('d'))
  expect(await client.submit(add, kept, 1).result()).toBe(4)
  scheduler.retireWorkers(['d', 'none'])
  await until('it has left', async () => (await client.workers()).length === 0)
})

test('tasks that are not running yet go to others', async () => {
  const { client } = await start(['a', 'b'])
  const pause = (n: number) => new Promise<number>((resolve) => setTimeout(() => resolve(n), 20))
  const futures = client.map(
    pause,
    Array.from({ length: 40 }, (_, n) => n),
  )
  await futures[0]!.result()
  await client.retireWorkers('b')
  const results = await client.gather(futures)
  expect(results).toEqual(Array.from({ length: 40 }, (_, n) => n))
  const info = await client.workers()
  expect(info).toMatchObject([{ name: 'a', status: 'running' }])
})

test('wrong arguments, and a worker that takes too long', async () => {
  const { client } = await start(['a', 'b'])
  await expect(client.retireWorkers('x')).rejects.toThrow(
    /retireWorkers: there is no worker 'x'; the workers are a, b/,
  )
  await expect(client.retireWorkers(5 as never)).rejects.toThrow(/names or addresses/)
  await expect(client.retireWorkers('a', { within: 5 } as never)).rejects.toThrow(/no option/)
  const slow = client.submitWith({ workers: ['a'] }, () => {
    return new Promise((resolve) => setTimeout(resolve, 1500))
  })
  await until('it runs', async () => (await client.processing('a')).a!.length > 0)
  await expect(client.retireWorkers('a', { timeout: 50 })).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: /not left within 50 ms: a/,
  })
  expect(await client.workers()).toMatchObject([{ status: 'retiring' }, { status: 'running' }])
  await slow.result()
  await until('it has left', async () => (await client.workers()).length === 1)
})

test.each(['--nanny', '--no-nanny'])('SIGTERM lets a worker retire: %s', async (nanny) => {
  const { scheduler, client } = await start(['a'])
  const worker = new Command('worker', scheduler.addressToWorkers, '--name', 'b', nanny)
  try {
    await client.waitForWorkers(2)
    const value = client.submitWith({ workers: ['b'] }, () => performance.now())
    const first = await value.result()
    const slow = client.submitWith({ workers: ['b'] }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      return 'done'
    })
    await until('it runs', async () => (await client.processing('b')).b!.length > 0)
    expect(await worker.stop('SIGTERM')).toEqual({ code: 0, signal: null })
    expect((await client.workers()).map(({ name }) => name)).toEqual(['a'])
    expect(await slow.result()).toBe('done')
    expect(await client.whoHas(value)).toEqual({ [value.key]: ['a'] })
    expect(await value.result()).toBe(first)
  } finally {
    worker.process.kill('SIGKILL')
    await worker.ended
  }
})
