/**
 * Rechunks from rows to columns on two threads: as Skein plans it, against one stage. Whether stages in between are worth
 * their copies depends on the number of pieces, so there are few and many.
 */
import { da, getThreads } from 'skein'
import { type Benchmark, duration, type Row } from './measure.js'

const side = 3000
const rounds = 3

/** The rows of a chunk, and the most that the CPU time may be in relation to one stage. */
const sizes = [
  { rows: 300, goal: 1.1 },
  { rows: 50, goal: 1.1 },
  { rows: 10, goal: 0.5 },
]

/** Returns the seconds of CPU time of a rechunk and a sum. */
async function cpuOf(rows: number, options: da.RechunkOptions): Promise<number> {
  const x = da.ones([side, side], { chunks: { 0: rows } })
  const before = process.cpuUsage()
  await x.rechunk({ 0: -1, 1: rows }, options).sum().compute({ get: getThreads })
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

const rechunk: Benchmark = async () => {
  const table: Row[] = []
  await cpuOf(side, {})
  for (const { rows, goal } of sizes) {
    let [planned, direct] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let round = 0; round < rounds; round++) {
      planned = Math.min(planned, await cpuOf(rows, {}))
      direct = Math.min(direct, await cpuOf(rows, { threshold: Number.POSITIVE_INFINITY }))
    }
    table.push({
      benchmark: `rechunk ${side} × ${side} from ${side / rows} chunks of rows to as many of columns, CPU time`,
      who: 'getThreads',
      figure: duration(planned),
      ratio: (planned / direct).toFixed(2),
      goal: `ratio to one stage ${goal}`,
      met: planned <= goal * direct,
    })
  }
  return table
}

export const benchmarks = [rechunk]
