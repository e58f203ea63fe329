/** Invalid messages, sent to every endpoint and to a worker. */
import { freemem } from 'node:os'
import { expect, test } from 'vitest'
import { Dealer } from 'zeromq'
import { clientNameOf } from '../../distributed/protocol/client-names.js'
import type { Submit, WorkerHello } from '../../distributed/protocol/index.js'
import * as shapes from '../../distributed/protocol/message-shapes.js'
import { packStrings } from '../../distributed/protocol/packed-strings.js'
import { ownVersions } from '../../distributed/protocol/version.js'
import { DroppedMessages } from '../../distributed/transport/dropped-messages.js'
import { fromFrames, toFrames } from '../../distributed/transport/framing.js'
import { RouterSocket } from '../../distributed/transport/zmq.js'
import { below, seeded } from '../support/random.js'
import { afterwards, Cluster, type Command, isQuiet, until } from './support.js'

const add = (a: number, b: number) => a + b

interface Received {
  readonly session: string
  readonly messages: readonly { op: string; [field: string]: unknown }[]
}

/** A socket connected to an endpoint, through which a test sends arbitrary frames. */
class RawPeer {
  readonly received: Received[] = []
  private readonly name: string
  private readonly socket: Dealer

  constructor(address: string, name: string) {
    this.name = name
    this.socket = new Dealer({ linger: 1000, sendHighWaterMark: 0, routingId: name })
    this.socket.connect(address)
    afterwards(() => this.socket.close())
    void this.listen()
  }

  private async listen(): Promise<void> {
    try {
      for await (const frames of this.socket) {
        const known = [shapes.schedulerToClient, shapes.schedulerToWorker]
        for (const shape of known) {
          const envelope = fromFrames<Received['messages'][number]>(frames, shape)
          if (envelope === undefined) continue
          this.received.push(envelope)
          break
        }
      }
    } catch {
      // The socket was closed.
    }
  }

  async send(frames: readonly (Uint8Array | string)[]): Promise<void> {
    await this.socket.send([...frames])
  }

  sendMessages(session: string, number: number, ...messages: unknown[]): Promise<void> {
    return this.send(toFrames({ session, number, messages }))
  }

  async receives(op: string): Promise<Received['messages'][number]> {
    const find = () => this.received.flatMap(({ messages }) => messages).find((m) => m.op === op)
    await until(`there is '${op}'`, () => find() !== undefined)
    return find()!
  }

  /** Sends a hello and returns the session. */
  async openSession(more: Partial<WorkerHello> = {}): Promise<string> {
    const secret = this.name
    const hello = {
      ...{ op: 'hello', versions: ownVersions(), nonce: 'n', pid: 1, hostname: 'h' },
      ...{ secret, name: clientNameOf(secret) },
    }
    await this.sendMessages('', 0, { ...hello, ...more })
    return (await this.receives('welcome')).session as string
  }
}

async function start() {
  const cluster = await Cluster.start(1)
  const client = await cluster.client()
  await cluster.workersAre(client, 1)
  const peer = /data at (\S+),/.exec(cluster.workers[0]!.output)![1]!
  const answersWell = async () => {
    expect(await client.get({ x: 1, y: [add, 'x', 2] }, 'y')).toBe(3)
    await isQuiet(client)
    const { workers } = await client.schedulerInfo()
    expect(workers.map(({ pid }) => pid)).toEqual([cluster.workers[0]!.pid])
    for (const command of [cluster.scheduler, ...cluster.workers])
      expect(command.process.exitCode).toBe(null)
  }
  return { cluster, client, peer, answersWell }
}

const lines = (command: Command, pattern: RegExp) =>
  command.errors.split('\n').filter((line) => pattern.test(line)).length

/** Makes frames that are not valid messages. */
function noise(random: () => number): (Uint8Array | string)[][] {
  const bytes = (length: number) => Uint8Array.from({ length }, () => below(random, 256))
  const envelope = (messages: unknown[]) => toFrames({ session: '', number: 0, messages })
  return [
    [''],
    ['', ''],
    [bytes(1)],
    [bytes(100)],
    [bytes(10), bytes(1000), bytes(1000)],
    // MessagePack that announces four billion items, or is nested too deeply.
    [Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff)],
    [Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff)],
    [Uint8Array.of(0xc6, 0xff, 0xff, 0xff, 0xff)],
    [new Uint8Array(1_000_000).fill(0x91)],
    [new Uint8Array(20_000_000)],
    envelope([{ op: 'dance' }]),
    envelope([{ op: 'constructor' }, { op: '__proto__' }]),
    envelope([{ op: 'finished' }]),
    envelope([{ op: 'fetch-results', tasks: 'all' }]),
    envelope([null, 1, 'x', []]),
    [...envelope([{ op: 'dance' }]), bytes(50)],
    [toFrames({ session: '', number: 0.5, messages: [] })[0]!.subarray(0, 3)],
  ]
}

test('invalid frames to the endpoints and to a worker are counted, logged once for each kind, and dropped', async () => {
  const { cluster, client, peer, answersWell } = await start()
  const random = seeded(1)
  const kinds = noise(random).length
  const rounds = 20
  for (const address of [cluster.addressToWorkers, cluster.addressToClients, peer]) {
    const raw = new RawPeer(address, 'noisy')
    for (let i = 0; i < rounds; i++) for (const frames of noise(random)) await raw.send(frames)
    if (address === peer) continue
  }
  const before = 2 * rounds * kinds
  await until('all of it is counted', async () => {
    return (await client.schedulerInfo()).dropped >= before
  })
  expect((await client.schedulerInfo()).dropped).toBe(before)
  await answersWell()
  expect(lines(cluster.scheduler, /a message from/)).toBeLessThanOrEqual(8)
  expect(lines(cluster.scheduler, /a message from a client did not parse/)).toBe(1)
  await until('the worker has logged it', () => lines(cluster.workers[0]!, /a message from/) > 2)
  expect(lines(cluster.workers[0]!, /a message from/)).toBeLessThanOrEqual(4)
})

/** Makes a computation of one task that cannot run. */
function submitOf(run: number): Submit {
  return {
    op: 'submit',
    run,
    recipeTokens: ['t'],
    recipes: [{ head: Uint8Array.of(1, 2, 3), buffers: [], bundles: [] }],
    bundles: [],
    recipeOf: Int32Array.of(0),
    inputStart: Int32Array.of(0, 0),
    inputs: new Int32Array(0),
    ranks: Int32Array.of(0),
    targets: Int32Array.of(0),
    params: [],
    paramEnd: Int32Array.of(0),
    keys: packStrings(1, () => 'k'),
    layers: [],
    contentNamed: new Uint8Array(0),
    reportProgress: false,
    externals: { runs: [], runOf: new Int32Array(0), targets: new Int32Array(0) },
    annotations: [],
    holdTargets: false,
    deliver: new Int32Array(0),
  }
}

test('an invalid recipe fails its computation, and no worker', async () => {
  const { cluster, answersWell } = await start()
  const raw = new RawPeer(cluster.addressToClients, 'garbage')
  const session = await raw.openSession()
  await raw.sendMessages(session, 0, submitOf(0))
  expect(await raw.receives('failed')).toMatchObject({ run: 0, failure: { kind: 'erred' } })
  await answersWell()
})

test('a repeated envelope counts once; a missing one ends the session', async () => {
  const { cluster, client, answersWell } = await start()
  const stopped = cluster.workers[0]!
  process.kill(stopped.pid, 'SIGSTOP')
  const raw = new RawPeer(cluster.addressToClients, 'twice')
  const session = await raw.openSession()
  for (let i = 0; i < 3; i++) await raw.sendMessages(session, 0, submitOf(0))
  await until('it is there', async () => (await client.schedulerInfo()).runs === 1)
  await until('the others are counted', async () => {
    return (await client.schedulerInfo()).dropped === 2
  })
  // Number 1 is lost.
  await raw.sendMessages(session, 2, submitOf(1))
  expect(await raw.receives('unknown')).toMatchObject({ session })
  await until('its computation is forgotten', async () => (await client.schedulerInfo()).runs === 0)
  // Number 1 arrives late: the session has ended.
  await raw.sendMessages(session, 1, submitOf(2))
  await raw.sendMessages('no session of ours', 0, submitOf(3))
  process.kill(stopped.pid, 'SIGCONT')
  await answersWell()
  expect((await client.schedulerInfo()).runs).toBe(0)
})

test('mutated, truncated and repeated messages within sessions do no harm', async () => {
  const { cluster, client, answersWell } = await start()
  const random = seeded(7)
  const requests: unknown[] = [
    submitOf(1),
    { op: 'cancel-run', run: 1 },
    { op: 'get-info', request: 5 },
    { op: 'list-collections', request: 6 },
    { op: 'get-collection', request: 7, name: 'none' },
    { op: 'delete-collection', request: 8, name: 'none' },
    {
      op: 'set-collection',
      request: 9,
      name: 'mine',
      value: { head: Uint8Array.of(1), buffers: [], bundles: ['nobody has it'] },
      bundles: [],
      override: true,
    },
    { op: 'heartbeat' },
  ]
  for (let round = 0; round < 150; round++) {
    const raw = new RawPeer(cluster.addressToClients, `mutant-${round}`)
    const session = await raw.openSession()
    for (let number = 0; number < 10; number++) {
      const message = requests[below(random, requests.length)]
      const frames = toFrames({ session, number, messages: [message] }).map((f) => f.slice())
      const frame = frames[below(random, frames.length)]!
      const isCut = random() < 0.2
      // The session is left intact, so that the messages are handled.
      const from = frame === frames[0] ? 42 : 0
      for (let i = below(random, 3); i > 0 && frame.length > from; i--)
        frame[from + below(random, frame.length - from)] = below(random, 256)
      if (isCut) frames[frames.length - 1] = frames.at(-1)!.subarray(0, -1)
      await raw.send(frames)
    }
    await raw.sendMessages(session, 10, { op: 'goodbye' })
  }
  await until(
    'nothing is left of it',
    async () => {
      const { runs, clients } = await client.schedulerInfo()
      return runs === 0 && clients <= 1
    },
    30_000,
  )
  await answersWell()
  await client.deleteCollection('mine').catch(() => {})
})

test('a worker that sends wrong tasks, addresses and threads does no harm', async () => {
  const { cluster, client, answersWell } = await start()
  const raw = new RawPeer(cluster.addressToWorkers, 'liar')
  const session = await raw.openSession({
    nthreads: Number.NaN,
    address: 'nowhere at all',
    name: 'liar',
    includeKeys: false,
    resources: {},
  })
  await cluster.workersAre(client, 2)
  // A paused worker is assigned no tasks, so the other worker runs them all.
  const memory = { stored: 0, functions: 0, peak: 0, spilled: 0, isPaused: true }
  await raw.sendMessages(session, 0, { op: 'memory', ...memory })
  await until('that is known', async () => {
    return (await client.workers()).some(({ status }) => status === 'paused')
  })
  const invalid = Int32Array.of(-1, 0, 1, 5, 1 << 30)
  const invalidAttempts = Int32Array.from(invalid, (x) => -x)
  const empty = { values: [], bundles: [] }
  const wrongMessages: unknown[] = [
    {
      op: 'finished',
      tasks: invalid,
      attempts: invalidAttempts,
      nbytes: Float64Array.from(invalid),
      durations: Float32Array.from(invalid),
      delivered: Int32Array.of(0, 99, -5),
      ...empty,
    },
    {
      op: 'finished',
      tasks: invalid,
      attempts: new Int32Array(1),
      nbytes: new Float64Array(0),
      durations: new Float32Array(9),
      delivered: invalid,
      ...empty,
    },
    { op: 'erred', task: 1e9, attempt: -1, step: 3, error: 'none', bundles: [] },
    { op: 'missing', task: -1, attempt: 0.5, input: 1e12, inputAttempt: 0, holder: -7 },
    { op: 'replicated', tasks: invalid, attempts: invalidAttempts },
    { op: 'relay', holder: 1e6, tasks: invalid, attempts: invalidAttempts },
    { op: 'relay', holder: 0, tasks: invalid, attempts: invalidAttempts },
    {
      op: 'gather-reply',
      to: -1,
      tasks: invalid,
      attempts: invalidAttempts,
      absent: invalid,
      ...empty,
    },
    {
      op: 'gather-reply',
      to: 1e6,
      tasks: invalid,
      attempts: invalidAttempts,
      absent: invalid,
      ...empty,
    },
    {
      op: 'gather-reply',
      to: 0,
      tasks: invalid,
      attempts: invalidAttempts,
      absent: invalid,
      ...empty,
    },
  ]
  let number = 1
  for (let round = 0; round < 20; round++) {
    const sum = client.get(
      Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x${i}`, [add, i, 1]])),
      Array.from({ length: 50 }, (_, i) => `x${i}`),
    )
    for (const message of wrongMessages) await raw.sendMessages(session, number++, message)
    expect(await sum).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  }
  await raw.sendMessages(session, number, { op: 'goodbye' })
  await cluster.workersAre(client, 1)
  await answersWell()
  // In each round, one message has columns of different lengths.
  expect((await client.schedulerInfo()).dropped).toBe(20)
  expect(lines(cluster.scheduler, /an error in the scheduler/)).toBe(0)
  expect(lines(cluster.workers[0]!, /an error in the worker/)).toBe(0)
})

test.skipIf(freemem() < 10e9)('an invalid message of 2 GB is dropped like any other', async () => {
  const { cluster, client, answersWell } = await start()
  const raw = new RawPeer(cluster.addressToClients, 'giant')
  await raw.send([new Uint8Array(2 ** 31)])
  await until('it was counted', async () => (await client.schedulerInfo()).dropped === 1, 60_000)
  await answersWell()
})

test('a frame above the size limit ends only its sender’s connection', async () => {
  const received: string[] = []
  const router = await RouterSocket.bind(
    'tcp://127.0.0.1:*',
    {
      onMessage: (frames, peer) => received.push(`${peer}: ${frames[0]!.byteLength}`),
      onError: (error) => received.push(String(error)),
    },
    { largestFrame: 1000 },
  )
  afterwards(() => router.close())
  const [long, short] = [new RawPeer(router.bound, 'long'), new RawPeer(router.bound, 'short')]
  await short.send([new Uint8Array(10)])
  await until('one is received', () => received.length === 1)
  await long.send([new Uint8Array(1001)])
  await long.send([new Uint8Array(1000)])
  await short.send([new Uint8Array(20)])
  await until(
    'the others are received',
    () => received.length >= 2 && received.includes('short: 20'),
  )
  expect(received).not.toContain('long: 1001')
})

test('each kind of fault is logged once, and at most a hundred', () => {
  const write = process.stderr.write.bind(process.stderr)
  const written: string[] = []
  process.stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0
  afterwards(() => {
    process.stderr.write = write
  })
  const drops = new DroppedMessages('scheduler', 'a client')
  for (let i = 0; i < 1000; i++) drops.add(`has fault ${i % 500}`)
  process.stderr.write = write
  expect(drops.count).toBe(1000)
  expect(written).toHaveLength(100)
})
