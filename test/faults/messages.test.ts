/** Messages that nobody who knows the protocol would send, at every door there is. */
import { freemem } from 'node:os'
import { expect, test } from 'vitest'
import { Dealer } from 'zeromq'
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

interface Heard {
  readonly session: string
  readonly messages: readonly { op: string; [field: string]: unknown }[]
}

/** A socket at a door, by which a test says what it likes. */
class RawGuest {
  readonly heard: Heard[] = []
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
          const envelope = fromFrames<Heard['messages'][number]>(frames, shape)
          if (envelope === undefined) continue
          this.heard.push(envelope)
          break
        }
      }
    } catch {
      // It was closed.
    }
  }

  async send(frames: readonly (Uint8Array | string)[]): Promise<void> {
    await this.socket.send([...frames])
  }

  say(session: string, number: number, ...messages: unknown[]): Promise<void> {
    return this.send(toFrames({ session, number, messages }))
  }

  async hears(op: string): Promise<Heard['messages'][number]> {
    const find = () => this.heard.flatMap(({ messages }) => messages).find((m) => m.op === op)
    await until(`there is '${op}'`, () => find() !== undefined)
    return find()!
  }

  /** Comes in, and gives the session. */
  async enter(more: Partial<WorkerHello> = {}): Promise<string> {
    const { name } = this
    const hello = { op: 'hello', versions: ownVersions(), nonce: 'n', pid: 1, hostname: 'h', name }
    await this.say('', 0, { ...hello, ...more })
    return (await this.hears('welcome')).session as string
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

/** What is sent that is no message. */
function noise(random: () => number): (Uint8Array | string)[][] {
  const bytes = (length: number) => Uint8Array.from({ length }, () => below(random, 256))
  const envelope = (messages: unknown[]) => toFrames({ session: '', number: 0, messages })
  return [
    [''],
    ['', ''],
    [bytes(1)],
    [bytes(100)],
    [bytes(10), bytes(1000), bytes(1000)],
    // MessagePack that promises four billion things, or nests without end.
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

test('noise at the doors and at a worker is counted, logged once a kind, and dropped', async () => {
  const { cluster, client, peer, answersWell } = await start()
  const random = seeded(1)
  const kinds = noise(random).length
  const rounds = 20
  for (const address of [cluster.addressToWorkers, cluster.addressToClients, peer]) {
    const guest = new RawGuest(address, 'noisy')
    for (let i = 0; i < rounds; i++) for (const frames of noise(random)) await guest.send(frames)
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
  await until('the worker has told of it', () => lines(cluster.workers[0]!, /a message from/) > 2)
  expect(lines(cluster.workers[0]!, /a message from/)).toBeLessThanOrEqual(4)
})

/** A computation of one task which nobody can do. */
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

test('a recipe that is garbage fails its computation, and no worker', async () => {
  const { cluster, answersWell } = await start()
  const guest = new RawGuest(cluster.addressToClients, 'garbage')
  const session = await guest.enter()
  await guest.say(session, 0, submitOf(0))
  expect(await guest.hears('failed')).toMatchObject({ run: 0, failure: { kind: 'erred' } })
  await answersWell()
})

test('an envelope that comes twice counts once; one that is missing ends the session', async () => {
  const { cluster, client, answersWell } = await start()
  const stopped = cluster.workers[0]!
  process.kill(stopped.pid, 'SIGSTOP')
  const guest = new RawGuest(cluster.addressToClients, 'twice')
  const session = await guest.enter()
  for (let i = 0; i < 3; i++) await guest.say(session, 0, submitOf(0))
  await until('it is there', async () => (await client.schedulerInfo()).runs === 1)
  await until('the others are counted', async () => {
    return (await client.schedulerInfo()).dropped === 2
  })
  // Number 1 is lost.
  await guest.say(session, 2, submitOf(1))
  expect(await guest.hears('unknown')).toMatchObject({ session })
  await until('what it wanted is forgotten', async () => (await client.schedulerInfo()).runs === 0)
  // A late one, in its order: the session is over.
  await guest.say(session, 1, submitOf(2))
  await guest.say('no session of ours', 0, submitOf(3))
  process.kill(stopped.pid, 'SIGCONT')
  await answersWell()
  expect((await client.schedulerInfo()).runs).toBe(0)
})

test('messages with bytes changed, cut and repeated are survived within sessions', async () => {
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
    },
    { op: 'heartbeat' },
  ]
  for (let round = 0; round < 150; round++) {
    const guest = new RawGuest(cluster.addressToClients, `mutant-${round}`)
    const session = await guest.enter()
    for (let number = 0; number < 10; number++) {
      const message = requests[below(random, requests.length)]
      const frames = toFrames({ session, number, messages: [message] }).map((f) => f.slice())
      const frame = frames[below(random, frames.length)]!
      const isCut = random() < 0.2
      // The session's name is left whole, or nothing would come of it.
      const from = frame === frames[0] ? 42 : 0
      for (let i = below(random, 3); i > 0 && frame.length > from; i--)
        frame[from + below(random, frame.length - from)] = below(random, 256)
      if (isCut) frames[frames.length - 1] = frames.at(-1)!.subarray(0, -1)
      await guest.send(frames)
    }
    await guest.say(session, 10, { op: 'goodbye' })
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

test('a worker that lies about its tasks, its address and its threads harms nobody', async () => {
  const { cluster, client, answersWell } = await start()
  const guest = new RawGuest(cluster.addressToWorkers, 'liar')
  const session = await guest.enter({
    nthreads: Number.NaN,
    address: 'nowhere at all',
    name: 'liar',
    includeKeys: false,
    resources: {},
  })
  await cluster.workersAre(client, 2)
  // Without memory it is given no tasks, for which the others would wait until it is given up.
  const memory = { stored: 0, peak: 0, spilled: 0, isPaused: true }
  await guest.say(session, 0, { op: 'memory', ...memory })
  await until('that is known', async () => {
    return (await client.workers()).some(({ status }) => status === 'paused')
  })
  const wild = Int32Array.of(-1, 0, 1, 5, 1 << 30)
  const wildest = Int32Array.from(wild, (x) => -x)
  const empty = { values: [], bundles: [] }
  const lies: unknown[] = [
    {
      op: 'finished',
      tasks: wild,
      attempts: wildest,
      nbytes: Float64Array.from(wild),
      durations: Float32Array.from(wild),
      delivered: Int32Array.of(0, 99, -5),
      ...empty,
    },
    {
      op: 'finished',
      tasks: wild,
      attempts: new Int32Array(1),
      nbytes: new Float64Array(0),
      durations: new Float32Array(9),
      delivered: wild,
      ...empty,
    },
    { op: 'erred', task: 1e9, attempt: -1, step: 3, error: 'none', bundles: [] },
    { op: 'missing', task: -1, attempt: 0.5, input: 1e12, inputAttempt: 0, holder: -7 },
    { op: 'replicated', tasks: wild, attempts: wildest },
    { op: 'relay', holder: 1e6, tasks: wild, attempts: wildest },
    { op: 'relay', holder: 0, tasks: wild, attempts: wildest },
    { op: 'gather-reply', to: -1, tasks: wild, attempts: wildest, absent: wild, ...empty },
    { op: 'gather-reply', to: 1e6, tasks: wild, attempts: wildest, absent: wild, ...empty },
    { op: 'gather-reply', to: 0, tasks: wild, attempts: wildest, absent: wild, ...empty },
  ]
  let number = 1
  for (let round = 0; round < 20; round++) {
    const sum = client.get(
      Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x${i}`, [add, i, 1]])),
      Array.from({ length: 50 }, (_, i) => `x${i}`),
    )
    for (const lie of lies) await guest.say(session, number++, lie)
    expect(await sum).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  }
  await guest.say(session, number, { op: 'goodbye' })
  await cluster.workersAre(client, 1)
  await answersWell()
  // Each round tells one lie whose columns do not fit together.
  expect((await client.schedulerInfo()).dropped).toBe(20)
  expect(lines(cluster.scheduler, /an error in the scheduler/)).toBe(0)
  expect(lines(cluster.workers[0]!, /an error in the worker/)).toBe(0)
})

test.skipIf(freemem() < 10e9)('a message of 2 GB is dropped like any other', async () => {
  const { cluster, client, answersWell } = await start()
  const guest = new RawGuest(cluster.addressToClients, 'giant')
  await guest.send([new Uint8Array(2 ** 31)])
  await until('it was counted', async () => (await client.schedulerInfo()).dropped === 1, 60_000)
  await answersWell()
})

test('a frame that is longer than allowed ends its sender’s connection, and no other', async () => {
  const heard: string[] = []
  const router = await RouterSocket.bind(
    'tcp://127.0.0.1:*',
    {
      onMessage: (frames, peer) => heard.push(`${peer}: ${frames[0]!.byteLength}`),
      onError: (error) => heard.push(String(error)),
    },
    { largestFrame: 1000 },
  )
  afterwards(() => router.close())
  const [long, short] = [new RawGuest(router.bound, 'long'), new RawGuest(router.bound, 'short')]
  await short.send([new Uint8Array(10)])
  await until('one is heard', () => heard.length === 1)
  await long.send([new Uint8Array(1001)])
  await long.send([new Uint8Array(1000)])
  await short.send([new Uint8Array(20)])
  await until('the others are heard', () => heard.length >= 2 && heard.includes('short: 20'))
  expect(heard).not.toContain('long: 1001')
})

test('each kind of fault is logged once, and not more than a hundred', () => {
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
