/** Tasks with timeouts. */
import { existsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TaskError, TimeoutError } from '../../../core/base/errors.js'
import { annotate } from '../../../core/graph/annotate.js'
import { getThreads } from '../../../core/run/threads/get-threads.js'
import type { Client } from '../../../distributed/client/client.js'
import { getClient } from '../../../distributed/client/get-client.js'
import { LocalCluster } from '../../../distributed/processes/local-cluster.js'
import { db, delayed } from '../../../index.js'

let cluster: LocalCluster
let client: Client

beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 1, nthreads: 1 })
  client = await cluster.client()
})

afterAll(async () => {
  await cluster?.close()
})

const loop = (): number => {
  for (;;);
}
const sleepForEver = () => new Promise<number>(() => {})

/** Never ends in the first attempt; returns in the next ones. */
const lazyOnce = (folder: string) => {
  if (existsSync(folder)) return 'done'
  writeFileSync(folder, '')
  return new Promise<string>(() => {})
}

const isTimeout = (error: unknown, timeout: number) => {
  expect(error).toBeInstanceOf(TaskError)
  const { cause } = error as TaskError
  expect(cause).toBeInstanceOf(TimeoutError)
  expect(cause).toMatchObject({ code: 'TIMEOUT', timeout })
  expect((error as Error).message).toContain(`${timeout} ms`)
}

describe.each([
  ['getThreads', () => getThreads],
  ['client.get', () => client.get],
] as const)('with %s', (_, get) => {
  test('a task that blocks its thread is stopped, and the other tasks are done', async () => {
    const bag = db
      .fromSequence([1, 2, 3, 4, 5, 6], { npartitions: 6 })
      .map((x) => (x === 4 ? new Promise<number>(() => {}) : x))
    const error = await bag.compute({ get: get(), timeout: 300 }).catch((e: unknown) => e)
    isTimeout(error, 300)
    const stuck = annotate({ timeout: 200 }, () => delayed(loop, { pure: false })())
    isTimeout(await stuck.compute({ get: get() }).catch((e: unknown) => e), 200)
    expect(await db.range(10).sum().compute({ get: get(), timeout: 60_000 })).toBe(45)
  })
})

test('futures fail with their timeouts, and tasks beside them do not', async () => {
  const good = client.map((x: number) => x + 0.5, [1, 2, 3], { timeout: 60_000 })
  const endless: (() => number | Promise<number>)[] = [loop, sleepForEver]
  const bad = endless.map((fn) => client.submitWith({ timeout: 250, pure: false }, fn))
  for (const future of bad) isTimeout(await future.exception(), 250)
  expect(await client.gather(good)).toEqual([1.5, 2.5, 3.5])
})

test('a timeout counts as a failure, so the task is retried', async () => {
  const folder = `${tmpdir()}/skein-timeouts-${process.pid}-${performance.now()}`
  const future = client.submitWith({ timeout: 2000, retries: 1 }, lazyOnce, folder)
  expect(await future.result()).toBe('done')
})

test('a task that waits for tasks has a timeout too', async () => {
  const wait = async () =>
    await getClient()
      .submit(() => new Promise(() => {}))
      .result()
  const future = client.submitWith({ timeout: 300, pure: false }, wait)
  isTimeout(await future.exception(), 300)
  expect(await client.submit((x: number) => x - 1, 1).result()).toBe(0)
})

test('invalid timeouts throw', () => {
  expect(() => annotate({ timeout: 0 }, () => 1)).toThrow('timeout is a number of milliseconds')
  expect(() => client.submitWith({ timeout: Number.NaN }, loop)).toThrow('above 0, got NaN')
})
