/** Programs that forget to close their clients and clusters: they end when they have nothing left to do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Scheduler } from '../../../distributed/scheduler/scheduler.js'
import { Worker } from '../../../distributed/worker/worker.js'
import { runFile } from '../../core/run/threads/program.js'
import { isAlive, until } from '../support.js'

/** Starts a local cluster and a client, and prints the process of the worker. */
const start = `
  import { LocalCluster } from 'skein'
  const cluster = await LocalCluster.start({ nworkers: 1 })
  const client = await cluster.client()
  console.log(cluster.workers[0].pid)`

/** Runs a program with a local cluster; returns what it prints after it has started. */
async function runWithCluster(source: string) {
  const { code, stdout, stderr } = await runFile(`${start}\n${source}`)
  const [pid, ...lines] = stdout.split('\n')
  await until('its worker has ended', () => !isAlive(Number(pid)))
  return { code, lines: lines.filter((line) => line !== ''), stderr }
}

describe.concurrent('a program with a local cluster that it does not close', () => {
  test('ends when nothing is left to do', async () => {
    const { code, lines, stderr } = await runWithCluster(`
      const slow = (x) => new Promise((resolve) => setTimeout(() => resolve(x), 100))
      console.log(await client.submit(slow, 1).result())
      // Futures that nobody awaits.
      client.map(async (x) => console.log(await x()), [() => 2, () => slow(3)])
      // After a time in which nothing is awaited.
      const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
      setTimeout(async () => {
        console.log(await client.get({ a: [slow, 4] }, 'a'))
        console.log((await client.workers()).length)
        console.log(...await client.gather([client.submit(slow, 6)]))
        for await (const future of client.asCompleted(client.map(slow, [7]))) console.log(future.status)
        const [future] = client.scatter([8])
        await client.wait(future)
        await wait(300)
        console.log(await future.result())
        await cluster.client().then((second) => second.submit(slow, 9).result()).then(console.log)
      }, 800)
      let n = 10
      process.on('beforeExit', () => {
        if (n < 12) client.submit(slow, n++).result().then(console.log)
      })`)
    expect(lines).toEqual(['1', '2', '3', '4', '1', '6', 'finished', '8', '9', '10', '11'])
    expect([code, stderr]).toEqual([0, ''])
  })

  test('ends if a client of it was connected by its address', async () => {
    const { code, lines } = await runWithCluster(`
      import { Client } from 'skein'
      const { addressToClients } = cluster.scheduler
      for (const address of [addressToClients, addressToClients.replace('127.0.0.1', 'localhost')]) {
        const other = await Client.connect(address)
        console.log(await other.submit((x) => x + 1, 1).result())
      }`)
    expect([code, lines]).toEqual([0, ['2', '2']])
  })

  test('ends with code 1 after an error in the middle', async () => {
    const { code, stderr } = await runWithCluster(`
      await client.submit((x) => x, 1).result()
      throw new RangeError('in the middle')`)
    expect(code).toBe(1)
    expect(stderr).toContain('RangeError: in the middle')
  })

  test('ends after an error that it catches, and after the clients of other programs', async () => {
    const { code, lines } = await runWithCluster(`
      import { spawn } from 'node:child_process'
      const other = "import { Client } from 'skein'\\n" +
        "const client = await Client.connect(process.argv[1])\\n" +
        "for (const x of [1, 2]) console.log(await client.submit((x) => " +
        "new Promise((resolve) => setTimeout(() => resolve(x), 400)), x).result())"
      const main = async () => {
        const args = ['--input-type=module', '-e', other, cluster.scheduler.addressToClients]
        spawn(process.execPath, args, { stdio: 'inherit' }).unref()
        while ((await client.schedulerInfo()).clients < 2) await new Promise((r) => setTimeout(r, 20))
        await client.submit(() => { throw new Error('of a task') }).result()
      }
      main().catch((error) => { process.exitCode = 3; console.log(error.cause.message) })`)
    expect([code, lines.sort()]).toEqual([3, ['1', '2', 'of a task']])
  })
})

describe('a program with a client of a scheduler in another process', () => {
  let scheduler: Scheduler
  let worker: Worker
  beforeAll(async () => {
    scheduler = await Scheduler.start()
    worker = await Worker.start({ scheduler: scheduler.addressToWorkers })
  })
  afterAll(async () => {
    await worker.close()
    await scheduler.close()
  })

  test('ends after its last line, and says goodbye', async () => {
    const { code, stdout } = await runFile(`
      import { Client } from 'skein'
      const client = await Client.connect('${scheduler.addressToClients}')
      console.log(await client.submit((x) => x + 1, 1).result())
      setTimeout(() => client.submit((x) => x, 5).result().then(console.log), 400)
      const pending = client.submit(() => new Promise((resolve) => setTimeout(resolve, 800)))
      process.on('exit', () => console.log(pending.done()))`)
    expect([code, stdout]).toEqual([0, '2\n5\ntrue\n'])
    await until('the scheduler has forgotten the client', () => scheduler.info().clients === 0)
  })
})
