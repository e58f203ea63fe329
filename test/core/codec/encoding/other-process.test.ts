/**
 * Every value of the case files is sent to another process. That process compares it with the value
 * that it built itself, and sends it back. So a fault that decoding would undo is found too.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decode, encode } from '../../../../core/codec/index.js'
import { valueCases } from '../../../fixtures/values/all-cases.mjs'
import { fullDifference } from '../../../fixtures/values/difference.mjs'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

interface Answer {
  readonly found: string | undefined
  readonly head: Uint8Array
  readonly buffers: readonly Uint8Array[]
}

let other: ChildProcess
beforeAll(async () => {
  const library = pathToFileURL(join(root, 'dist/core/codec/index.js')).href
  other = fork(join(root, 'test/fixtures/values/other-process.mjs'), [library], {
    serialization: 'advanced',
    execArgv: [],
  })
  await once(other, 'message')
})
afterAll(() => other.disconnect())

test('there are many values, and their names are unique', () => {
  expect(valueCases.length).toBeGreaterThan(600)
  expect(new Set(valueCases.map(([name]) => name)).size).toBe(valueCases.length)
})

test.each(valueCases)('%s', async (name, value) => {
  const { head, buffers, bundles } = encode(value)
  // Shared memory would not be copied into the message.
  other.send({ name, head, buffers: buffers.map((buffer) => Uint8Array.from(buffer)), bundles })
  const [answer] = (await once(other, 'message')) as [Answer]
  expect(answer.found).toBeUndefined()
  expect(await fullDifference(decode(answer), value)).toBeUndefined()
})
