/** How processes end. */

/** The exit code of a process that exited, or the signal that ended it. */
export interface ProcessExit {
  readonly code: number | null
  readonly signal: string | null
}

/** Formats how a process ended: `exit code 1` or `signal SIGKILL`. */
export function describeExit({ code, signal }: ProcessExit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`
}
