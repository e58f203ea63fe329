/** Clients that are killed, and addresses where nobody listens, that are in use, or of another version. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runnableFile } from '../../core/base/package-root.js'
import type { StoredValue } from '../../core/graph/stored-value.js'
import { Client } from '../../distributed/client/client.js'
import { Worker } from '../../distributed/worker/worker.js'
import {
  afterwards,
  Cluster,
  Command,
  errorOf,
  Folder,
  footprint,
  freePort,
  isQuiet,
  until,
} from './support.js'

const add = (a: number, b: number) => a + b
const built = fileURLToPath(new URL('.', runnableFile('index')))
const cli = fileURLToPath(runnableFile('distributed/cli/cli'))

/** Starts a user's program, which is killed after the test if it still runs. */
function program(source: string, ...args: string[]) {
  const text = source.replaceAll("'skein'", `'${runnableFile('index').href}'`)
  const child = spawn(process.execPath, ['--input-type=module', '-e', text, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  afterwards(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended }
}

/** A program that names a collection and starts a computation that does not end. */
const neverEnding = `
  import { Client, db } from 'skein'
  const [address, folder] = process.argv.slice(1)
  const client = await Client.connect(address)
  await client.setCollection('kept', db.range(10, { npartitions: 2 }).map((x) => x * 3))
  const never = async (folder, data) => {
    const fs = await import('node:fs')
    fs.writeFileSync(folder + '/begun', '')
    return new Promise(() => {})
  }
  const make = () => new Float64Array(100_000).fill(1)
  await client.get({ data: [make], never: [never, folder, 'data'] }, 'never')`

test('the results of a killed client are released, and its named collections stay', async () => {
  const cluster = await Cluster.start(0, '--client-timeout', '3000')
  const data = new Map<string, StoredValue>()
  const worker = await Worker.start({ scheduler: cluster.addressToWorkers, data })
  afterwards(() => worker.close())
  const client = await cluster.client()
  await cluster.workersAre(client, 1)
  const before = footprint(cluster.scheduler.pid)
  for (let round = 0; round < 2; round++) {
    const folder = new Folder()
    const { child, ended } = program(neverEnding, cluster.addressToClients, folder.path)
    await until('the computation runs', () => folder.has('begun'))
    expect(data.size).toBe(1)
    expect(await client.schedulerInfo()).toMatchObject({ runs: 1, clients: 2 })
    child.kill('SIGKILL')
    await ended
    await until('the client and its runs are removed', async () => {
      const { runs, clients } = await client.schedulerInfo()
      return runs === 0 && clients === 1
    })
    await until('the worker holds nothing', () => data.size === 0)
    // The thread that ran its task is free again.
    expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
    const kept = await client.getCollection('kept')
    expect(
      await (kept as unknown as { compute(o: object): Promise<unknown> }).compute({
        get: client.get,
      }),
    ).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27])
  }
  await until('the worker holds nothing', () => data.size === 0)
  await until('the connections are closed', () => {
    return footprint(cluster.scheduler.pid).files <= before.files + 1
  })
})

test('killing a client while it sends or receives disturbs no other client', async () => {
  const cluster = await Cluster.start(1, '--client-timeout', '3000')
  const client = await cluster.client()
  await cluster.workersAre(client, 1)
  const busy = `
    import { Client } from 'skein'
    const client = await Client.connect(process.argv[1])
    const same = (x) => x
    process.stdout.write('begun')
    for (;;) {
      const graph = {}
      for (let i = 0; i < 50; i++) graph['x' + i] = [same, new Float64Array(20_000).fill(i)]
      await client.get(graph, Object.keys(graph))
    }`
  for (let round = 0; round < 3; round++) {
    const { child, ended } = program(busy, cluster.addressToClients)
    await once(child.stdout!, 'data')
    await until('the client is connected', async () => (await client.schedulerInfo()).clients === 2)
    await until('the computation runs', async () => (await client.schedulerInfo()).runs > 0)
    child.kill('SIGKILL')
    await ended
    expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
    await until('the client is removed', async () => (await client.schedulerInfo()).clients === 1)
  }
  await isQuiet(client)
})

test('a client that times out is removed, and continues its runs when it comes back', async () => {
  const cluster = await Cluster.start(1, '--client-timeout', '4000')
  const client = await cluster.client()
  const folder = new Folder()
  const { child } = program(neverEnding, cluster.addressToClients, folder.path)
  await until('the computation runs', () => folder.has('begun'))
  child.kill('SIGSTOP')
  await until('the client is removed', async () => {
    const { runs, clients } = await client.schedulerInfo()
    return runs === 0 && clients === 1
  })
  expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
  child.kill('SIGCONT')
  await until('the client is back', async () => (await client.schedulerInfo()).runs === 1)
})

test('a port in use is an error that names the port', async () => {
  const cluster = await Cluster.start(1)
  const port = cluster.addressToWorkers.split(':').at(-1)!
  const peer = /data at \S+:(\d+),/.exec(cluster.workers[0]!.output)![1]!
  for (const args of [
    ['scheduler', '--port-to-workers', port],
    ['scheduler', '--port-to-clients', port],
    ['worker', cluster.addressToWorkers, '--port', peer],
  ]) {
    const command = new Command(...args)
    afterwards(() => command.process.kill('SIGKILL'))
    expect((await command.ended).code).toBe(1)
    expect(command.errors).toMatch(new RegExp(`:${args.at(-1)}: another program listens there`))
    expect(command.errors).not.toMatch(/\n {4}at /)
  }
})

test('a wrong address is an error within the timeout, which names the address', async () => {
  const cluster = await Cluster.start(1)
  const nobody = `tcp://127.0.0.1:${await freePort()}`
  const silent = await import('node:net').then(({ createServer }) => createServer(() => {}))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  afterwards(() => silent.close())
  const { port } = silent.address() as { port: number }
  const peer = /data at (\S+),/.exec(cluster.workers[0]!.output)![1]!
  for (const address of [
    nobody,
    // A server that does not answer, an unknown hostname, the endpoint for workers, a worker.
    `tcp://127.0.0.1:${port}`,
    'tcp://no-such-machine.invalid:5555',
    cluster.addressToWorkers,
    peer,
  ]) {
    const start = performance.now()
    const error = await errorOf(Client.connect(address, { timeout: 500 }), 20_000)
    expect(error).toMatchObject({ code: 'CONNECTION', address })
    expect(String(error)).toContain(address)
    // The endpoint for workers answers with the address of the endpoint for clients.
    if (address === cluster.addressToWorkers) {
      expect(String(error)).toContain(`clients connect to ${cluster.addressToClients}`)
    }
    expect(performance.now() - start).toBeLessThan(15_000)
  }
})

test('a worker that connects to the endpoint for clients gets the right address and ends', async () => {
  const cluster = await Cluster.start(0)
  const worker = new Command('worker', cluster.addressToClients)
  afterwards(() => worker.process.kill('SIGKILL'))
  expect((await worker.ended).code).toBe(1)
  expect(worker.errors).toContain(`workers connect to ${cluster.addressToWorkers}`)
  expect((await (await cluster.client()).schedulerInfo()).clients).toBe(1)
})

test('a worker and a client of another version are refused with both versions in the error', async () => {
  const cluster = await Cluster.start(0)
  const folder = mkdtempSync(join(tmpdir(), 'skein-other-version-'))
  afterwards(() => rmSync(folder, { recursive: true, force: true }))
  const manifest = JSON.parse(readFileSync(join(built, '..', 'package.json'), 'utf8')) as object
  const ours = (manifest as { version: string }).version
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, version: '9.9.9' }))
  cpSync(built, join(folder, 'dist'), { recursive: true })
  symlinkSync(join(built, '..', 'node_modules'), join(folder, 'node_modules'))
  const otherCli = join(folder, 'dist', cli.slice(built.length))
  const other = spawn(process.execPath, [otherCli, 'worker', cluster.addressToWorkers], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  afterwards(() => other.kill('SIGKILL'))
  let errors = ''
  other.stderr.on('data', (data) => (errors += data))
  expect((await once(other, 'exit'))[0]).toBe(1)
  expect(errors).toContain('skein 9.9.9')
  expect(errors).toContain(`skein ${ours}`)
  const { child } = program(
    `import { Client } from '${join(folder, 'dist', 'index.js')}'
     const error = await Client.connect(process.argv[1]).catch((e) => e)
     console.log(error.code + ' ' + error.message)`,
    cluster.addressToClients,
  )
  let printed = ''
  child.stdout!.on('data', (data) => (printed += data))
  await once(child, 'exit')
  expect(printed).toMatch(/^VERSION_MISMATCH /)
  expect(printed).toContain('skein 9.9.9')
  expect(printed).toContain(`skein ${ours}`)
  await until('the scheduler has logged both', () => {
    return cluster.scheduler.errors.split('skein 9.9.9').length === 3
  })
})
