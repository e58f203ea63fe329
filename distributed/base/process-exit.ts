/** How processes end. */

/** The exit code of a process that exited, or the signal that ended it; neither if it could not be started. */
export interface ProcessExit {
  /** The exit code; null if a signal ended the process. */
  readonly code: number | null
  /** The signal, such as `SIGKILL`; null if the process exited. */
  readonly signal: string | null
}

/** Formats how a process ended: `exit code 1` or `signal SIGKILL`. */
export function describeExit({ code, signal }: ProcessExit): string {
  if (signal !== null) return `signal ${signal}`
  return code === null ? 'no exit code' : `exit code ${code}`
}
