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
  /** Results that went through the scheduler, since one worker could not reach another. */
  readonly relayed: number
  /** Messages that did not parse and were dropped. */
  readonly dropped: number
}

/** What is known of a worker that is gone. */
export interface WorkerDeath {
  readonly name: string
  readonly pid: number
  readonly hostname: string
  /** How it was noticed. */
  readonly reason: string
  /** The process's exit code, where whoever started it has told. */
  readonly exitCode: number | undefined
  /** The signal that ended the process, where whoever started it has told. */
  readonly signal: string | undefined
  /** Bytes of memory that the process held when it was last heard. */
  readonly rss: number | undefined
}

export interface WorkerInfo {
  readonly worker: number
  readonly name: string
  readonly nthreads: number
  readonly pid: number
  readonly hostname: string
  readonly peer: string
  /** `paused` while it is short of memory, and gets nothing new as long as others do not lack it too. */
  readonly status: 'running' | 'paused'
  readonly memory: WorkerMemory
}

/** How it stands with a worker's memory, all in bytes. */
export interface WorkerMemory {
  /** What it may use; undefined for no limit. */
  readonly limit: number | undefined
  /** Results in memory. */
  readonly stored: number
  /** The most that results have taken in memory since the worker began. */
  readonly peak: number
  /** Results on disk, and not in memory. */
  readonly spilled: number
  /** What its process held when it was last heard. */
  readonly rss: number | undefined
}
