/**
 * Every value of the tables sent to another process, compared there with one of that name that the
 * other process built itself, and sent back: so a fault that undoes itself on the way back is seen.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decode, encode } from '../../../core/codec/index.js'
import { valueCases } from '../../fixtures/values/cases.mjs'
import { moreCases } from '../../fixtures/values/more-cases.mjs'
import { fullDifference } from '../../fixtures/values/same.mjs'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const all = [...valueCases, ...moreCases]

interface Answer {
  readonly found: string | undefined
  readonly head: Uint8Array
  readonly buffers: readonly Uint8Array[]
}

let far: ChildProcess
beforeAll(async () => {
  const library = pathToFileURL(join(root, 'dist/core/codec/index.js')).href
  far = fork(join(root, 'test/fixtures/values/far.mjs'), [library], {
    serialization: 'advanced',
    execArgv: [],
  })
  await once(far, 'message')
})
afterAll(() => far.disconnect())

test('there are many values, each with a name of its own', () => {
  expect(all.length).toBeGreaterThan(500)
  expect(new Set(all.map(([name]) => name)).size).toBe(all.length)
})

test.each(all)('%s', async (name, value) => {
  const { head, buffers, bundles } = encode(value)
  // Shared memory would not be copied into the message.
  far.send({ name, head, buffers: buffers.map((buffer) => Uint8Array.from(buffer)), bundles })
  const [answer] = (await once(far, 'message')) as [Answer]
  expect(answer.found).toBeUndefined()
  expect(await fullDifference(decode(answer), value)).toBeUndefined()
})
