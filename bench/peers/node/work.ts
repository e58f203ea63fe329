/** What the peers in Node share: a row's work, and how values are made comparable. */
import { createHash } from 'node:crypto'
import type { Value } from '../row-types.js'

/** The sizes of a row, and the path of its file. */
export type Size = Readonly<Record<string, number>> & { readonly path?: string }

/** One row of one peer. */
export interface Work<R = unknown> {
  /** What is timed. */
  run(): R | Promise<R>
  /** Makes the value that is compared with the other peers', outside the timed part. */
  value(result: R): Value | Promise<Value>
  /** The figure, if it is not the time of `run`. */
  figure?(seconds: number, result: R): number
  /** Releases what the preparation made. */
  close?(): unknown
}

/** A peer's rows: each prepares its data, which is not timed, and returns the work. */
// biome-ignore lint/suspicious/noExplicitAny: rows have results of many types.
export type Rows = Readonly<Record<string, (size: Size) => Work<any> | Promise<Work<any>>>>

/** Checks a row's types, and returns it. */
export const work = <R>(w: Work<R>): Work<R> => w

/** A digest of strings in any order, equal to that of python/work.py. */
export function digest(lines: Iterable<string>): string {
  const sorted = [...lines].sort()
  return `${sorted.length}:${createHash('sha256').update(sorted.join('\n')).digest('hex').slice(0, 16)}`
}

/** A digest of pairs of a key and an integer. */
export const digestPairs = (pairs: Iterable<readonly [unknown, unknown]>): string =>
  digest(Array.from(pairs, ([key, value]) => `${key}\t${value}`))

/** A sum of numbers with their positions as weights. */
export function weightedSum(values: Iterable<number>): number {
  let sum = 0
  let position = 0
  for (const value of values) sum += value * ++position
  return sum
}

/** The time per `count` of a unit, which is the figure of rows with `per`. */
export const each = (count: number) => (seconds: number) => seconds / count

export function quantile(times: readonly number[], part: number): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * part)]!
}

/** The seconds of each of so many calls, one after another. */
export async function timesOf(
  count: number,
  call: (i: number) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await call(i)
    times.push((performance.now() - start) / 1000)
  }
  return times
}

/** The rows `round-trip` and `round-trip-p99` of a peer that calls `x + 1` elsewhere. */
export function roundTrips(call: (x: number) => Promise<number>): Rows {
  let isWarm = false
  const measure =
    (part: number) =>
    async ({ calls, warmUp }: Size) => {
      const check = async (x: number): Promise<void> => {
        if ((await call(x)) !== x + 1) throw new Error('A call returned a wrong value')
      }
      if (!isWarm) await timesOf(warmUp, check)
      isWarm = true
      return work<number[]>({
        run: () => timesOf(calls, check),
        value: (times) => times.length,
        figure: (_, times) => quantile(times, part),
      })
    }
  return { 'round-trip': measure(0.5), 'round-trip-p99': measure(0.99) }
}
