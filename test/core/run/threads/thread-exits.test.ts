/** Why a thread ended is said in the error of the task that it ran. */
import { describe, expect, test } from 'vitest'
import { runFile } from './program.js'

test('process.exit: the exit code, and the line where the operation was added', async () => {
  const { stdout, file } = await runFile(`
    import { db } from 'skein'
    const bag = db.range(2, { npartitions: 1 })
      .map(() => process.exit(3))
    await bag.compute().catch((error) => console.log(error.message, error.site))`)
  expect(stdout).toContain(
    '3 threads ended while they ran it: it exited with code 3, as by process.exit(3)',
  )
  expect(stdout).toContain(`failed in map (added at ${file}:4:8)`)
  expect(stdout).toMatch(/main\.mjs:4:8\n$/)
})

test('the step of a chain that ended the thread is named', async () => {
  const { stdout } = await runFile(`
    import { getThreads } from 'skein'
    const leave = () => process.exit(4)
    const add = (a) => a + 1
    await getThreads({ a: [add, [leave, [add, 1]]] }, 'a').catch((error) => console.log(error.operation))`)
  expect(stdout).toBe('leave\n')
})

test('on a cluster too', async () => {
  const { stdout, file } = await runFile(`
    import { LocalCluster } from 'skein'
    const cluster = await LocalCluster.start({ nworkers: 1 })
    const client = await cluster.client()
    await client.submit(() => process.exit(3)).result().catch((error) => console.log(error.message, error.site))
    await client.close()
    await cluster.close()`)
  expect(stdout).toContain('it exited with code 3, as by process.exit(3)')
  expect(stdout).toContain(`${file}:5:18`)
})

describe('a full heap', () => {
  const fill = `const fill = () => { const all = []; for (;;) all.push(new Array(50_000).fill(all.length)) }`

  test('fails the task at once, with the limit and how to raise it', async () => {
    const { stdout } = await runFile(
      `
      import { getThreads } from 'skein'
      ${fill}
      const started = performance.now()
      await getThreads({ a: [fill] }, 'a').catch((error) => console.log(error.key, error.message))
      console.log(await getThreads({ a: [() => 1] }, 'a'))`,
      { env: { SKEIN_THREAD_MEMORY: '64MiB', SKEIN_THREADS: '1' } },
    )
    expect(stdout).toMatch(/^a .*the heap of 64 MB of its thread was full; set SKEIN_THREAD_MEMORY/)
    expect(stdout).toMatch(/\n1\n$/)
  })

  test('on a cluster too', async () => {
    const { stdout } = await runFile(
      `
      import { LocalCluster } from 'skein'
      ${fill}
      const cluster = await LocalCluster.start({ nworkers: 1 })
      const client = await cluster.client()
      await client.get({ a: [fill] }, 'a').catch((error) => console.log(error.message))
      await client.close()
      await cluster.close()`,
      { env: { SKEIN_THREAD_MEMORY: '64MiB' } },
    )
    expect(stdout).toMatch(/the heap of 64 MB of its thread was full; set SKEIN_THREAD_MEMORY/)
  })
})

test('threads are replaced however many of them tasks have ended', async () => {
  const { stdout } = await runFile(
    `
    import { getThreads } from 'skein'
    for (let i = 0; i < 5; i++) await getThreads({ a: [() => process.exit(i)] }, 'a').catch(() => {})
    console.log(await getThreads({ a: [() => 1] }, 'a'))`,
    { env: { SKEIN_THREADS: '1' } },
  )
  expect(stdout).toBe('1\n')
})

describe('the end of the program', () => {
  test('idle threads do not keep it alive', async () => {
    const { code, stdout } = await runFile(`
      import { getThreads } from 'skein'
      console.log(await getThreads({ a: [() => { setInterval(() => {}, 1000); return 1 }] }, 'a'))`)
    expect([code, stdout]).toEqual([0, '1\n'])
  })

  test('an error that it throws ends it though threads are busy', async () => {
    const { code, stderr } = await runFile(`
      import { getThreads } from 'skein'
      void getThreads({ a: [() => { for (;;); }] }, 'a')
      setTimeout(() => { throw new RangeError('of the program') }, 300)`)
    expect(code).toBe(1)
    expect(stderr).toContain('RangeError: of the program')
  })

  test('an aborted computation that does not end by itself does not keep it alive', async () => {
    const { code } = await runFile(`
      import { getThreads } from 'skein'
      await getThreads({ a: [() => { for (;;); }] }, 'a', { signal: AbortSignal.timeout(300) }).catch(() => {})`)
    expect(code).toBe(0)
  })
})

describe('settings', () => {
  test.each([
    [
      'SKEIN_THREADS',
      'abc',
      /SKEIN_THREADS is the number of threads, a whole number from 1 to 1024, got 'abc'/,
    ],
    ['SKEIN_THREADS', '0', /from 1 to 1024, got '0'/],
    ['SKEIN_THREADS', '-1', /from 1 to 1024, got '-1'/],
    ['SKEIN_THREADS', '1e9', /from 1 to 1024, got '1e9'/],
    [
      'SKEIN_THREAD_MEMORY',
      'much',
      /SKEIN_THREAD_MEMORY is the heap of a thread as a size such as '8GB', at least 32MiB, got 'much'/,
    ],
    ['SKEIN_THREAD_MEMORY', '1MB', /at least 32MiB, got '1MB'/],
    ['SKEIN_MEMORY_LIMIT', '2', /SKEIN_MEMORY_LIMIT is .*a fraction .*or 0 for no limit; got '2'/],
    ['SKEIN_MEMORY_LIMIT', '10MB', /at least 64MB, .*got '10MB'/],
  ])('%s=%s is rejected', async (name, value, message) => {
    const { stdout } = await runFile(
      `import { getThreads } from 'skein'
      await getThreads({ a: 1 }, 'a').catch((error) => console.log(error.name, error.message))`,
      { env: { [name]: value } },
    )
    expect(stdout).toMatch(/^RangeError/)
    expect(stdout).toMatch(message)
  })
})
