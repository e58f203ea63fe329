/** What tasks print arrives, in order for each task, before the computation resolves. */
import { describe, expect, test } from 'vitest'
import { runFile } from './program.js'

const printing = (count: number, end = '') => `
  import { db } from 'skein'
  const bag = db.range(${count}, { npartitions: 4 }).map((x) => { console.log('item', x); return x })
  console.log('done', (await bag.compute()).length)
  ${end}`

/** The items that were printed, and whether all of them came before the result. */
function printed(stdout: string) {
  const lines = stdout.trim().split('\n')
  const items = lines.filter((line) => line.startsWith('item')).map((line) => Number(line.slice(5)))
  return { items, last: lines.at(-1) }
}

describe.each(['pipe', 'file'] as const)('to a %s', (to) => {
  test.each([8, 20_000])(
    'all of %d lines are printed before the computation resolves',
    async (count) => {
      const { items, last } = printed((await runFile(printing(count), { to })).stdout)
      expect(items.length).toBe(count)
      expect(last).toBe(`done ${count}`)
      // Each task prints a quarter of the numbers, in their order.
      for (let i = 0; i < 4; i++) {
        const own = items.filter((x) => Math.floor((4 * x) / count) === i)
        expect(own).toEqual([...own].sort((a, b) => a - b))
      }
    },
  )

  test('all is printed though the program exits at once', async () => {
    const { stdout } = await runFile(printing(1000, 'process.exit(0)'), { to })
    expect(printed(stdout).items.length).toBe(1000)
  })
})

test('stderr, bytes and other encodings are printed too', async () => {
  const { stdout, stderr } = await runFile(`
    import { getThreads } from 'skein'
    await getThreads({ a: [() => {
      console.error('an error')
      process.stdout.write(new TextEncoder().encode('bytes\\n'))
      process.stdout.write('6869', 'hex')
      process.stdout.write(' ü€😀\\n')
    }] }, 'a')`)
  expect(stderr).toBe('an error\n')
  expect(stdout).toBe('bytes\nhi ü€😀\n')
})

test('what a task prints before it fails, or ends its thread, is printed', async () => {
  const { stdout } = await runFile(`
    import { getThreads } from 'skein'
    await getThreads({ a: [() => { console.log('before the error'); throw new Error('no') }] }, 'a').catch(() => {})
    await getThreads({ a: [() => { console.log('before the exit'); process.exit(3) }] }, 'a').catch(() => {})`)
  expect(stdout).toBe('before the error\nbefore the exit\nbefore the exit\nbefore the exit\n')
})

test('a program that replaces process.stdout.write gets what tasks print', async () => {
  const { stdout } = await runFile(`
    import { db } from 'skein'
    const write = process.stdout.write
    let caught = ''
    process.stdout.write = (chunk) => { caught += chunk; return true }
    await db.range(300_000, { npartitions: 2 }).map((x) => { console.log('item', x) }).compute()
    process.stdout.write = write
    console.log(caught.split('\\n').length)`)
  expect(stdout).toBe('300001\n')
})

test('a task that prints a lot waits until it is printed, and does not fill the memory', async () => {
  const { stdout, stderr } = await runFile(
    `
    import { getThreads } from 'skein'
    const before = process.memoryUsage().rss
    let most = 0
    const timer = setInterval(() => { most = Math.max(most, process.memoryUsage().rss) }, 5)
    await getThreads({ a: [() => { const line = 'x'.repeat(9999); for (let i = 0; i < 30_000; i++) console.log(line) }] }, 'a')
    clearInterval(timer)
    console.error((most - before) / 1e6)`,
    { env: { SKEIN_THREADS: '1' }, to: 'file' },
  )
  expect(stdout.length).toBe(300_000_000)
  expect(Number(stderr)).toBeLessThan(200)
})

test('a reader that goes away is no error', async () => {
  const { code, stdout, stderr } = await runFile(
    `
    import { spawn } from 'node:child_process'
    import { writeFileSync } from 'node:fs'
    const program = ${JSON.stringify(printing(100_000, "console.error('the end')"))}
    const file = new URL('reader.mjs', import.meta.url)
    writeFileSync(file, program)
    const child = spawn(process.execPath, [file.pathname], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.once('data', () => child.stdout.destroy())
    child.on('close', (code) => console.log(code))`,
  )
  expect([code, stdout, stderr]).toEqual([0, '0\n', 'the end\n'])
})

test('what a thread prints as it starts is printed', async () => {
  const { stdout } = await runFile(
    `
    import { spawn } from 'node:child_process'
    import { writeFileSync } from 'node:fs'
    const file = (name) => new URL(name, import.meta.url)
    writeFileSync(file('first.cjs'), "console.log('started')")
    writeFileSync(file('main2.mjs'), ${JSON.stringify(`
      import { getThreads } from 'skein'
      await getThreads({ a: [Math.abs, 1] }, 'a')
      await new Promise((resolve) => setTimeout(resolve, 300))`)})
    spawn(process.execPath, ['--require', file('first.cjs').pathname, file('main2.mjs').pathname], { stdio: 'inherit' })`,
    { env: { SKEIN_THREADS: '1' } },
  )
  expect(stdout).toBe('started\nstarted\n')
})

test('what tasks print on a cluster arrives in the output of the worker process', async () => {
  const { stdout } = await runFile(`
    import { db, LocalCluster } from 'skein'
    const cluster = await LocalCluster.start({ nworkers: 1 })
    const client = await cluster.client()
    const bag = db.range(1000, { npartitions: 4 }).map((x) => { console.log('item', x); return x })
    await bag.compute({ get: client.get })
    await client.close()
    await cluster.close()`)
  expect(printed(stdout).items.length).toBe(1000)
})
