/**
 * The speed of transfers between worker processes: chunks of 16 MB, against bare sockets in the same run,
 * and many small values.
 */
import { type Client, LocalCluster } from 'skein'
import { startChunks } from './floor/chunks.js'
import { type Benchmark, bestOf, type Row, rate } from './measure.js'

const chunkBytes = 16 * 1024 * 1024
const chunks = 16
const rounds = 6
const smallValues = 20_000

const makeChunk = (bytes: number, i: number) => new Float64Array(bytes / 8).fill(i)
const sizeOf = (chunk: Float64Array) => chunk.byteLength
const makeString = (i: number) => `value number ${i}, which is not long`
const totalOf = (strings: readonly string[]) => strings.reduce((sum, text) => sum + text.length, 0)

/** Returns the seconds until the chunks of one worker were read on the other. */
async function chunkTime(client: Client, [from, to]: readonly string[]): Promise<number> {
  const made = Array.from({ length: chunks }, (_, i) =>
    client.submitWith({ workers: [from!], pure: false }, makeChunk, chunkBytes, i),
  )
  await client.wait(made)
  const start = performance.now()
  const read = made.map((chunk) =>
    client.submitWith({ workers: [to!], pure: false }, sizeOf, chunk),
  )
  for (const size of await client.gather(read))
    if (size !== chunkBytes) throw new Error('A chunk is incomplete')
  const seconds = (performance.now() - start) / 1000
  for (const future of [...made, ...read]) future.release()
  return seconds
}

/** Returns the seconds until the small values of one worker were read by one task on the other. */
async function stringTime(client: Client, [from, to]: readonly string[]): Promise<number> {
  const numbers = Array.from({ length: smallValues }, (_, i) => i)
  const made = client.map(makeString, numbers, { workers: [from!], pure: false })
  await client.wait(made)
  const start = performance.now()
  const total = client.submitWith({ workers: [to!], pure: false }, totalOf, made)
  if ((await total.result()) <= smallValues) throw new Error('Values are missing')
  const seconds = (performance.now() - start) / 1000
  for (const future of [...made, total]) future.release()
  return seconds
}

const betweenWorkers: Benchmark = async () => {
  const local = await LocalCluster.start({ nworkers: 2, nthreads: 1, memoryLimit: '4GB' })
  const client = await local.client()
  const names = local.workers.map(({ name }) => name)
  const bare = await startChunks(chunkBytes)
  let ours = Number.POSITIVE_INFINITY
  let least = Number.POSITIVE_INFINITY
  let small = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    ours = Math.min(ours, await chunkTime(client, names))
    const { time } = await bestOf(1, { time: () => bare.bring(chunks) })
    least = Math.min(least, time)
    small = Math.min(small, await stringTime(client, names))
  }
  bare.close()
  await client.close()
  await local.close()
  const speed = (seconds: number): number => (chunks * chunkBytes) / seconds / 1e9
  const rows: Row[] = [
    {
      benchmark: `${chunks} chunks of 16 MB, worker to worker`,
      who: `two worker processes; bare sockets ${speed(least).toFixed(2)} GB/s`,
      figure: `${speed(ours).toFixed(2)} GB/s`,
      ratio: (ours / least).toFixed(2),
      goal: '0.8 GB/s',
      met: speed(ours) >= 0.8,
    },
    {
      benchmark: `${smallValues.toLocaleString('en-US')} strings, worker to worker, read by one task`,
      who: 'two worker processes',
      figure: rate(smallValues, small),
    },
  ]
  return rows
}

export const benchmarks = [betweenWorkers]
