import { pack, unpack } from 'msgpackr'
import { expect, test } from 'vitest'
import { store } from '../../../core/graph/stored-value.js'
import type {
  Compute,
  Erred,
  Finished,
  SchedulerToWorker,
  WorkerToScheduler,
} from '../../../distributed/protocol/index.js'
import * as shapes from '../../../distributed/protocol/message-shapes.js'
import { packStrings, unpackString } from '../../../distributed/protocol/packed-strings.js'
import { fromFrames, toFrames } from '../../../distributed/transport/framing.js'
import { EnvelopeCounter, Mailbox } from '../../../distributed/transport/mailbox.js'
import { below, seeded } from '../../support/random.js'

const finished: Finished = {
  op: 'finished',
  tasks: Int32Array.of(1, 2, 70_000),
  attempts: Int32Array.of(1, 1, 9),
  nbytes: Float64Array.of(8, 8, 2 ** 40),
  durations: Float32Array.of(0.5, 0, 1),
  delivered: Int32Array.of(0, 2),
  values: [-0, store({ big: new Float64Array(4096).fill(1.5), when: new Date(0) })],
  bundles: [],
}
const erred: Erred = {
  op: 'erred',
  task: 3,
  attempt: 1,
  step: 0,
  error: store(new RangeError('too far')),
  bundles: [],
}

test('an envelope is decoded as it was, with large buffers in frames of their own', () => {
  const envelope = { session: 's', number: 7, messages: [finished, erred] }
  const frames = toFrames(envelope)
  expect(frames.map((frame) => frame.byteLength)).toContain(4096 * 8)
  expect(fromFrames<WorkerToScheduler>(frames, shapes.workerToScheduler)).toEqual(envelope)
})

test('small messages are MessagePack, in order with the others', () => {
  const heartbeat = { op: 'heartbeat' } as const
  const goodbye = { op: 'goodbye' } as const
  const plain = toFrames({ session: 's', number: 7, messages: [heartbeat, goodbye] })
  expect(plain.map((frame) => unpack(frame))).toEqual([['s', 7, [heartbeat, goodbye]]])
  const envelope = { session: 's', number: 8, messages: [heartbeat, erred, goodbye, finished] }
  const mixed = toFrames(envelope)
  expect(unpack(Uint8Array.from(mixed[0]!))).toEqual(['s', 8, [heartbeat, erred, goodbye, null]])
  expect(fromFrames<WorkerToScheduler>(mixed, shapes.workerToScheduler)).toEqual(envelope)
})

test.each<[string, unknown]>([
  ['a negative zero', -0],
  ['undefined', undefined],
  ['a large integer', 12345678901234567890n],
  ['a small integer of that type', 1n],
  ['not a number', Number.NaN],
  ['a number beyond integers', 2 ** 60],
  ['half a character', '\udc00'],
  ['a text beyond ASCII', 'grün 😀'],
  ['an encoded value', store({ when: new Date(0), list: [1, -0, undefined] })],
  ['encoded floats', store(Float64Array.of(1.5, -0))],
])('a value comes back as it was, in a small message and in a large one: %s', (_what, value) => {
  for (const others of [[], [1, 2], new Array<number>(5000).fill(7)]) {
    const values = [value, ...others] as Finished['values']
    const envelope = { session: 's', number: 1, messages: [{ ...finished, values }] }
    const read = fromFrames<WorkerToScheduler>(toFrames(envelope), shapes.workerToScheduler)
    expect(read).toEqual(envelope)
    const [first] = (read!.messages[0] as Finished).values
    if (typeof value !== 'object') expect(first).toBe(value)
  }
})

test('a part of a column is sent without the rest of its buffer', () => {
  const tasks = Int32Array.of(9, 1, 2, 70_000, 9).subarray(1, 4)
  const envelope = { session: 's', number: 1, messages: [{ ...finished, tasks, values: [] }] }
  const frames = toFrames(envelope)
  expect(frames.length).toBe(1)
  expect(fromFrames<WorkerToScheduler>(frames, shapes.workerToScheduler)).toEqual(envelope)
})

test('strings that MessagePack would change are sent in the codec’s form', () => {
  const envelope = {
    session: 's',
    number: 1,
    messages: [{ op: 'get-collection', request: 1, name: '\ud800' }],
  }
  expect(fromFrames(toFrames(envelope), shapes.clientToScheduler)).toEqual(envelope)
})

/** Messages about some tasks whose numbers take as many bytes as numbers of tasks may. */
function aboutTasks(count: number): { compute: Compute; finished: Finished } {
  const ints = new Int32Array(count).fill(70_000)
  const none = new Int32Array(0)
  return {
    compute: {
      ...{ op: 'compute', tasks: ints, attempts: ints, recipes: ints, inputEnd: ints },
      ...{ inputs: none, inputAttempts: none, holders: none, inputBytes: new Float32Array(0) },
      ...{ params: [70_000], paramEnd: ints, timeouts: new Float64Array(0), acquire: none },
      ...{ deliver: ints, keys: [], newRecipes: [], bundles: [] },
    },
    finished: {
      ...{ op: 'finished', tasks: ints, attempts: ints, delivered: ints },
      nbytes: new Float64Array(count).fill(-0.1),
      durations: new Float32Array(count).fill(0.1),
      ...{ values: [1.5], bundles: [] },
    },
  }
}

test.each([1, 2, 16, 17, 60])('messages about %i tasks are decoded as they were', (count) => {
  const { compute, finished } = aboutTasks(count)
  const [session, number] = ['x'.repeat(22), 70_000]
  const out = toFrames({ session, number, messages: [compute] })
  const back = toFrames({ session, number, messages: [finished] })
  expect(fromFrames<SchedulerToWorker>(out, shapes.schedulerToWorker)!.messages).toEqual([compute])
  expect(fromFrames<WorkerToScheduler>(back, shapes.workerToScheduler)!.messages).toEqual([
    finished,
  ])
  if (count === 1) for (const [frame] of [out, back]) expect(frame!.byteLength).toBeLessThan(128)
})

test.each([[2n ** 62n], [{}], 'text', 5, { length: 1 }])(
  'a short form with %s as a column is dropped or gives a column of numbers',
  (column) => {
    const header = pack(['s', 1, [[2, column, [1], [8], [0.5], null, null, null]]])
    const message = fromFrames<WorkerToScheduler>([header], shapes.workerToScheduler)?.messages[0]
    if (message !== undefined) expect((message as Finished).tasks).toBeInstanceOf(Int32Array)
  },
)

test('a message with an op of another direction is invalid', () => {
  const frames = toFrames({ session: 's', number: 0, messages: [finished] })
  expect(fromFrames(frames, shapes.clientToScheduler)).toBeUndefined()
})

test.each([
  ['a column that is not a typed array', { ...finished, tasks: [1, 2, 3] }],
  ['a missing field', { op: 'finished' }],
  ['an op that is an inherited property', { op: 'toString' }],
  ['a value that is not at rest', { ...erred, error: { name: 'Error' } }],
  ['bundles that are not pairs', { ...erred, bundles: ['token'] }],
  ['nothing', null],
])('%s is no message', (_what, message) => {
  const frames = toFrames({ session: 's', number: 0, messages: [message] })
  expect(fromFrames(frames, shapes.workerToScheduler)).toBeUndefined()
})

test('broken bytes are dropped', () => {
  const random = seeded(5)
  const frames = toFrames({ session: 's', number: 7, messages: [finished, erred] })
  for (let round = 0; round < 3000; round++) {
    const broken = frames.map((frame) => Uint8Array.from(frame))
    if (random() < 0.3) broken.splice(below(random, broken.length), 1)
    for (let flips = 1 + below(random, 8); flips > 0 && broken.length > 0; flips--) {
      const frame = broken[below(random, broken.length)]!
      if (frame.length > 0) frame[below(random, frame.length)] = below(random, 256)
    }
    const cut = random() < 0.3 ? broken.map((f) => f.subarray(0, below(random, f.length))) : broken
    expect(() => fromFrames(cut, shapes.workerToScheduler)).not.toThrow()
  }
  expect(fromFrames([], shapes.workerToScheduler)).toBeUndefined()
})

test('truncated, joined, swapped and mutated frames are dropped, or give valid messages', () => {
  const random = seeded(23)
  const envelopes = [[finished, erred], [{ op: 'heartbeat' }, finished], [{ op: 'goodbye' }]].map(
    (messages, number) => toFrames({ session: 's', number, messages }),
  )
  const hostile = [
    [0xdd, 0xff, 0xff, 0xff, 0xff],
    [0xdf, 0xff, 0xff, 0xff, 0xff],
    [0xdb, 0xff, 0xff, 0xff, 0xff],
    [0xc6, 0xff, 0xff, 0xff, 0xff],
    [0xc1, 27, 0xff, 0xff, 0xff, 0xff, 0x7f],
    [0xc1, 39, 3],
    [0xa9, ...Buffer.from('__proto__')],
  ].map((bytes) => Uint8Array.from(bytes))
  const keys = Reflect.ownKeys(Object.prototype).length
  for (let round = 0; round < 10_000; round++) {
    const frames = envelopes[below(random, envelopes.length)]!.slice()
    for (let n = 1 + below(random, 3); n > 0; n--) {
      const which = below(random, frames.length)
      const frame = frames[which] ?? new Uint8Array()
      const at = below(random, frame.length + 1)
      const other = envelopes[below(random, envelopes.length)]![0]!
      const part = random() < 0.5 ? hostile[below(random, hostile.length)]! : other
      const way = below(random, 4)
      if (way === 0) frames[which] = frame.subarray(0, at)
      else if (way === 1) frames.splice(which, 1, frames[below(random, frames.length)]!, frame)
      else if (way === 2) frames[which] = part
      else frames[which] = Buffer.concat([frame.subarray(0, at), part, frame.subarray(at + 4)])
    }
    const read = fromFrames<WorkerToScheduler>(frames, shapes.workerToScheduler)
    for (const { op } of read?.messages ?? [])
      expect(Object.hasOwn(shapes.workerToScheduler, op)).toBe(true)
  }
  expect(Reflect.ownKeys(Object.prototype).length).toBe(keys)
})

test('a mailbox sends the messages of one turn as one envelope, and counts envelopes', async () => {
  const sent: Uint8Array[][] = []
  const mailbox = new Mailbox<WorkerToScheduler>((envelope) => sent.push(toFrames(envelope)))
  mailbox.start('session')
  mailbox.post({ op: 'heartbeat' })
  mailbox.post(erred)
  expect(sent).toEqual([])
  await new Promise((resolve) => setImmediate(resolve))
  mailbox.post({ op: 'goodbye' })
  mailbox.flush()
  const read = sent.map((frames) => fromFrames<WorkerToScheduler>(frames, shapes.workerToScheduler))
  expect(read.map((envelope) => envelope?.messages.map(({ op }) => op))).toEqual([
    ['heartbeat', 'erred'],
    ['goodbye'],
  ])
  const counter = new EnvelopeCounter()
  expect(read.map((envelope) => counter.check(envelope!))).toEqual(['next', 'next'])
  expect(counter.check(read[0]!)).toBe('repeated')
  expect(counter.check({ ...read[0]!, number: 3 })).toBe('lost')
})

test('strings are packed, unpacked and found', () => {
  const texts = ['x', '', 'sum-3f:0,1', 'ä€😀', 'y']
  const packed = packStrings(texts.length, (i) => texts[i]!)
  expect(texts.map((_, i) => unpackString(packed, i))).toEqual(texts)
})
