/**
 * Peak memory of computations over long arrays and texts. Each runs in a process of its own, on two threads
 * or on a cluster of two workers, and the peak must not grow with the length.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { da, db, getThreads, LocalCluster } from 'skein'
import { wordsFile } from './data.js'
import type { Benchmark, Row } from './measure.js'

const run = promisify(execFile)
const chunks = 2e6
const goal = 350
const textGoal = 250

interface Computed {
  compute(options?: object): Promise<unknown>
}

/** The computations by name; `size` is the number of elements or of bytes. */
const computations: Record<string, (size: number) => Computed> = {
  'arange, chain, mean': (n) => da.arange(n, { chunks }).mul(2).add(1).sqrt().mean(),
  'random numbers, chain, mean': (n) =>
    da.random.random([n], { chunks }).mul(2).add(1).sqrt().mean(),
  'arange, standard deviation': (n) => da.arange(n, { chunks }).mul(2).std(),
  'arange, rechunked, chain, mean': (n) =>
    da
      .arange(n, { chunks })
      .mul(2)
      .rechunk(1.5 * chunks)
      .add(1)
      .sqrt()
      .mean(),
  'word count': (bytes) =>
    db
      .readText(wordsFile(bytes), { blocksize: 8e6 })
      .map((line) => line.trimEnd().split(' '))
      .flatten()
      .frequencies(),
}

const megabytes = (kilobytes: number): number => Math.round(kilobytes / 1024)

/** Runs one computation in this process and prints the peaks, in megabytes, of the processes that compute it. */
async function measureHere(name: string, where: string, size: number): Promise<void> {
  const computation = computations[name]!(size)
  if (where === 'threads') {
    await computation.compute({ get: getThreads })
    console.log(megabytes(process.resourceUsage().maxRSS))
    return
  }
  const cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  const client = await cluster.client()
  await computation.compute({ get: client.get })
  const peaks = await client.run(() => process.resourceUsage().maxRSS)
  console.log(Object.values(peaks).map(megabytes).join(' '))
  await client.close()
  await cluster.close()
}

/** Returns the largest peak of a computation in a process of its own. */
async function peakOf(name: string, where: string, size: number): Promise<number> {
  const args = [...process.execArgv, import.meta.filename, '--measure', name, where, String(size)]
  const { stdout } = await run(process.execPath, args)
  return Math.max(...stdout.trim().split(/\s+/).map(Number))
}

async function rowsOf(where: string, who: string): Promise<Row[]> {
  const rows: Row[] = []
  for (const name of Object.keys(computations)) {
    const isText = name === 'word count'
    const [short, long] = isText ? [1e8, 4e8] : [1e8, 5e8]
    if (isText) wordsFile(long)
    const [first, peak] = [await peakOf(name, where, short), await peakOf(name, where, long)]
    const limit = isText ? textGoal : goal
    rows.push({
      benchmark: `peak memory, ${name}, ${long.toLocaleString('en-US')} ${isText ? 'bytes' : 'elements'}`,
      who,
      figure: `${peak} MB`,
      ratio: `${(peak / first).toFixed(2)} of that of ${short.toLocaleString('en-US')}`,
      goal: `${limit} MB`,
      met: peak <= limit,
    })
  }
  return rows
}

const threads: Benchmark = () => rowsOf('threads', 'getThreads')
const cluster: Benchmark = () => rowsOf('cluster', 'one of two worker processes')

export const benchmarks = [threads, cluster]

if (process.argv[2] === '--measure') {
  const [name, where, size] = process.argv.slice(3) as [string, string, string]
  await measureHere(name, where, Number(size))
}
