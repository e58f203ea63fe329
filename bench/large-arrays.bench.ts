/**
 * Peak memory of arrays that are larger than it: a chain and a reduction over 20 GB of generated chunks, a rechunk of 4 GB
 * and a sort of 2e8 numbers, which go over the disk. Each runs in a process of its own, on threads with a limit of memory, or on
 * a cluster of two workers with a limit each.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { da, getThreads, LocalCluster } from 'skein'
import { type Benchmark, duration, type Row } from './measure.js'

const run = promisify(execFile)

interface Large {
  readonly what: string
  readonly compute: () => { compute(options?: object): Promise<unknown> }
  /** The setting `SKEIN_MEMORY_LIMIT` of threads. */
  readonly limit: string
  /** The megabytes that the process may take. */
  readonly goal: number
  /** The limit of each of two workers, and the goal of all processes together; undefined if it is not run on a cluster. */
  readonly cluster?: { readonly limit: string; readonly goal: number }
}

const side = 22_360
const random = (n: number) => da.random.random([n], { chunks: 2e6 })

const computations: Record<string, Large> = {
  chain: {
    what: 'chain and mean of 20 GB of random numbers',
    compute: () => random(2.5e9).mul(2).add(1).sqrt().mean(),
    limit: '400MB',
    goal: 400,
  },
  rechunk: {
    what: 'rechunk of 4 GB from rows to columns',
    compute: () =>
      da.random
        .random([side, side], { chunks: { 0: 200 } })
        .rechunk({ 0: -1, 1: 200 })
        .sum(0)
        .sum(),
    limit: '800MB',
    goal: 1000,
    cluster: { limit: '300MB', goal: 1000 },
  },
  sort: {
    what: 'sort of 200,000,000 numbers',
    compute: () => da.sort(random(2e8)).sum(),
    limit: '1500MB',
    goal: 2000,
    cluster: { limit: '500MB', goal: 2000 },
  },
}

/** Returns the megabytes that a process takes now, without the pages of files, which the system frees when it must. */
function megabytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
  return (of('RssAnon') + of('RssShmem')) / 1024
}

/** Computes in this process and prints the peak of memory in megabytes, and the seconds. */
async function measureHere(name: string, where: string): Promise<void> {
  const { compute, cluster: limits } = computations[name]!
  const pids = [process.pid]
  let get = getThreads
  let close = async (): Promise<void> => {}
  if (where === 'cluster') {
    const memoryLimit = limits!.limit
    const cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1, memoryLimit })
    const client = await cluster.client()
    pids.push(...Object.values(await client.run(() => process.pid)))
    get = client.get
    close = async () => {
      await client.close()
      await cluster.close()
    }
  }
  const start = performance.now()
  let peak = 0
  const watch = () => {
    peak = Math.max(
      peak,
      pids.reduce((sum, pid) => sum + megabytesOf(pid), 0),
    )
  }
  const timer = setInterval(watch, 20)
  await compute().compute({ get })
  watch()
  clearInterval(timer)
  await close()
  console.log(Math.round(peak), (performance.now() - start) / 1000)
}

async function rowOf(name: string, where: 'threads' | 'cluster'): Promise<Row> {
  const { what, limit, goal, cluster } = computations[name]!
  const isCluster = where === 'cluster'
  const args = [...process.execArgv, import.meta.filename, '--measure', name, where]
  const env = isCluster ? process.env : { ...process.env, SKEIN_MEMORY_LIMIT: limit }
  const { stdout } = await run(process.execPath, args, { env })
  const [peak, seconds] = stdout.trim().split(' ').map(Number) as [number, number]
  const most = isCluster ? cluster!.goal : goal
  return {
    benchmark: `peak memory, ${what}, limit ${isCluster ? cluster!.limit : limit}`,
    who: isCluster ? 'two worker processes and the scheduler' : 'getThreads',
    figure: `${peak} MB in ${duration(seconds)}`,
    goal: `${most} MB`,
    met: peak <= most,
  }
}

/** The benchmark of each computation, where /proc shows the memory of processes. */
const benchmarksOf = (name: string): Benchmark => {
  return async () => {
    if (process.platform !== 'linux') return []
    const rows = [await rowOf(name, 'threads')]
    if (computations[name]!.cluster !== undefined) rows.push(await rowOf(name, 'cluster'))
    return rows
  }
}

export const benchmarks = Object.keys(computations).map(benchmarksOf)

if (process.argv[2] === '--measure') {
  const [name, where] = process.argv.slice(3) as [string, string]
  await measureHere(name, where)
}
