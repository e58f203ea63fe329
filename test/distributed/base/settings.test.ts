/** Settings that make no sense are refused, or warned about once. */
import { expect, test } from 'vitest'
import { runFile } from '../../core/run/threads/program.js'

const cluster = (options = '{ nworkers: 2 }') => `
  import { LocalCluster } from 'skein'
  const cluster = await LocalCluster.start(${options})
  await cluster.close()`

test.each([
  [
    'SKEIN_LOG_LEVEL',
    'debugg',
    /SKEIN_LOG_LEVEL is 'debugg', which is ignored; it may be trace, debug/,
  ],
  ['SKEIN_LOG', 'xml', /SKEIN_LOG is 'xml', which is ignored; it may be json, text/],
])('%s=%s is a warning, once for a cluster and its workers', async (name, value, message) => {
  const { code, stderr } = await runFile(cluster(), { env: { [name]: value } })
  expect(code).toBe(0)
  expect(stderr).toMatch(message)
  expect(stderr.split(value).length).toBe(2)
})

test.each([
  ['SKEIN_LOG_LEVEL', 'error'],
  ['SKEIN_LOG', 'json'],
])('%s=%s is fine', async (name, value) => {
  expect((await runFile(cluster(), { env: { [name]: value } })).stderr).toBe('')
})

test('values that there are not, and names that look misspelled, are warnings', async () => {
  const { stdout, stderr } = await runFile(
    `import { getThreads } from 'skein'
    console.log(await getThreads({ a: 1 }, 'a'), await getThreads({ a: 2 }, 'a'))`,
    {
      env: {
        ...{ SKEIN_THREAD: '2', SKEIN_LOGLEVEL: 'info', SKEIN_NUM_THREADS: '2', skein_log: 'json' },
        ...{
          SKEIN_HIDDEN_CLASSES: 'of',
          SKEIN_JOB: '5',
          SKEIN_SCHEDULER: 'x',
          SKEIN_STATE_DIRS: '/x',
        },
      },
    },
  )
  expect(stdout).toBe('1 2\n')
  expect(stderr.trim().split('\n').sort()).toEqual([
    "skein: SKEIN_HIDDEN_CLASSES is 'of', which is ignored; it may be on, off",
    'skein: SKEIN_LOGLEVEL is not a setting and is ignored; did you mean SKEIN_LOG_LEVEL?',
    'skein: SKEIN_NUM_THREADS is not a setting and is ignored; did you mean SKEIN_THREADS?',
    'skein: SKEIN_STATE_DIRS is not a setting and is ignored; did you mean SKEIN_STATE_DIR?',
    'skein: SKEIN_THREAD is not a setting and is ignored; did you mean SKEIN_THREADS?',
    'skein: skein_log is not a setting and is ignored; did you mean SKEIN_LOG?',
  ])
})

test('a memory limit above what the machine has is a warning', async () => {
  const { stderr } = await runFile(cluster("{ nworkers: 2, memoryLimit: '2000GB' }"))
  expect(stderr).toMatch(
    /^skein cluster: the memory limit of 2000.0 GB is more than the [\d.]+ GB of this machine/,
  )
  expect(stderr.trim().split('\n').length).toBe(1)
})

test('a heap above what the machine has is a warning', async () => {
  const { code, stderr } = await runFile(
    `import { getThreads } from 'skein'
    await getThreads({ a: 1 }, 'a')`,
    { env: { SKEIN_THREAD_MEMORY: '900TB' } },
  )
  expect(code).toBe(0)
  expect(stderr).toMatch(/^skein: SKEIN_THREAD_MEMORY is '900TB', more than the [\d.]+ GB of this/)
})

test('a memory limit above what the machine has is a warning of a worker', async () => {
  const { stderr } = await runFile(`
    import { Worker } from 'skein'
    const worker = await Worker.start({ scheduler: 'tcp://127.0.0.1:9', memoryLimit: '2000GB' })
    await worker.close()`)
  expect(stderr).toMatch(/^skein worker: the memory limit of 2000.0 GB is more than/)
})
