/** Tasks that fail in every possible way: the worker keeps answering and other tasks continue. */
import { freemem } from 'node:os'
import { expect, test } from 'vitest'
import { TaskError } from '../../core/base/errors.js'
import { KilledWorkerError } from '../../distributed/base/errors.js'
import { LocalCluster } from '../../distributed/processes/local-cluster.js'
import {
  afterwards,
  Cluster,
  errorOf,
  Folder,
  footprint,
  isAlive,
  isQuiet,
  until,
} from './support.js'

const add = (a: number, b: number) => a + b

async function small(nthreads = 1) {
  const cluster = await Cluster.start(0)
  const worker = await cluster.addWorker('--nthreads', `${nthreads}`)
  return { cluster, worker, client: await cluster.client() }
}

test('whatever a task throws reaches the client, and the next task runs', async () => {
  const { client, worker } = await small()
  class Odd extends Error {
    override get stack(): string {
      throw new Error('no stack')
    }
    override get message(): string {
      throw new Error('no message')
    }
    override toString(): string {
      throw new Error('no text')
    }
  }
  const getters = () => {
    const thrown = { fine: 1 }
    Object.defineProperty(thrown, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('a getter')
      },
    })
    return thrown
  }
  const proxy = () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('a trap')
        },
        getPrototypeOf: () => {
          throw new Error('a trap')
        },
        ownKeys: () => {
          throw new Error('a trap')
        },
      },
    )
  const throwing: Record<string, [() => unknown, (cause: unknown) => void]> = {
    error: [
      () => new RangeError('plain'),
      (c) => expect(c).toMatchObject({ name: 'RangeError', message: 'plain' }),
    ],
    undefined: [() => undefined, (c) => expect(c).toBe(undefined)],
    null: [() => null, (c) => expect(c).toBe(null)],
    text: [() => 'text', (c) => expect(c).toBe('text')],
    number: [() => -0, (c) => expect(c).toBe(-0)],
    symbol: [() => Symbol('mine'), (c) => expect(String(c)).toContain('mine')],
    function: [() => add, (c) => expect(c === undefined).toBe(false)],
    object: [() => ({ code: 7 }), (c) => expect(c).toEqual({ code: 7 })],
    getters: [getters, (c) => expect(c).toBeDefined()],
    proxy: [proxy, (c) => expect(c).toBeDefined()],
    frozen: [
      () => Object.freeze(new Error('frozen')),
      (c) => expect(c).toMatchObject({ message: 'frozen' }),
    ],
    odd: [() => new Odd(), (c) => expect(c).toBeInstanceOf(Error)],
    aggregate: [
      () => new AggregateError([new Error('one'), 'two'], 'both'),
      (c) => expect((c as AggregateError).errors[1]).toBe('two'),
    ],
    socket: [
      () => Object.assign(new Error('with a handle'), { handle: new WeakMap() }),
      (c) => expect(c).toMatchObject({ message: 'with a handle' }),
    ],
    huge: [
      () => new Error('x'.repeat(20_000_000)),
      (c) => expect((c as Error).message.length).toBe(20_000_000),
    ],
    promise: [() => Promise.resolve(1), (c) => expect(c).toBeDefined()],
  }
  for (const [name, [make, check]] of Object.entries(throwing)) {
    for (const isAsync of [false, true]) {
      const task = isAsync
        ? async (make: () => unknown) => {
            await null
            throw make()
          }
        : (make: () => unknown) => {
            throw make()
          }
      const error = await errorOf(client.get({ x: [task, make] }, 'x'))
      expect(error, name).toBeInstanceOf(TaskError)
      expect((error as TaskError).key).toBe('x')
      expect((error as TaskError).message.length).toBeLessThan(11_000)
      check((error as TaskError).cause)
    }
  }
  expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
  expect(isAlive(worker.pid)).toBe(true)
  await isQuiet(client)
})

test('a result that cannot be sent is an error that names the value and its path', async () => {
  const { client } = await small()
  const makers: [() => unknown, RegExp][] = [
    [() => ({ deep: { map: new WeakMap() } }), /result.*deep.*map.*WeakMap/s],
    [() => new Proxy({}, {}), /Proxy/],
    [() => [Symbol('mine')], /[Ss]ymbol/],
    [() => ({ next: Promise.resolve(1) }), /[Pp]romise/],
  ]
  for (const [make, message] of makers) {
    const error = (await errorOf(client.get({ x: [make] }, 'x'))) as TaskError
    expect(error).toBeInstanceOf(TaskError)
    expect(String((error.cause as Error).message)).toMatch(message)
  }
  await isQuiet(client)
})

test('an error in a timer ends the thread, not the worker; a stray rejection ends neither', async () => {
  const { client, worker } = await small()
  const late = () =>
    new Promise(() => {
      setTimeout(() => {
        throw new Error('thrown in a timer')
      }, 1)
    })
  const error = (await errorOf(client.get({ x: [late] }, 'x'))) as TaskError
  expect(String((error.cause as Error).message)).toContain('thrown in a timer')
  // Nothing awaits this promise: a warning in the worker's log, and the task goes on.
  const rejected = () => {
    void Promise.reject(new Error('rejected alone'))
    return new Promise((resolve) => setTimeout(resolve, 20, 7))
  }
  expect(await client.get({ x: [rejected] }, 'x')).toBe(7)
  await until('the rejection is reported', () => worker.errors.includes('rejected alone'))
  expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
  expect(isAlive(worker.pid)).toBe(true)
})

test('an AbortSignal stops a task that never returns, whether it sleeps or is busy', async () => {
  const { client, worker } = await small()
  const folder = new Folder()
  const before = footprint(worker.pid)
  const never = async (folder: string) => {
    const fs = await import('node:fs')
    fs.writeFileSync(`${folder}/asleep`, '')
    return new Promise(() => {})
  }
  const busy = async (folder: string) => {
    const fs = await import('node:fs')
    fs.writeFileSync(`${folder}/busy`, '')
    for (;;);
  }
  for (const [name, task] of Object.entries({ asleep: never, busy })) {
    const abort = new AbortController()
    const computing = client.get({ x: [task, folder.path] }, 'x', { signal: abort.signal })
    await until(`${name} has begun`, () => folder.has(name))
    abort.abort(new Error('enough'))
    expect(await errorOf(computing, 10_000)).toMatchObject({ code: 'CANCELLED' })
    expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
  }
  await isQuiet(client)
  await until('no thread is left', () => footprint(worker.pid).threads <= before.threads + 1)
})

test('a task that blocks its thread for a long time does not block others', async () => {
  const cluster = await Cluster.start(0, '--worker-timeout', '4000')
  const blocked = await cluster.addWorker()
  const client = await cluster.client()
  const folder = new Folder()
  const block = async (folder: string, data: Float64Array) => {
    const fs = await import('node:fs')
    fs.writeFileSync(`${folder}/blocked`, '')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
    return data.length
  }
  const make = () => new Float64Array(100_000).fill(1)
  const sum = async (folder: string, data: Float64Array) => {
    const fs = await import('node:fs')
    fs.writeFileSync(`${folder}/summed-${process.pid}`, '')
    return data.reduce((total, x) => total + x, 0)
  }
  const abort = new AbortController()
  // The only worker computes the data and blocks; another worker starts and fetches the data from it.
  const graph = { data: [make], blocked: [block, folder.path, 'data'] }
  const computing = client.get(
    { ...graph, total: [sum, folder.path, 'data'] },
    ['blocked', 'total'],
    {
      signal: abort.signal,
      onProgress: () => {},
    },
  )
  const failed = errorOf(computing, 60_000)
  await until('the task blocks', () => folder.has('blocked'))
  const other = await cluster.addWorker()
  await until('another worker has fetched its data', () => folder.has(`summed-${other.pid}`))
  expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
  // Longer than the scheduler waits for a worker that sends nothing.
  const start = performance.now()
  await until('time passes', () => performance.now() - start > 6000)
  expect((await client.schedulerInfo()).workers.map(({ pid }) => pid)).toContain(blocked.pid)
  abort.abort()
  expect(await failed).toMatchObject({ code: 'CANCELLED' })
  await isQuiet(client)
})

test('a task that exits ends its thread alone, and fails after three threads', async () => {
  const { client, worker } = await small(2)
  const error = (await errorOf(client.get({ x: [() => process.exit(3)] }, 'x'))) as TaskError
  expect(error).toBeInstanceOf(TaskError)
  expect(String((error.cause as Error).message)).toMatch(/3 threads ended .*exit/)
  const abort = (await errorOf(client.get({ x: [() => process.abort()] }, 'x'))) as TaskError
  expect(abort).toBeInstanceOf(TaskError)
  expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
  expect(isAlive(worker.pid)).toBe(true)
})

test('a task that runs out of heap ends its thread alone, and the error says so', async () => {
  const cluster = await Cluster.start(0)
  const worker = await cluster.addWorkerWith('--max-old-space-size=96', '--nthreads', '2')
  const client = await cluster.client()
  const folder = new Folder()
  const gated = async (folder: string) => {
    const fs = await import('node:fs')
    while (!fs.existsSync(`${folder}/go`)) await new Promise((r) => setTimeout(r, 5))
    return 'done'
  }
  const other = client.get({ x: [gated, folder.path] }, 'x')
  const eat = () => {
    const eaten: unknown[] = []
    for (let i = 0; ; i++) eaten.push({ i, text: `${i}` })
  }
  const error = (await errorOf(client.get({ x: [eat] }, 'x'), 60_000)) as TaskError
  expect(error).toBeInstanceOf(TaskError)
  expect(String((error.cause as Error).message)).toMatch(
    /the heap of \d+ MB of its thread was full/,
  )
  folder.write('go')
  expect(await other).toBe('done')
  expect(isAlive(worker.pid)).toBe(true)
  expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
})

test('a task that prints 1 GB succeeds, and its worker uses no more memory than before', async () => {
  const { client, worker } = await small()
  let printed = 0
  worker.process.stdout.removeAllListeners('data').on('data', (data: Buffer) => {
    printed += data.length
  })
  await client.get({ y: [add, 1, 2] }, 'y')
  const before = footprint(worker.pid).rss
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, footprint(worker.pid).rss)
  }, 50)
  afterwards(() => clearInterval(watch))
  const print = (lines: number) => {
    const line = 'x'.repeat(99_999)
    for (let i = 0; i < lines; i++) console.log(line)
    return lines
  }
  expect(await client.get({ x: [print, 10_000] }, 'x')).toBe(10_000)
  await until('all output has come', () => printed >= 1e9)
  expect(most - before).toBeLessThan(300e6)
  expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
})

test('a closed output does not affect the task', async () => {
  const { client, worker } = await small()
  worker.process.stdout.destroy()
  const print = () => {
    for (let i = 0; i < 1000; i++) console.log('x'.repeat(1000))
    return 'printed'
  }
  expect(await client.get({ x: [print] }, 'x')).toBe('printed')
  expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
})

test.skipIf(freemem() < 8e9)('a result of 1 GB arrives complete', async () => {
  const { client, worker } = await small()
  const make = (count: number) => new Float64Array(count).fill(7)
  const result = (await client.get({ x: [make, 2 ** 27] }, 'x')) as Float64Array
  expect(result.byteLength).toBe(2 ** 30)
  expect([result[0], result[2 ** 26], result.at(-1)]).toEqual([7, 7, 7])
  await isQuiet(client)
  expect(isAlive(worker.pid)).toBe(true)
})

test('a task that kills its workers fails, and the tasks beside it are done', async () => {
  const cluster = await LocalCluster.start({ nworkers: 2, nthreads: 2 })
  afterwards(() => cluster.close())
  const client = await cluster.client()
  const other = await cluster.client()
  const kill = async () => {
    await new Promise((resolve) => setTimeout(resolve, 30))
    process.kill(process.pid, 'SIGKILL')
  }
  const slow = async (i: number) => {
    await new Promise((resolve) => setTimeout(resolve, 40))
    return i
  }
  const graph = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x${i}`, [slow, i]]))
  const others = other.get(graph, Object.keys(graph))
  const exits: [string, () => unknown, Partial<Record<'signal' | 'exitCode', unknown>>][] = [
    ['killed', kill, { signal: 'SIGKILL', exitCode: undefined }],
    // In a thread `process.exit` ends only the thread; this has the effect of a native fault.
    ['term', () => process.kill(process.pid, 'SIGSEGV'), { signal: 'SIGSEGV' }],
  ]
  for (const [key, task, death] of exits) {
    const error = (await errorOf(client.get({ [key]: [task] }, key), 60_000)) as TaskError
    expect(error).toBeInstanceOf(TaskError)
    const cause = error.cause as KilledWorkerError
    expect(cause).toBeInstanceOf(KilledWorkerError)
    expect(cause).toMatchObject({ key, deaths: 3 })
    expect(cause.workers).toHaveLength(3)
    expect(new Set(cause.workers.map(({ pid }) => pid)).size).toBe(3)
    for (const worker of cause.workers) {
      expect(worker).toMatchObject(death)
      expect(worker.name).toMatch(/^worker-\d+$/)
      expect(worker.rss).toBeGreaterThan(10e6)
    }
    expect(cause.message).toMatch(/3 workers died .*worker-\d+ \(pid \d+\): signal SIG/)
  }
  expect(await others).toEqual(Object.keys(graph).map((_, i) => i))
  await until('all workers are there again', async () => {
    return (await client.schedulerInfo()).workers.length === 2
  })
  await isQuiet(client)
})
