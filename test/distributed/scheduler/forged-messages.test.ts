/** Messages of programs that speak ZeroMQ, and claim to be or to know a worker or client that they are not. */
import { hostname } from 'node:os'
import { afterAll, expect, test } from 'vitest'
import { Dealer } from 'zeromq'
import type { Client } from '../../../distributed/client/client.js'
import { clientHello } from '../../../distributed/client/client-hello.js'
import * as shapes from '../../../distributed/protocol/message-shapes.js'
import { ownVersions } from '../../../distributed/protocol/version.js'
import type { Scheduler } from '../../../distributed/scheduler/scheduler.js'
import { fromFrames, toFrames } from '../../../distributed/transport/framing.js'
import { Worker } from '../../../distributed/worker/worker.js'
import { useOneWorker, useStderrLines } from '../one-worker.js'
import { until } from '../support.js'

let scheduler: Scheduler
let worker: Worker
let client: Client
const lines = useStderrLines()
const sockets: Dealer[] = []

useOneWorker((cluster) => {
  ;({ scheduler, worker, client } = cluster)
})

afterAll(() => {
  for (const socket of sockets) socket.close()
})

interface Message {
  readonly op: string
  readonly [field: string]: unknown
}

function connect(address: string, routingId: string): Dealer {
  const socket = new Dealer({ linger: 0, sendHighWaterMark: 0, routingId })
  socket.connect(address)
  sockets.push(socket)
  return socket
}

const send = (socket: Dealer, session: string, ...messages: object[]) =>
  socket.send(toFrames({ session, number: 0, messages }))

async function answer(socket: Dealer): Promise<Message> {
  const frames = await socket.receive()
  const known = [shapes.schedulerToClient, shapes.schedulerToWorker]
  for (const shape of known) {
    const envelope = fromFrames<Message>(frames, shape)
    if (envelope !== undefined) return envelope.messages[0]!
  }
  throw new Error('The answer has no known form')
}

async function works(): Promise<void> {
  expect(await client.get({ x: [(n: number) => n + 1, 41] }, 'x')).toBe(42)
  expect(scheduler.info().workers.map(({ name }) => name)).toEqual([worker.name])
}

test('an exit report counts only with the secret of its worker', async () => {
  const socket = connect(scheduler.addressToWorkers, 'reporter')
  const report = { op: 'exit-report', code: null, signal: 'SIGKILL' }
  const about = { pid: process.pid, hostname: hostname() }
  const secrets = ['', 'x', worker.name, `process ${process.pid} ${hostname()}`, 'x'.repeat(10_000)]
  for (const secret of secrets) await send(socket, '', { ...report, ...about, secret })
  const before = scheduler.info().dropped
  // Without a secret; many at once; and more than a peer without a session may send.
  await send(socket, '', { ...report, ...about })
  await send(socket, '', ...Array.from({ length: 100 }, () => ({ ...report, secret: 'x' })))
  await send(socket, '', ...Array.from({ length: 60_000 }, () => ({ ...report, secret: 'x' })))
  await until('they were received', () => scheduler.info().dropped === before + 3)
  await works()
  expect(lines.filter((line) => line.includes('ignored an exit report'))).toHaveLength(1)
  expect(lines).toHaveLength(4)

  // The report of a worker about itself removes that worker alone, whatever process it claims to be.
  const versions = ownVersions()
  const hello = { op: 'hello', versions, nonce: 'n', ...about, secret: 'own', name: 'intruder' }
  const facts = { nthreads: 1, address: worker.address, includeKeys: false, resources: {} }
  await send(socket, '', { ...hello, ...facts })
  expect(await answer(socket)).toMatchObject({ op: 'welcome' })
  await send(socket, '', { ...report, secret: 'own' })
  await until('it has left', () => scheduler.info().workers.length === 1)
  await works()
})

test('a report with the secret of a worker removes that worker, with the exit code', async () => {
  const other = await Worker.start({ scheduler: scheduler.addressToWorkers, nthreads: 1 })
  await other.ready
  const { secret } = other
  const socket = connect(scheduler.addressToWorkers, 'nanny')
  await send(socket, '', { op: 'exit-report', secret, code: 137, signal: null })
  const line = /its process ended with .*137/
  await until('it was removed', () => lines.some((text) => line.test(text)))
  await other.close()
  await works()
})

test('a client cannot take the session or the results of another client', async () => {
  const future = client.submit((x: number) => x * 2, 21)
  expect(await future.result()).toBe(42)
  const story = await client.story(future)
  const { dropped } = scheduler.info()
  // Everybody may know the name of a client: it is part of the names of its runs.
  const { clients } = scheduler.dump() as unknown as { clients: { name: string }[] }
  const [{ name }] = clients as [{ name: string }]
  expect(story).toBeDefined()
  const socket = connect(scheduler.addressToClients, `client-${name}`)
  const hello = clientHello('a secret of its own', 'n')
  await send(socket, '', { ...hello, name })
  await send(socket, '', { ...hello, name, secret: name })
  await send(socket, '', { ...hello, name, nonce: 'm', secret: '' })
  await until('they were dropped', () => scheduler.info().dropped === dropped + 3)
  expect(lines.join('')).toContain('is a hello with the name of another client')
  // Messages in a session that is not its own are answered once, and not carried out.
  for (let i = 0; i < 100; i++) await send(socket, `s${i}`, { op: 'cancel-run', run: 0 })
  expect(await answer(socket)).toEqual({ op: 'unknown', session: 's0' })
  // In a session of its own, the numbers of runs are those of its own runs.
  await send(socket, '', { ...hello, nonce: 'own' })
  expect(await answer(socket)).toMatchObject({ op: 'welcome', runs: new Int32Array(0) })
  expect(scheduler.info().clients).toBe(2)
  expect(await future.result()).toBe(42)
  await works()
})

test('versions that another program sends are logged in a short line', async () => {
  const socket = connect(scheduler.addressToWorkers, 'strange')
  const versions = { protocol: { a: 1 }, skein: 'x'.repeat(3000), node: null }
  await send(socket, '', { op: 'hello', nonce: 'n', versions, role: 'x'.repeat(1000) })
  expect(await answer(socket)).toMatchObject({ op: 'refused' })
  expect(lines).toHaveLength(1)
  expect(lines[0]!.length).toBeLessThan(300)
})
