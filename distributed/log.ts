/** What the processes of a cluster tell whoever runs them: one line an event, on stderr. */
export function log(who: string, what: string, error?: unknown): void {
  const why = error === undefined ? '' : `: ${error instanceof Error ? error.stack : String(error)}`
  process.stderr.write(`skein ${who}: ${what}${why}\n`)
}
