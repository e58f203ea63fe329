/** The questions that a client can ask its scheduler. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../../distributed/client/client.js'
import { wait } from '../../../distributed/client/futures/wait.js'
import { LocalCluster } from '../../../distributed/processes/local-cluster.js'
import { db } from '../../../index.js'
import { until } from '../support.js'

let cluster: LocalCluster
let client: Client

beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1, resources: { gpu: 1 } })
  client = await cluster.client()
})

afterAll(async () => {
  await cluster?.close()
})

const add = (a: number, b: number) => a + b
const nap = (ms: number) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms))

test('workers describes each worker and its tasks', async () => {
  const workers = await client.workers()
  expect(workers).toHaveLength(2)
  for (const worker of workers) {
    expect(worker).toMatchObject({
      nthreads: 1,
      status: 'running',
      resources: { gpu: 1 },
      inHand: 0,
      queued: 0,
    })
    expect(worker.address).toMatch(/^tcp:/)
    expect(worker.pid).not.toBe(process.pid)
    expect(worker.lastHeard).toBeLessThan(10_000)
  }
  const names = workers.map(({ name }) => name)
  expect(await client.nthreads()).toEqual({ [names[0]!]: 1, [names[1]!]: 1 })
})

test('whoHas and hasWhat say where results are, by key and by worker', async () => {
  const [first, second] = (await client.workers()).map(({ name }) => name)
  const a = client.submitWith({ workers: [first!], key: 'here-a' }, add, 1, 2)
  const b = client.submitWith({ workers: [second!], key: 'here-b' }, add, 3, 4)
  await wait([a, b])
  expect(await client.whoHas([a, b])).toEqual({ 'here-a': [first], 'here-b': [second] })
  expect(await client.whoHas('here-a')).toEqual({ 'here-a': [first] })
  expect(await client.whoHas()).toMatchObject({ 'here-a': [first], 'here-b': [second] })
  expect(await client.whoHas('nowhere')).toEqual({ nowhere: [] })
  expect((await client.hasWhat())[first!]).toContain('here-a')
  expect(await client.hasWhat(second)).toEqual({ [second!]: ['here-b'] })
  const bag = await db.fromSequence([1, 2, 3], { npartitions: 3 }).persist({ get: client.get })
  expect(Object.values(await client.whoHas(bag)).map((at) => at.length)).toEqual([1, 1, 1])
  a.release()
  expect(await client.whoHas('here-a')).toEqual({ 'here-a': [] })
})

test('processing lists the unfinished tasks of each worker', async () => {
  const [first] = (await client.workers()).map(({ name }) => name)
  const future = client.submitWith({ workers: [first!], key: 'nap' }, nap, 60_000)
  await until('it runs', async () => (await client.processing())[first!]!.includes('nap'))
  const story = await client.story(future)
  expect(story).toMatchObject({ key: 'nap', state: 'processing', workers: [first] })
  expect(story.why).toContain(`is assigned to ${first}`)
  future.cancel()
  await until('the task is done', async () => (await client.processing())[first!]!.length === 0)
})

test('the story of a task lists its transitions, even after the task is forgotten', async () => {
  const a = client.submitWith({ key: 'story-a' }, add, 1, 2)
  const b = client.submitWith({ key: 'story-b' }, add, a, 10)
  expect(await b.result()).toBe(13)
  const story = await client.story(b)
  expect(story).toMatchObject({
    key: 'story-b',
    state: 'memory',
    inputs: [{ key: 'story-a', state: 'memory' }],
  })
  expect((await client.story('story-a')).dependents).toEqual(['story-b'])
  expect(story.events.map(({ state }) => state)).toEqual([
    'released',
    'waiting',
    ...(story.events.length === 5 ? ['queued'] : []),
    'processing',
    'memory',
  ])
  expect(story.events[0]!.what).toMatch(/^submitted by client .* in a computation of 2 tasks$/)
  expect(story.events.at(-1)).toMatchObject({ worker: story.workers[0], nbytes: story.nbytes })
  expect(story.events.map(({ at }) => at)).toEqual(
    story.events.map(({ at }) => at).sort((x, y) => x - y),
  )
  a.release()
  b.release()
  const after = await client.story('story-b')
  expect(after.state).toBe('forgotten')
  expect(after.events.map(({ state }) => state)).toEqual([
    ...story.events.map(({ state }) => state),
    'released',
    'forgotten',
  ])
  expect(await client.story('never-was')).toMatchObject({ state: 'unknown', events: [] })
})

test('the story of a task that cannot run says what it waits for', async () => {
  const greedy = client.submitWith({ resources: { gpu: 2 }, key: 'greedy' }, add, 1, 2)
  const after = client.submitWith({ key: 'after-greedy' }, add, greedy, 1)
  const lost = client.submitWith({ workers: ['nobody'], key: 'lost' }, add, 1, 2)
  expect((await client.story(greedy)).why).toBe(
    'is ready, but it asks for 2 gpu, and no worker has so much: the most is 1',
  )
  expect((await client.story(after)).why).toBe(
    "waits for 1 of 1 input: 'greedy' (queued); 'greedy' is ready, but it asks for 2 gpu, and no worker has so much: the most is 1",
  )
  expect((await client.story(lost)).why).toMatch(
    /^is ready, but it is to run at 'nobody', and no such worker is there; there are '.*' and '.*'$/,
  )
  const { queues } = await client.dump()
  expect(queues.placed.map(({ key, stuck }) => [key, stuck !== null])).toEqual([
    ['greedy', true],
    ['lost', true],
  ])
  for (const future of [after, greedy, lost]) future.cancel()
})

test('the story of a failed task names the task that failed first', async () => {
  const bad = client.submitWith(
    { key: 'bad', retries: 1 },
    (x: number): number => {
      throw new RangeError(`no ${x}`)
    },
    7,
  )
  const after = client.submitWith({ key: 'after-bad' }, add, bad, 1)
  await wait([after])
  const story = await client.story(bad)
  expect(story.why).toMatch(/^has failed: it threw/)
  expect(story.events.map(({ what }) => what).join('; ')).toMatch(
    /attempt 1; failed at .* tried again, and may fail 0 more times; .*attempt 2; failed at [^;]*$/,
  )
  expect((await client.story(after)).why).toContain("has failed, since 'bad' did")
  expect((await client.story(after)).events.at(-1)!.what).toBe("failed, since 'bad' did")
})

test('dump writes the whole state as JSON, without values', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'skein-dump-'))
  const filename = path.join(folder, 'dump.json')
  const secret = client.submitWith({ key: 'kept' }, (text: string) => `${text}!`, 'a secret')
  await secret.result()
  await client.setCollection('named', secret)
  const dump = await client.dump({ filename })
  const text = await readFile(filename, 'utf8')
  expect(JSON.parse(text)).toEqual(dump)
  expect(text).not.toContain('a secret')
  expect(dump.collections).toEqual(['named'])
  expect(dump.workers).toHaveLength(2)
  expect(dump.clients.filter(({ isConnected }) => isConnected)).toHaveLength(1)
  expect(dump.tasks.find(({ key }) => key === 'kept')).toMatchObject({ state: 'memory' })
  expect(dump.states.memory).toBeGreaterThan(0)
  expect(dump.events.at(-1)!.ago).toBeGreaterThanOrEqual(0)
  const short = await client.dump({ tasks: 0 })
  expect([short.tasks.length, short.tasksLeftOut]).toEqual([0, dump.tasks.length])
  await client.deleteCollection('named')
  await rm(folder, { recursive: true })
})

test('invalid questions throw at the call', async () => {
  await expect(client.whoHas(7 as never)).rejects.toThrow('whoHas: expected futures, keys')
  await expect(client.story([] as never)).rejects.toThrow('story: expected one future or key')
  await expect(client.hasWhat(7 as never)).rejects.toThrow('hasWhat: expected names')
  await expect(client.dump({ tasks: -1 })).rejects.toThrow('dump: tasks is a number of tasks')
  await expect(client.dump({ file: 'x' } as never)).rejects.toThrow("there is no option 'file'")
  await expect(client.dump({ filename: '/no/such/folder/x' })).rejects.toThrow('ENOENT')
})
