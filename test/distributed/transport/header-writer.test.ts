/** What the header writer writes is read as it was, by our reader and by a general one, or is refused. */
import { Unpackr } from 'msgpackr'
import { expect, test } from 'vitest'
import type { Compute, Finished } from '../../../distributed/protocol/index.js'
import { packMessage, unpackMessage } from '../../../distributed/protocol/packed-messages.js'
import { toFrames } from '../../../distributed/transport/framing.js'
import { readHeader } from '../../../distributed/transport/header-reader.js'
import { HeaderWriter } from '../../../distributed/transport/header-writer.js'

const writer = new HeaderWriter()
const unpackr = new Unpackr({ useRecords: false, moreTypes: true })

function write(message: unknown): Uint8Array {
  writer.begin('session', 5, 1)
  writer.message(message)
  return writer.finish()
}

test.each<[string, unknown]>([
  ['integers of every length', [0, 127, 128, 255, 256, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 53]],
  ['negative integers of every length', [-1, -32, -33, -129, -32_769, -(2 ** 31), -(2 ** 40)]],
  ['other numbers', [-0, 1.5, Number.NaN, -Infinity, 5e-324]],
  ['what is there and what is not', [true, false, null, undefined, { x: undefined }, [], {}]],
  ['texts', ['', 'a', 'ü😀', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(300), 'é'.repeat(300)]],
  [
    'lists and maps of many',
    [new Array(20).fill(1), Object.fromEntries([...'abcdefghijklmnopqr'].map((c) => [c, c]))],
  ],
  [
    'columns',
    [0, 1, 2, 7, 8, 9, 70].flatMap((n) => [
      new Int32Array(n).fill(-70_000),
      new Float64Array(n).fill(-0.1),
      new Float32Array(n).fill(0.5),
      new Uint8Array(n).fill(200),
    ]),
  ],
  ['a part of a column', [Int32Array.of(1, 2, 3, 4).subarray(1, 3)]],
])('%s', (_what, value) => {
  for (const read of [readHeader, (frame: Uint8Array) => unpackr.unpack(Uint8Array.from(frame))])
    expect(read(write(value))).toEqual(['session', 5, [value]])
})

test.each<[string, unknown]>([
  ['a large integer', 1n],
  ['half a character', ['\ud800']],
  ['a function', [() => 1]],
  ['a hole', new Array<number>(2)],
  ['a date', new Date(0)],
  ['a column of another kind', [Int16Array.of(1)]],
  ['an inherited object', [Object.create({ x: 1 })]],
  ['the name __proto__', JSON.parse('{ "__proto__": 1 }')],
  ['what is too long', [new Array(3000).fill(1.5), 'x'.repeat(5000)]],
  ['a column that is too long', [new Float64Array(512)]],
  ['what is too deep', Array.from({ length: 20 }).reduce<unknown>((inner) => [inner], 1)],
])('%s is refused', (_what, value) => {
  writer.begin('session', 5, 2)
  expect([writer.message({ is: value }), writer.message('next')]).toEqual([false, true])
  expect(readHeader(writer.finish())).toEqual(['session', 5, [null, 'next']])
})

test('messages of any number and length are written', () => {
  const messages = Array.from({ length: 70_000 }, (_, i) => i % 99)
  writer.begin('s', 0, messages.length)
  expect(messages.filter((message) => !writer.message(message))).toEqual([])
  expect(unpackr.unpack(writer.finish())).toEqual(['s', 0, messages])
})

const one = Int32Array.of(70_000)
const none = new Int32Array(0)
const compute: Compute = {
  op: 'compute',
  tasks: one,
  attempts: one,
  recipes: one,
  inputEnd: one,
  inputs: none,
  inputAttempts: none,
  holders: none,
  inputBytes: new Float32Array(0),
  params: [70_000],
  paramEnd: one,
  timeouts: new Float64Array(0),
  acquire: none,
  deliver: one,
  keys: [],
  newRecipes: [],
  bundles: [],
}
const finished: Finished = {
  op: 'finished',
  tasks: one,
  attempts: one,
  nbytes: Float64Array.of(8),
  durations: Float32Array.of(0.1),
  delivered: one,
  values: [1.5],
  bundles: [],
}

test.each([compute, finished])('a message about one task fits into 128 bytes: $op', (message) => {
  expect(unpackMessage(packMessage(message))).toEqual(message)
  const session = 'x'.repeat(22)
  const frames = toFrames({ session, number: 70_000, messages: [message] })
  expect(frames.map((frame) => frame.byteLength <= 128)).toEqual([true])
})
