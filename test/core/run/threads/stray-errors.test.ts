/** Errors that no task threw: of promises that nobody awaits, and of timers. */
import { describe, expect, test } from 'vitest'
import { runFile } from './program.js'

describe('a promise that is rejected and that nobody awaits', () => {
  test('is a warning with the key of the task and the line of the operation, and the task succeeds', async () => {
    const { code, stdout, stderr, file } = await runFile(`
      import { db } from 'skein'
      const bag = db.range(2, { npartitions: 1 })
        .map((x) => { if (x === 1) Promise.reject(new RangeError('floating')); return x })
      console.log(await bag.compute())`)
    expect(code).toBe(0)
    expect(stdout).toBe('[ 0, 1 ]\n')
    expect(stderr).toMatch(
      /^skein: a promise was rejected and nothing handled it, in task 'map-\w+:0' \(.*map, added at /,
    )
    expect(stderr).toContain(`added at ${file}:4:10)`)
    expect(stderr).toContain('RangeError: floating')
    expect(stderr).toMatch(/at .*main\.mjs:4:/)
  })

  test('does not end its thread: other tasks keep the state of their functions', async () => {
    const { stdout } = await runFile(
      `
      import { getThreads } from 'skein'
      const id = () => (globalThis.mark ??= Math.random())
      const before = await getThreads({ a: [id] }, 'a')
      await getThreads({ a: [() => { Promise.reject(new Error('x')) }] }, 'a')
      console.log(before === await getThreads({ a: [id] }, 'a'))`,
      { env: { SKEIN_THREADS: '1' } },
    )
    expect(stdout).toBe('true\n')
  })

  test('names the tasks that ran on the thread, if there are several', { retry: 2 }, async () => {
    const { stderr } = await runFile(
      `
      import { getThreads } from 'skein'
      const f = (i) => { if (i === 10) Promise.reject('a string') }
      const graph = (first) => Object.fromEntries(Array.from({ length: 20 }, (_, i) => ['x' + i, [f, first + i]]))
      // The second time the thread has the function already, and runs the tasks without a pause.
      await getThreads(graph(100), Object.keys(graph(100)))
      await getThreads(graph(0), Object.keys(graph(0)))`,
      { env: { SKEIN_THREADS: '1' } },
    )
    expect(stderr).toMatch(/in one of the tasks 'x\d+' \(run at .*main\.mjs:7:13\), 'x\d+'/)
    expect(stderr).toMatch(/: a string\n$/)
  })

  test('is left to a listener of the task', async () => {
    const { stdout, stderr } = await runFile(`
      import { getThreads } from 'skein'
      await getThreads({ a: [() => {
        process.once('unhandledRejection', (reason) => console.log('own:', reason))
        Promise.reject(5)
      }] }, 'a')`)
    expect(stdout).toBe('own: 5\n')
    expect(stderr).toBe('')
  })
})

describe('an error that is thrown in a timer', () => {
  test('after its task has ended is a warning with the key and the line', async () => {
    const { code, stderr, file } = await runFile(`
      import { getThreads } from 'skein'
      await getThreads({ a: [() => { setTimeout(() => { throw new Error('late') }, 20) }] }, 'a')
      await new Promise((resolve) => setTimeout(resolve, 400))`)
    expect(code).toBe(0)
    expect(stderr).toContain(
      'nothing caught an error of a timer or another callback, which ended its thread',
    )
    expect(stderr).toContain(`in task 'a' (run at ${file}:3:13), after it had run: Error: late`)
  })

  test('while its task runs is the reason why the task failed', async () => {
    const { stdout, file } = await runFile(`
      import { getThreads } from 'skein'
      const fails = async () => {
        setTimeout(() => { throw new RangeError('too late') }, 5)
        await new Promise((resolve) => setTimeout(resolve, 60_000))
      }
      await getThreads({ a: [fails] }, 'a').catch((error) => console.log(error.message))`)
    expect(stdout).toContain("Task 'a' failed in fails: Error: 3 threads ended while they ran it")
    expect(stdout).toContain('RangeError: too late')
    expect(stdout).toContain(file)
  })
})

/** Counts the lines that the program writes on stderr, on one line, as the test looks at line numbers. */
const countWarnings =
  `let warnings = 0; const { write } = process.stderr; process.stderr.write = (line) => {
  warnings++; return write.call(process.stderr, line) }`.replaceAll('\n', ' ')

test('on a cluster it is a warning of the client, with the key, the line and the worker', async () => {
  const { code, stderr, file } = await runFile(`
    import { db, LocalCluster } from 'skein'
    const cluster = await LocalCluster.start({ nworkers: 1 })
    const client = await cluster.client(); ${countWarnings}
    const bag = db.range(2, { npartitions: 1 })
      .map((x) => { if (x === 1) Promise.reject(new RangeError('floating')); return x })
    await bag.compute({ get: client.get })
    await client.submit(() => { setTimeout(() => { throw new Error('late') }, 50) }).result()
    client.submit(() => { Promise.reject(new TypeError('of a call')) })
    for (let i = 0; warnings < 3 && i < 200; i++) await new Promise((resolve) => setTimeout(resolve, 50))
    await client.close()
    await cluster.close()`)
  expect(code).toBe(0)
  const lines = stderr.split('\n').filter((line) => line.startsWith('skein'))
  expect(lines).toHaveLength(3)
  const [ofBag, ...ofCalls] = [
    lines.find((line) => line.includes('RangeError: floating')),
    lines.find((line) => line.includes('Error: late')),
    lines.find((line) => line.includes('TypeError: of a call')),
  ]
  expect(ofBag).toMatch(
    /^skein client: a promise was rejected and nothing handled it, in task 'map-\w+:0' \(.*map, added at /,
  )
  expect(ofBag).toContain(`added at ${file}:6:8) on worker-0`)
  expect(stderr).toMatch(/at .*main\.mjs:6:/)
  for (const line of ofCalls) expect(line).toMatch(/main\.mjs:\d+:\d+\) on worker-0/)
})
