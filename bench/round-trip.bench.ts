/**
 * The latency of one small call on an idle cluster, from `submit` to its result, against a bare round trip
 * over the same number of sockets in the same run.
 */
import { type Client, LocalCluster } from 'skein'
import { startHops } from './floor/hops.js'
import type { Benchmark, Row } from './measure.js'

/** Calls before the measurement, so that V8 has compiled everything. */
const warmUp = 3000
const rounds = 20
const callsPerRound = 100

/** Returns the milliseconds of each call. */
async function timesOf(count: number, call: (i: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await call(i)
    times.push(performance.now() - start)
  }
  return times
}

function quantile(times: readonly number[], part: number): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * part)]!
}

function calls(client: Client): (i: number) => Promise<unknown> {
  let next = 0
  const addOne = (x: number): number => x + 1
  return async () => {
    const x = next++
    const result = await client.submit(addOne, x).result()
    if (result !== x + 1) throw new Error(`Expected ${x + 1}, got ${String(result)}`)
  }
}

const roundTrip: Benchmark = async () => {
  const local = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  const client = await local.client()
  const hops = await startHops()
  const call = calls(client)
  await timesOf(warmUp, call)
  await timesOf(warmUp, hops.roundTrip)
  const ours: number[] = []
  const bare: number[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(...(await timesOf(callsPerRound, call)))
    bare.push(...(await timesOf(callsPerRound, hops.roundTrip)))
  }
  hops.close()
  await client.close()
  await local.close()
  return (
    [
      ['median', 0.5, 0.6],
      ['99th percentile', 0.99, 3],
    ] as const
  ).map(([name, part, goal]): Row => {
    const [own, least] = [quantile(ours, part), quantile(bare, part)]
    return {
      benchmark: `submit(...).result(), one after another: ${name}`,
      who: `two worker processes; bare sockets and ports ${least.toFixed(2)} ms`,
      figure: `${own.toFixed(2)} ms`,
      ratio: (own / least).toFixed(2),
      goal: `${goal} ms`,
      met: own < goal,
    }
  })
}

export const benchmarks = [roundTrip]
