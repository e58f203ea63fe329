/** Which bundles a pool and its thread both keep. */
import { expect, test } from 'vitest'
import { encode } from '../../../../core/codec/index.js'
import type { BundleItem } from '../../../../core/run/threads/executor-protocol.js'
import { ThreadBundles } from '../../../../core/run/threads/thread-bundles.js'

/** A value with a function that captured so many bytes. */
function encodedUser(bytes: number, marker: string) {
  const captured = { table: new Uint8Array(bytes), marker }
  return encode({ use: () => captured })
}

const half = 1024 * 1024

function send(to: ThreadBundles, tokens: readonly string[]): string[] {
  const sent: BundleItem[] = []
  to.startMessage()
  to.addNew(tokens, sent)
  return sent.map(([token]) => token)
}

test('a bundle is sent once, and again after the thread was asked to drop it', () => {
  const known = new ThreadBundles()
  const [a, b, c] = ['a', 'b', 'c'].map((marker) => encodedUser(half, marker).bundles)
  expect(send(known, a!)).toEqual(a)
  expect(send(known, a!)).toEqual([])
  expect(known.takeOld()).toBeUndefined()
  expect(send(known, b!)).toEqual(b)
  const forgotten = known.takeOld()
  expect(forgotten?.tokens).toEqual(a)
  expect(send(known, c!)).toEqual(c)
  expect(send(known, a!)).toEqual(a)
})

test('the bundles of the last message are not forgotten, however large they are', () => {
  const known = new ThreadBundles()
  send(known, encodedUser(5 * half, 'large').bundles)
  expect(known.takeOld()).toBeUndefined()
})

test('a result that was on its way holds a bundle that the thread was asked to drop', () => {
  const known = new ThreadBundles()
  const { bundles: tokens } = encodedUser(half, 'on its way')
  send(known, tokens)
  send(known, encodedUser(2 * half, 'next').bundles)
  const { id } = known.takeOld()!
  // The thread has sent this before it has received the message.
  const result = { head: new Uint8Array(1), buffers: [], bundles: [...tokens] }
  known.hold([result])
  expect(known.get(tokens[0]!)).toBeDefined()
  known.onForgotten(id)
  expect(known.get(tokens[0]!)).toBeUndefined()
  expect(send(known, result.bundles)).toEqual(tokens)
})

test('bundles that the thread has sent are not sent back', () => {
  const [here, there] = [new ThreadBundles(), new ThreadBundles()]
  const { bundles: tokens } = encodedUser(10, 'made there')
  const sent: BundleItem[] = []
  there.startMessage()
  there.addNew(tokens, sent)
  here.receive(sent)
  expect(send(here, tokens)).toEqual([])
})
