/** What `client.schedulerInfo()` tells. */
export interface SchedulerInfo {
  readonly addressToWorkers: string
  readonly addressToClients: string
  readonly pid: number
  readonly workers: readonly WorkerInfo[]
  readonly clients: number
  /** Computations that are not finished. */
  readonly runs: number
  readonly collections: readonly string[]
  /** Messages that did not parse and were dropped. */
  readonly dropped: number
}

export interface WorkerInfo {
  readonly worker: number
  readonly name: string
  readonly nthreads: number
  readonly pid: number
  readonly hostname: string
  readonly peer: string
}
