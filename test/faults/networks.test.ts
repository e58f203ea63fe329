/** Networks that are slow, that break, and in which workers can reach only the scheduler. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runnableFile } from '../../core/base/package-root.js'
import { Client } from '../../distributed/client/client.js'
import { afterwards, Cluster, Folder, freePort, isQuiet, Passage, until } from './support.js'

/** A graph whose second layer reads all of the first; its tasks take some time. */
function allToAll(width: number, size: number, ms: number) {
  const graph: Record<string, unknown> = {}
  const part = async (i: number, size: number, ms: number) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    return new Float64Array(size).fill(i)
  }
  const sum = (parts: readonly Float64Array[]) =>
    parts.reduce((total, x) => total + x[0]! * x.length, 0)
  const parts = Array.from({ length: width }, (_, i) => `part${i}`)
  const keys = Array.from({ length: width }, (_, i) => `sum${i}`)
  for (const [i, key] of parts.entries()) graph[key] = [part, i, size, ms]
  for (const key of keys) graph[key] = [sum, parts]
  return { graph, keys, expected: keys.map(() => (size * width * (width - 1)) / 2) }
}

const portOf = (address: string) => Number(address.split(':').at(-1))

/** A scheduler whose workers are connected to it and to one another through relays. */
async function behindPassages(nworkers: number, delay: number) {
  const cluster = await Cluster.start(0)
  const passages: Passage[] = []
  const pass = async (port: number) => {
    const passage = await Passage.to(port, Number.POSITIVE_INFINITY, delay)
    passages.push(passage)
    return passage.address
  }
  const scheduler = await pass(portOf(cluster.addressToWorkers))
  const direct = cluster.addressToWorkers
  cluster.addressToWorkers = scheduler
  for (let i = 0; i < nworkers; i++) {
    const port = await freePort()
    await cluster.addWorker('--port', `${port}`, '--contact-address', await pass(port))
  }
  cluster.addressToWorkers = direct
  const client = await cluster.client()
  await cluster.workersAre(client, nworkers)
  return { cluster, client, passages }
}

test('a slow network does not change the results', async () => {
  const { client } = await behindPassages(2, 40)
  const { graph, keys, expected } = allToAll(10, 20_000, 0)
  expect(await client.get(graph, keys)).toEqual(expected)
  await isQuiet(client)
})

test('connections that break repeatedly do not change the results, and no task fails for them', async () => {
  const { cluster, client, passages } = await behindPassages(2, 1)
  const { graph, keys, expected } = allToAll(12, 20_000, 10)
  let breaks = 0
  for (let round = 0; round < 4; round++) {
    const computing = client.get(graph, keys)
    const breaking = setTimeout(() => {
      for (const passage of passages) breaks += passage.breakAll()
    }, 60 * round)
    expect(await computing).toEqual(expected)
    clearTimeout(breaking)
  }
  expect(breaks).toBeGreaterThan(0)
  // A task does not fail because its worker is unreachable four times while it runs.
  const folder = new Folder()
  const waitForFile = async (folder: string) => {
    const fs = await import('node:fs')
    fs.writeFileSync(`${folder}/run-${fs.readdirSync(folder).length}`, '')
    while (!fs.existsSync(`${folder}/go`)) await new Promise((r) => setTimeout(r, 5))
    return 'done'
  }
  const computing = client.get({ x: [waitForFile, folder.path] }, 'x')
  for (let times = 1; times <= 4; times++) {
    await until('it runs', () => folder.names('run-').length >= times)
    for (const passage of passages) passage.shut()
    await cluster.workersAre(client, 0)
    for (const passage of passages) passage.open()
    await cluster.workersAre(client, 2)
    await until('it runs again', () => folder.names('run-').length > times)
  }
  folder.write('go')
  expect(await computing).toBe('done')
  for (const worker of cluster.workers) expect(worker.process.exitCode).toBe(null)
  await isQuiet(client)
})

// Namespaces ---------------------------------------------------------------------------------------

const id = `skein${process.pid % 100_000}`
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' })

/** Why namespaces cannot be made here; undefined if they can. */
function obstacle(): string | undefined {
  try {
    ip('netns', 'add', `${id}t`)
    try {
      ip('-n', `${id}t`, 'link', 'add', 'probe', 'type', 'veth', 'peer', 'name', 'eborp')
    } finally {
      ip('netns', 'delete', `${id}t`)
    }
    return undefined
  } catch (error) {
    return `network namespaces cannot be made here: ${String((error as Error).message).split('\n')[0]}`
  }
}
const why = obstacle()

/** Removes the namespaces of tests that were killed, whose networks would be in the way. */
function removeStale(): void {
  for (const [name, pid] of String(ip('netns', 'list')).matchAll(/^skein(\d+)[hlr]\b/gm))
    if (!existsSync(`/proc/${pid}`)) ip('netns', 'delete', name)
}

/** A network that no other running test uses. */
function freeNetwork(): number {
  const taken = String(ip('-brief', 'address'))
  const free = (net: number): boolean => !taken.includes(` 10.77.${net}.`)
  for (let i = 0; i < 80; i++) if (free((process.pid + i) % 80)) return (process.pid + i) % 80
  throw new Error('All networks from 10.77.0 to 10.77.79 are taken')
}

/** Connects two namespaces, or this one with another, by a network of its own. */
function wire(net: number, [a, aName]: [string, string], [b, bName]: [string, string]): void {
  ip('link', 'add', aName, 'type', 'veth', 'peer', 'name', bName)
  for (const [ns, name, last] of [
    [a, aName, 1],
    [b, bName, 2],
  ] as const) {
    const into = ns === '' ? [] : ['-n', ns]
    if (ns !== '') ip('link', 'set', name, 'netns', ns)
    ip(...into, 'addr', 'add', `10.77.${net}.${last}/24`, 'dev', name)
    ip(...into, 'link', 'set', name, 'up')
  }
}

async function startIn(ns: string, args: string[], pattern: RegExp): Promise<string> {
  const cli = fileURLToPath(runnableFile('distributed/cli/cli'))
  const child: ChildProcess = spawn('ip', ['netns', 'exec', ns, process.execPath, cli, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  afterwards(async () => {
    child.kill('SIGKILL')
    await ended
  })
  let output = ''
  child.stdout!.on('data', (data) => (output += data))
  await until(`${pattern} in ${ns}`, () => pattern.test(output))
  return pattern.exec(output)![1]!
}

test.skipIf(why !== undefined)(
  `machines that see the scheduler and not one another${why === undefined ? '' : ` (skipped: ${why})`}`,
  async () => {
    const [hub, left, right] = [`${id}h`, `${id}l`, `${id}r`]
    for (const ns of [hub, left, right]) {
      ip('netns', 'add', ns)
      afterwards(() => ip('netns', 'delete', ns))
      ip('-n', ns, 'link', 'set', 'lo', 'up')
    }
    removeStale()
    const base = freeNetwork()
    wire(base, ['', `${id}a`], [hub, `${id}b`])
    wire(base + 80, [hub, `${id}c`], [left, `${id}d`])
    wire(base + 160, [hub, `${id}e`], [right, `${id}f`])
    // Messages between the workers go to the hub, which does not forward them.
    ip('-n', left, 'route', 'add', 'default', 'via', `10.77.${base + 80}.1`)
    ip('-n', right, 'route', 'add', 'default', 'via', `10.77.${base + 160}.1`)
    const ports = [await freePort(), await freePort()].map(String) as [string, string]
    await startIn(
      hub,
      [
        'scheduler',
        '--host',
        '0.0.0.0',
        '--insecure',
        '--port-to-workers',
        ports[0],
        '--port-to-clients',
        ports[1],
      ],
      /workers at (\S+)/,
    )
    for (const [ns, net] of [
      [left, base + 80],
      [right, base + 160],
    ] as const) {
      const options = ['--host', `10.77.${net}.2`, '--insecure', '--peer-timeout', '1500']
      await startIn(
        ns,
        ['worker', `tcp://10.77.${net}.1:${ports[0]}`, '--no-nanny', ...options],
        /data at (\S+),/,
      )
    }
    const client = await Client.connect(`tcp://10.77.${base}.2:${ports[1]}`)
    afterwards(() => client.close())
    await until(
      'both workers are there',
      async () => (await client.schedulerInfo()).workers.length === 2,
    )
    const { graph, keys, expected } = allToAll(8, 50_000, 20)
    expect(await client.get(graph, keys)).toEqual(expected)
    expect((await client.schedulerInfo()).relayed).toBeGreaterThan(0)
    await isQuiet(client)
  },
)
