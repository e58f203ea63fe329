import { once } from 'node:events'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { collectGarbage } from '../../../core/base/collect-garbage.js'
import { runnableFile } from '../../../core/base/package-root.js'

test('contexts of the user get no global `gc`', () => {
  collectGarbage()
  expect(runInNewContext('typeof gc')).toBe('undefined')
  collectGarbage()
})

test('threads that collect garbage for the first time at once all find `gc`: flags belong to the process', async () => {
  const count = 4
  const arrived = new Int32Array(new SharedArrayBuffer(4))
  const source = `
    const { parentPort, workerData: { module, arrived, count } } = require('node:worker_threads')
    import(module).then(({ collectGarbage }) => {
      Atomics.add(arrived, 0, 1)
      while (Atomics.load(arrived, 0) % count !== 0) {}
      collectGarbage()
      parentPort.postMessage('collected')
    })`
  const workerData = { module: runnableFile('core/base/collect-garbage').href, arrived, count }
  for (let round = 0; round < 5; round++) {
    const threads = Array.from(
      { length: count },
      () => new Worker(source, { eval: true, workerData }),
    )
    const ends = await Promise.all(threads.map((thread) => once(thread, 'message')))
    expect(ends.flat()).toEqual(Array.from({ length: count }, () => 'collected'))
  }
})
