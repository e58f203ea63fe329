/**
 * Rows of the table, and the measuring of time.
 *
 * The contenders of one comparison take turns, and the best round of each counts, so that another program
 * on the machine disturbs all of them alike.
 */

/** One line of the table. */
export interface Row {
  readonly benchmark: string
  readonly who: string
  /** The measured value, with its unit. */
  readonly figure: string
  /** The time divided by the baseline's in the same run. */
  readonly ratio?: string
  readonly goal?: string
  readonly met?: boolean
}

/** One of the `benchmarks` that a benchmark file exports. */
export type Benchmark = () => Promise<Row[]>

/** Runs the contenders in turn, `rounds` times, and returns the best time of each in seconds. */
export async function bestOf<Name extends string>(
  rounds: number,
  contenders: Record<Name, () => unknown>,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[]
  const best = Object.fromEntries(names.map((name) => [name, Number.POSITIVE_INFINITY])) as Record<
    Name,
    number
  >
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now()
      await contenders[name]()
      best[name] = Math.min(best[name], (performance.now() - start) / 1000)
    }
  }
  return best
}

/** Formats a count per second, such as `1,234,000/s`. */
export function rate(count: number, seconds: number): string {
  const perSecond = count / seconds
  const step = 10 ** Math.max(0, Math.floor(Math.log10(perSecond)) - 2)
  return `${(Math.round(perSecond / step) * step).toLocaleString('en-US')}/s`
}

/** Formats a time, such as `1.25 s` or `80 ms`. */
export function duration(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(2)} s`
}

/** Throws if two contenders return different answers. */
export function assertSame(a: unknown, b: unknown, what: string): void {
  if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(`${what}: answers differ`)
}
