/**
 * The latency of one small call on an idle cluster, from `submit` to its result, in bare ZeroMQ echoes between two
 * processes, which are measured in turn with the calls.
 */
import { type Client, LocalCluster } from 'skein'
import { startEcho } from './floor/echo.js'
import { startHops } from './floor/hops.js'
import type { Benchmark, Row } from './measure.js'

/** Calls before the measurement of compiled code. */
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

/** Times of calls, and of the bare exchanges that took turns with them. */
interface Times {
  readonly calls: number[]
  readonly echoes: number[]
  readonly hops: number[]
}

const roundTrip: Benchmark = async () => {
  const local = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  const client = await local.client()
  const hops = await startHops()
  const echo = await startEcho()
  const call = calls(client)
  await timesOf(warmUp, hops.roundTrip)
  await timesOf(warmUp, echo.roundTrip)
  const measure = async (): Promise<Times> => {
    const times: Times = { calls: [], echoes: [], hops: [] }
    for (let round = 0; round < rounds; round++) {
      times.calls.push(...(await timesOf(callsPerRound, call)))
      times.echoes.push(...(await timesOf(callsPerRound, echo.roundTrip)))
      times.hops.push(...(await timesOf(callsPerRound, hops.roundTrip)))
    }
    return times
  }
  const first = await measure()
  await timesOf(warmUp, call)
  const later = await measure()
  hops.close()
  echo.close()
  await client.close()
  await local.close()
  return [
    ...rowsOf(first, `the first ${rounds * callsPerRound} calls of a process`),
    ...rowsOf(later, 'compiled code'),
  ]
}

function rowsOf(times: Times, when: string): Row[] {
  return (
    [
      ['median', 0.5, 5],
      ['99th percentile', 0.99, 20],
    ] as const
  ).map(([name, part, goal]): Row => {
    const own = quantile(times.calls, part)
    const least = quantile(times.echoes, 0.5)
    const hops = quantile(times.hops, part)
    return {
      benchmark: `submit(...).result(), one after another, ${when}: ${name}`,
      who: `LocalCluster; echo ${least.toFixed(3)} ms, sockets and ports on the same way ${hops.toFixed(2)} ms`,
      figure: `${own.toFixed(2)} ms`,
      ratio: (own / least).toFixed(1),
      goal: `${goal} median echoes`,
      met: own <= goal * least,
    }
  })
}

export const benchmarks = [roundTrip]
