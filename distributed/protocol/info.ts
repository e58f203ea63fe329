import type { WorkerDeath } from '../base/errors.js'

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

export interface WorkerInfo {
  readonly worker: number
  readonly name: string
  readonly nthreads: number
  readonly pid: number
  readonly hostname: string
  readonly peer: string
  /** Where other workers fetch data from it. */
  readonly address: string
  /** What tasks may ask for, and how much of it there is. */
  readonly resources: Readonly<Record<string, number>>
  /** Tasks sent to it and not finished. */
  readonly inHand: number
  /** Ready tasks that wait for it, since it holds most bytes of their inputs. */
  readonly queued: number
  /** Milliseconds since it was last heard. */
  readonly lastHeard: number
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

/** Where a task may be: `unknown` where no task of a key is known, nor was lately. */
export type TaskStateName =
  | 'released'
  | 'waiting'
  | 'queued'
  | 'processing'
  | 'memory'
  | 'erred'
  | 'forgotten'
  | 'unknown'

/** What became of a task, and why it is where it is: what `client.story(key)` tells. */
export interface TaskStory {
  readonly key: string
  readonly state: TaskStateName
  /** Why it is there now, and what it waits for: `is ready, but it asks for 2 GPU, and no worker has any GPU`. */
  readonly why: string
  /** What the scheduler knows the computation by that brought it. */
  readonly run: string | undefined
  /** Names of the workers that have it in hand, or hold its result. */
  readonly workers: readonly string[]
  /** Size of the result in bytes, once it is there. */
  readonly nbytes: number | undefined
  /** The tasks that it reads. */
  readonly inputs: readonly { readonly key: string; readonly state: TaskStateName }[]
  /** Keys of tasks that read it; the first of them, if there are many. */
  readonly dependents: readonly string[]
  /** What happened to it, the oldest first. Only the last transitions of all tasks are remembered. */
  readonly events: readonly StoryEvent[]
}

/** Something that happened to a task. */
export interface StoryEvent {
  /** Milliseconds after the task came. */
  readonly at: number
  /** The state that it led to. */
  readonly state: TaskStateName
  /** What happened and why: `sent to worker-1, attempt 2`. */
  readonly what: string
  /** The name of the worker that it is about. */
  readonly worker?: string
  /** Of a task that finished: the size of the result, and how long it took. */
  readonly nbytes?: number
  readonly ms?: number
}

/** Where results are: for each key the names of the workers that hold it. */
export type WhoHas = Readonly<Record<string, readonly string[]>>
/** For each worker, by name, the keys of what it holds or has in hand. */
export type KeysByWorker = Readonly<Record<string, readonly string[]>>

/** Everything that the scheduler knows, as JSON: what `client.dump()` gives. No values, no code. */
export interface ClusterDump {
  readonly versions: { readonly protocol: number; readonly skein: string; readonly node: string }
  /** With what the scheduler was started. */
  readonly options: Readonly<Record<string, unknown>>
  /** Milliseconds since the scheduler began. */
  readonly uptime: number
  readonly scheduler: Omit<SchedulerInfo, 'workers' | 'clients' | 'runs' | 'collections'>
  readonly workers: readonly WorkerInfo[]
  /** Workers that are gone, the last ones. */
  readonly gone: readonly WorkerDeath[]
  readonly clients: readonly {
    readonly name: string
    readonly isConnected: boolean
    readonly runs: readonly string[]
  }[]
  readonly runs: readonly {
    readonly run: string
    readonly client: string
    /** Milliseconds since it came. */
    readonly age: number
    readonly tasks: number
    /** How many of its tasks are in which state. */
    readonly states: Readonly<Partial<Record<TaskStateName, number>>>
    readonly targets: number
    /** Targets whose values the client waits for and has not been sent. */
    readonly unsent: number
    readonly keeps: boolean
    readonly isDone: boolean
  }[]
  readonly collections: readonly string[]
  readonly queues: {
    /** Ready tasks that are at no worker. */
    readonly queued: number
    /** Of those that ask for certain workers or resources, one for each demand. */
    readonly placed: readonly {
      readonly key: string
      readonly workers?: readonly string[]
      readonly resources?: Readonly<Record<string, number>>
      /** Why no worker can run it, if none can. */
      readonly stuck: string | null
    }[]
  }
  /** How many tasks there are in which state. */
  readonly states: Readonly<Partial<Record<TaskStateName, number>>>
  readonly tasks: readonly DumpedTask[]
  /** How many tasks were left out. */
  readonly tasksLeftOut: number
  /** The last transitions of tasks, the oldest first. */
  readonly events: readonly (Omit<StoryEvent, 'at'> & {
    readonly key: string | null
    /** Milliseconds before now. */
    readonly ago: number
  })[]
}

/** A task in a dump. */
export interface DumpedTask {
  readonly key: string
  readonly state: TaskStateName
  readonly run: string | null
  readonly workers: readonly string[]
  readonly inputs: readonly string[]
  /** How many dependents and computations need it. */
  readonly neededBy: number
  /** How many of its inputs are not there. */
  readonly waitingOn: number
  readonly priority: number
  readonly retries: number
  /** How many deaths of workers are held against it. */
  readonly deaths: number
  readonly nbytes: number
}

/** How many tasks are in a dump unless more are asked for. */
export const defaultDumpedTasks = 10_000
