/** Connections of web pages, port scanners and old versions of ZeroMQ to the sockets of a cluster. */
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { AwaitedCount } from '../../../distributed/base/awaited-count.js'
import type { Client } from '../../../distributed/client/client.js'
import { ownVersions } from '../../../distributed/protocol/version.js'
import type { Scheduler } from '../../../distributed/scheduler/scheduler.js'
import { DealerSocket, RouterSocket } from '../../../distributed/transport/zmq.js'
import type { Worker } from '../../../distributed/worker/worker.js'
import { useOneWorker, useStderrLines } from '../one-worker.js'
import { until } from '../support.js'
import {
  httpPost,
  portOf,
  RawConnection,
  sessionless,
  zmtp1,
  zmtp1Signed,
  zmtp2,
} from './raw-connections.js'

let scheduler: Scheduler
let worker: Worker
let client: Client
const lines = useStderrLines()

useOneWorker((cluster) => {
  ;({ scheduler, worker, client } = cluster)
})

const hello = {
  ...{ op: 'hello', versions: ownVersions(), nonce: 'n', pid: 1, hostname: 'h', name: 'intruder' },
  ...{ nthreads: 1, address: 'tcp://127.0.0.1:1', includeKeys: false, resources: {} },
}

/** A message of as many exit reports as fit in 3 MB. */
function exitReports(): Uint8Array[] {
  const { pid } = process
  const report = { op: 'exit-report', pid, hostname: 'h', code: 1, signal: null, secret: '' }
  return sessionless(...Array.from({ length: 60_000 }, () => report))
}

async function works(): Promise<void> {
  expect(await client.get({ x: [(n: number) => n + 1, 41] }, 'x')).toBe(42)
  const { workers, clients, dropped } = scheduler.info()
  expect([workers.map(({ pid }) => pid), clients, dropped]).toEqual([[process.pid], 1, 0])
}

test('HTTP requests and ZMTP 1 and 2 are refused by every endpoint, and nothing that they send is read', async () => {
  const endpoints = [scheduler.addressToWorkers, scheduler.addressToClients, worker.address]
  for (const address of endpoints) {
    const messages = [sessionless(hello), sessionless({ op: 'dance' }), exitReports()]
    const connections = [
      httpPost(address, ...messages),
      zmtp1('intruder', ...messages),
      zmtp1Signed('intruder', ...messages),
      zmtp2('intruder', ...messages),
      Buffer.from(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${portOf(address)}\r\n\r\n`),
      // The beginning of a TLS handshake.
      Buffer.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...Buffer.alloc(500, 7)),
    ].map((bytes) => new RawConnection(address, bytes))
    await until('all are closed', () => connections.every(({ isClosed }) => isClosed))
    // The signature of a greeting at most: a web page could not read it anyway.
    for (const { received } of connections) expect(received.length).toBeLessThan(15)
  }
  await works()
  const line = (address: string, who: string) =>
    new RegExp(
      `skein ${who}: refused (a connection|\\d+ connections) to ${address}: .* does not speak .*ZMTP 3`,
    )
  const wanted = [
    line(scheduler.addressToWorkers, 'scheduler'),
    line(scheduler.addressToClients, 'scheduler'),
    line(worker.address, 'worker'),
  ]
  await until('it was logged', () => wanted.every((re) => lines.some((text) => re.test(text))))
  expect(lines).toHaveLength(wanted.length)
})

test('a cluster works while it is flooded with requests, garbage and connections that send little', async () => {
  const { addressToWorkers, addressToClients } = scheduler
  const garbage = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 251)
  const greeting = Buffer.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1)
  const endless = Buffer.concat([
    ...[greeting, Buffer.from('NULL'), Buffer.alloc(48)],
    // A command of 2^62 bytes.
    Buffer.of(6, 0x40, 0, 0, 0, 0, 0, 0, 0, ...Buffer.alloc(1000)),
  ])
  const post = httpPost(addressToWorkers, exitReports())
  expect(post.length).toBeGreaterThan(3e6)
  const held: RawConnection[] = []
  const before = process.memoryUsage.rss()
  for (let round = 0; round < 10; round++) {
    for (const address of [addressToWorkers, addressToClients, worker.address]) {
      const open = (bytes: Uint8Array) => new RawConnection(address, bytes)
      const closed = [open(post), open(garbage), open(Buffer.from([0xff, ...garbage]))]
      for (let i = 0; i < 5; i++) {
        held.push(open(Buffer.of(0xff)), open(greeting.subarray(0, 3 + round)), open(endless))
        open(Buffer.alloc(0)).socket.destroy()
      }
      for (const { socket } of held) if (!socket.destroyed) socket.write(Buffer.of(0))
      await until('the others are closed', () => closed.every(({ isClosed }) => isClosed))
    }
    await works()
  }
  expect(process.memoryUsage.rss() - before).toBeLessThan(200e6)
  for (const { socket } of held) socket.destroy()
  await works()
  // The lines of the first test are less than a minute old.
  expect(lines).toEqual([])
})

test('a worker or client does not read what a server of another protocol answers', async () => {
  const answers = [
    Buffer.from('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'),
    zmtp1('server', sessionless({ op: 'goodbye' })),
    zmtp2('server', sessionless({ op: 'goodbye' })),
  ]
  for (const answer of answers) {
    let connections = 0
    const server = createServer((socket) => {
      connections++
      socket.on('error', () => {})
      socket.write(answer)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const received: unknown[] = []
    const onError = (error: unknown) => received.push(error)
    const socket = new DealerSocket(`tcp://127.0.0.1:${port}`, 'me', {
      onMessage: (frames) => received.push(frames),
      onError,
    })
    await until('it has tried again', () => connections > 1)
    expect(received).toEqual([])
    await socket.close(false)
    server.close()
  }
})

test('sockets that do not keep the process alive report refused connections too', async () => {
  let [refused, broken] = [0, 0]
  const events = {
    onMessage: () => {},
    onError: () => broken++,
    onRefused: (n: number) => (refused += n),
  }
  const socket = await RouterSocket.bind('tcp://127.0.0.1:*', events, {
    awaited: new AwaitedCount(),
  })
  const peer = new DealerSocket(socket.bound, 'peer', {
    onMessage: () => {},
    onError: () => broken++,
  })
  const first = [1, 2, 3].map(() => new RawConnection(socket.bound, httpPost(socket.bound)))
  // Events are read once a second, by one observer after another.
  const start = performance.now()
  await until('events were read', () => performance.now() - start > 1100)
  const connections = [...first, new RawConnection(socket.bound, zmtp2('intruder'))]
  await until('they are reported', () => refused === connections.length)
  expect(connections.every(({ isClosed }) => isClosed)).toBe(true)
  expect(broken).toBe(0)
  await peer.close()
  await socket.close()
})
