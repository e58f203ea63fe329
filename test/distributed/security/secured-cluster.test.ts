/** Clusters with keys: who is accepted, what others are told, and that a computation is not disturbed by them. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Dealer } from 'zeromq'
import { runnableFile } from '../../../core/base/package-root.js'
import { newKeyPair } from '../../../distributed/base/curve-keys.js'
import { withKey } from '../../../distributed/security/allowed-keys.js'
import {
  readAllowed,
  readPeerKeys,
  writeAllowed,
  writeKeys,
} from '../../../distributed/security/key-files.js'
import {
  CancelledError,
  Client,
  ConnectionError,
  getClient,
  Scheduler,
  Worker,
} from '../../../index.js'
import { Command, until } from '../support.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-secured-'))
const own = newKeyPair()
let scheduler: Scheduler
let workers: Worker[]

function makeKeys(name: string, role?: 'client' | 'worker'): string {
  const pair = newKeyPair()
  const file = writeKeys(folder, name, { ...pair, serverKey: own.publicKey })
  if (role !== undefined)
    writeAllowed(folder, withKey(readAllowed(folder), { name, publicKey: pair.publicKey, role }))
  return file
}

function revoke(name: string): void {
  writeAllowed(
    folder,
    readAllowed(folder).filter((key) => key.name !== name),
  )
}

beforeAll(async () => {
  writeKeys(folder, 'scheduler', own)
  for (const role of ['client', 'worker'] as const) makeKeys(role, role)
  scheduler = await Scheduler.start({ keys: folder })
  workers = await Promise.all(
    [1, 2].map(() => Worker.start({ scheduler: scheduler.addressToWorkers, keys: folder })),
  )
  await Promise.all(workers.map(({ ready }) => ready))
})

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.close()))
  await scheduler.close()
  rmSync(folder, { recursive: true })
})

test('graphs run, workers pass results to each other, and tasks have clients', async () => {
  await using client = await Client.connect(scheduler.addressToClients, { keys: folder })
  expect(await client.get({ a: 41, b: [(x: number) => x + 1, 'a'] }, 'b')).toBe(42)
  const names = workers.map(({ name }) => name)
  const parts = names.map((name) =>
    client.submitWith({ workers: [name] }, (n: number) => new Float64Array(n).fill(1), 100_000),
  )
  const total = client.submitWith(
    { workers: [names[0]!] },
    (a: Float64Array, b: Float64Array) => a.length + b.length,
    parts[0]!,
    parts[1]!,
  )
  expect(await total.result()).toBe(200_000)
  expect(scheduler.info().relayed).toBe(0)
  const nested = client.submit(() =>
    getClient()
      .submit((x: number) => x * 2, 21)
      .result(),
  )
  expect(await nested.result()).toBe(42)
})

describe('others are told within a second', () => {
  const tried = async (connecting: Promise<Client>): Promise<string> => {
    const start = performance.now()
    const error = await connecting.then(
      () => undefined,
      (e: unknown) => e,
    )
    expect(performance.now() - start).toBeLessThan(1500)
    expect(error).toBeInstanceOf(ConnectionError)
    return (error as Error).message
  }

  test.each([
    ['no keys', (): null => null, 'needs keys, and this client has none'],
    ['a key that is not accepted', (): string => makeKeys('stranger'), 'does not accept the key'],
    ['the key of a worker', (): string => join(folder, 'worker.key'), 'does not accept the key'],
    [
      'another key of the scheduler',
      () => ({ ...readPeerKeys(join(folder, 'client.key')), serverKey: newKeyPair().publicKey }),
      'does not have the public key',
    ],
  ] as const)('%s', async (_, keys, message) => {
    const connecting = Client.connect(scheduler.addressToClients, { keys: keys() })
    expect(await tried(connecting)).toContain(message)
  })

  test('keys for a scheduler without any', async () => {
    await using plain = await Scheduler.start({ keys: null })
    const connecting = Client.connect(plain.addressToClients, { keys: folder })
    expect(await tried(connecting)).toContain('has no keys, and this client has some')
    // Others of this process are not affected.
    await using client = await Client.connect(plain.addressToClients)
    expect(client.toString()).toContain('connected')
  })

  test('a worker', async () => {
    const keys = makeKeys('strange-worker')
    const worker = await Worker.start({ scheduler: scheduler.addressToWorkers, keys })
    await expect(worker.ready).rejects.toThrow('does not accept the key')
  })

  test('a worker of the command, which ends', async () => {
    const keys = join(folder, 'client.key')
    const worker = new Command('worker', scheduler.addressToWorkers, '--keys', keys)
    expect(await worker.ended).toEqual({ code: 1, signal: null })
    expect(worker.errors).toContain('does not accept the key')
  })
})

test('a revoked client is cut off, and can be accepted again', async () => {
  const keys = makeKeys('alice', 'client')
  const { publicKey } = readPeerKeys(keys)
  const alice = await Client.connect(scheduler.addressToClients, { keys })
  const waiting = alice.submit(() => new Promise(() => {})).result()
  const start = performance.now()
  revoke('alice')
  await expect(waiting).rejects.toThrow('it does not accept the key of this client any more')
  await expect(waiting).rejects.toBeInstanceOf(CancelledError)
  expect(performance.now() - start).toBeLessThan(5000)
  await expect(Client.connect(scheduler.addressToClients, { keys })).rejects.toThrow(
    'does not accept the key',
  )
  writeAllowed(folder, withKey(readAllowed(folder), { name: 'alice', publicKey, role: 'client' }))
  await using again = await Client.connect(scheduler.addressToClients, { keys })
  expect(await again.submit(() => 1).result()).toBe(1)
  await alice.close()
})

test('a revoked worker is cut off; its tasks run elsewhere', async () => {
  await using client = await Client.connect(scheduler.addressToClients, { keys: folder })
  const keys = makeKeys('temporary', 'worker')
  const worker = await Worker.start({ scheduler: scheduler.addressToWorkers, keys })
  await worker.ready
  const part = client.submit(() => 'x'.repeat(1000))
  await part.result()
  revoke('temporary')
  await until('it is gone', () =>
    scheduler.info().workers.every(({ name }) => name !== worker.name),
  )
  await until('it is closed', () => !worker.isConnected)
  expect(await client.submit((text: string) => text.length, part).result()).toBe(1000)
  await worker.close()
})

test('the process of a revoked worker ends, and is not started again', async () => {
  const keys = makeKeys('by-command', 'worker')
  const { addressToWorkers } = scheduler
  const worker = new Command('worker', addressToWorkers, '--keys', keys, '--name', 'by-command')
  const isThere = () => scheduler.info().workers.some(({ name }) => name === 'by-command')
  await until('it has joined', isThere)
  revoke('by-command')
  expect(await worker.ended).toEqual({ code: 1, signal: null })
  expect(isThere()).toBe(false)
  expect(worker.errors).toContain('does not accept the key')
})

test('a list that cannot be read is logged, and the last one stays in use', async () => {
  const errors: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
    errors.push(String(line))
    return true
  })
  const list = readAllowed(folder)
  try {
    const { writeFileSync } = await import('node:fs')
    writeFileSync(join(folder, 'allowed.json'), '[')
    await until('it is logged', () =>
      errors.some((line) => line.includes('the list of keys cannot be read')),
    )
    await using client = await Client.connect(scheduler.addressToClients, { keys: folder })
    expect(await client.submit(() => 2).result()).toBe(2)
  } finally {
    writeAllowed(folder, list)
    write.mockRestore()
  }
})

test('attacks beside a computation: stalled, plain and foreign connections', async () => {
  await using client = await Client.connect(scheduler.addressToClients, { keys: folder })
  const clients = scheduler.info().clients
  const running = client.gather(
    client.map(
      (x: number) => x + 1,
      Array.from({ length: 2000 }, (_, i) => i),
    ),
  )
  const port = Number(scheduler.addressToClients.split(':').pop())
  const stalled = Array.from({ length: 200 }, () => connect(port, '127.0.0.1'))
  for (const socket of stalled) socket.on('error', () => {})
  // The greeting of ZMTP 3 with the mechanism CURVE, and nothing after it.
  const greeting = Buffer.alloc(64)
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1])
  greeting.write('CURVE', 12)
  for (const socket of stalled.slice(100)) socket.write(greeting)
  const plain = new Dealer({ linger: 0 })
  plain.connect(scheduler.addressToClients)
  await plain.send(['hello'])
  const stranger = newKeyPair()
  const foreign = new Dealer({
    ...{ linger: 0, curveServerKey: own.publicKey },
    ...{ curvePublicKey: stranger.publicKey, curveSecretKey: stranger.secretKey },
  })
  foreign.connect(scheduler.addressToClients)
  await foreign.send(['hello'])
  expect(await running).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1))
  expect(scheduler.info().clients).toBe(clients)
  for (const socket of stalled) socket.destroy()
  plain.close()
  foreign.close()
})

test('skein keys', async () => {
  const cli = fileURLToPath(runnableFile('distributed/cli/cli'))
  const place = join(folder, 'by-command')
  const keys = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      cli,
      'keys',
      ...args,
      '--keys',
      place,
    ])
    return stdout
  }
  const fails = (...args: string[]) =>
    keys(...args).catch((error: { stderr: string }) => error.stderr)
  expect(await fails('new', 'bob')).toContain('first run: skein keys new scheduler')
  const made = await keys('new', 'scheduler')
  expect(made).toMatch(/^Made .*scheduler\.key, with the public key \S{40}\n$/)
  expect(await keys('new', 'bob', '--role', 'client')).toContain('bob is accepted as a client')
  expect(await fails('new', 'bob')).toContain('exists already')
  await keys('allow', 'bob', '--role', 'worker')
  const list = await keys('list')
  expect(list).toMatch(/bob +\S{40} +client, worker/)
  const { secretKey } = readPeerKeys(join(place, 'bob.key'))
  for (const output of [made, list]) expect(output).not.toContain(secretKey)
  expect(await fails('revoke', 'eve')).toContain("no key 'eve' is accepted; those that are: bob")
  await keys('revoke', 'bob')
  expect(readAllowed(place)).toEqual([])
})
