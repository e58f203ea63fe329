/**
 * What every benchmark file uses: a row of the table, and how a time is taken.
 *
 * Contenders of one comparison take turns, and each one's best round counts: what another program
 * does to the machine meanwhile then hits none of them alone.
 */

/** One line of the table. */
export interface Row {
  readonly benchmark: string
  readonly who: string
  /** What was reached, with its unit. */
  readonly figure: string
  /** The time taken, against the yardstick's in the same run. */
  readonly ratio?: string
  readonly goal?: string
  readonly met?: boolean
}

/** What a benchmark file exports as `benchmarks`. */
export type Benchmark = () => Promise<Row[]>

/** Runs each contender in turn, `rounds` times over, and gives each one's best time in seconds. */
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

/** A count per second, such as `1,234,000/s`. */
export function rate(count: number, seconds: number): string {
  const perSecond = count / seconds
  const step = 10 ** Math.max(0, Math.floor(Math.log10(perSecond)) - 2)
  return `${(Math.round(perSecond / step) * step).toLocaleString('en-US')}/s`
}

/** A time such as `1.25 s` or `80 ms`. */
export function duration(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(2)} s`
}

/** Fails the benchmark when contenders do not give the same answer. */
export function assertSame(a: unknown, b: unknown, what: string): void {
  if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(`${what}: answers differ`)
}
