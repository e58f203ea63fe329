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

test('a memory limit above what the machine has is a warning', async () => {
  const { stderr } = await runFile(cluster("{ nworkers: 2, memoryLimit: '2000GB' }"))
  expect(stderr).toMatch(
    /^skein cluster: the memory limit of 2000.0 GB is more than the [\d.]+ GB of this machine/,
  )
  expect(stderr.trim().split('\n').length).toBe(1)
})

test('a memory limit above what the machine has is a warning of a worker', async () => {
  const { stderr } = await runFile(`
    import { Worker } from 'skein'
    const worker = await Worker.start({ scheduler: 'tcp://127.0.0.1:9', memoryLimit: '2000GB' })
    await worker.close()`)
  expect(stderr).toMatch(/^skein worker: the memory limit of 2000.0 GB is more than/)
})
