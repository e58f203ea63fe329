/**
 * What a user waits for before the first result, each in a new process, beside a process of bare Node that takes its turn in the
 * same run: importing the package, the first computation on threads, a cluster on this machine, and the command's help. The
 * goals are milliseconds on two idle cores; the ratio to bare Node says more on a busy machine.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LocalCluster } from 'skein'
import { type Benchmark, bestOf, duration, type Row } from './measure.js'

const run = promisify(execFile)
const rounds = 7

const skein = import.meta.resolve('skein')
const cli = fileURLToPath(new URL('distributed/cli/cli.js', skein))

/** Runs a module in a new process, and returns what it prints. */
async function runSource(source: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', source])
  return stdout
}

const threads = `
  import { db } from '${skein}'
  const bag = db.range(1000, { npartitions: 4 }).map((x) => x + 1)
  const start = performance.now()
  if ((await bag.sum().compute()) !== 500500) throw new Error('wrong sum')
  console.log((performance.now() - start) / 1000)`

const cluster = `
  import { LocalCluster } from '${skein}'
  const start = performance.now()
  const cluster = await LocalCluster.start({ nworkers: 2 })
  const client = await cluster.client()
  if ((await client.submit((x) => x + 1, 1).result()) !== 2) throw new Error('wrong result')
  console.log((performance.now() - start) / 1000)
  await cluster.close()`

/** Runs a program that prints how many seconds something took; returns the least of all rounds. */
async function leastPrinted(source: string): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    least = Math.min(least, Number(await runSource(source)))
  }
  return least
}

const startUp: Benchmark = async () => {
  const time = await bestOf(rounds, {
    node: () => runSource(''),
    import: () => runSource(`import '${skein}'`),
    help: () => run(process.execPath, [cli, '--help']),
  })
  const rowOf = (benchmark: string, seconds: number, goal: number): Row => ({
    benchmark,
    who: `bare Node ${duration(time.node)}`,
    figure: duration(seconds),
    ratio: (seconds / time.node).toFixed(2),
    goal: duration(goal),
    met: seconds <= goal,
  })
  return [
    rowOf("import 'skein'", time.import, time.node + 0.06),
    rowOf('skein --help', time.help, 0.12),
    rowOf('first compute() of a process, on threads', await leastPrinted(threads), 0.12),
    rowOf('first result of a LocalCluster of 2 workers', await leastPrinted(cluster), 0.6),
  ]
}

/** Returns the resident memory of a process in megabytes. */
function residentMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024
}

const idleWorker: Benchmark = async () => {
  if (process.platform !== 'linux') return []
  await using cluster = await LocalCluster.start({ nworkers: 2 })
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const most = Math.max(...cluster.workers.map(({ pid }) => residentMemory(pid)))
  return [
    {
      benchmark: 'an idle worker',
      who: 'resident memory',
      figure: `${most.toFixed(1)} MB`,
      goal: '60 MB',
      met: most <= 60,
    },
  ]
}

export const benchmarks = [startUp, idleWorker]
