/** What the scheduler reports about the cluster: the public types of `schedulerInfo`, `story`, `whoHas` and `dump`. */
import type { SchedulerTaskState } from '../../core/scheduling/tables/task-states.js'
import type { WorkerDeath } from '../base/errors.js'

/** The result of `client.schedulerInfo()`. */
export interface SchedulerInfo {
  /** Where workers connect. */
  readonly addressToWorkers: string
  /** Where clients connect. */
  readonly addressToClients: string
  /** The process id of the scheduler. */
  readonly pid: number
  /** The connected workers. */
  readonly workers: readonly WorkerInfo[]
  /** The number of connected clients. */
  readonly clients: number
  /** The number of unfinished computations. */
  readonly runs: number
  /** The number of tasks that are ready and wait for a worker. */
  readonly queued: number
  /** The names of the stored collections. */
  readonly collections: readonly string[]
  /** The number of results that the scheduler relayed, because one worker could not reach another. */
  readonly relayed: number
  /** The number of invalid messages that were dropped. */
  readonly dropped: number
}

/** A worker, as `client.workers()` reports it. */
export interface WorkerInfo {
  /** The scheduler's number of the worker. */
  readonly worker: number
  /** The name in logs and errors. */
  readonly name: string
  /** The number of tasks that run at once. */
  readonly nthreads: number
  /** The process id. */
  readonly pid: number
  /** The name of the machine. */
  readonly hostname: string
  /** Other names of the machine, which the worker was given. */
  readonly hostAliases: readonly string[]
  /** The same as `address`. */
  readonly peer: string
  /** The address from which other workers fetch results. */
  readonly address: string
  /** The resources that tasks may request, and how much of each the worker has. */
  readonly resources: Readonly<Record<string, number>>
  /** The number of unfinished tasks that are assigned to the worker. */
  readonly inHand: number
  /** The number of ready tasks that wait for this worker, because it holds most of their inputs. */
  readonly queued: number
  /** Milliseconds since the last message from the worker. */
  readonly lastHeard: number
  /**
   * `paused` while memory is short: the worker gets no new tasks, unless all workers are paused. `retiring` once it is to leave: it
   * gets none.
   */
  readonly status: 'running' | 'paused' | 'retiring'
  /** The memory use, in bytes. */
  readonly memory: WorkerMemory
}

/** The memory use of a worker, in bytes. */
export interface WorkerMemory {
  /** The limit; undefined for none. */
  readonly limit: number | undefined
  /** Results in memory. */
  readonly stored: number
  /** Bytes of functions with what they captured, counted for each thread that has them. */
  readonly functions: number
  /** The maximum of `stored` since the worker started. */
  readonly peak: number
  /** Results that are only on disk. */
  readonly spilled: number
  /** The process's resident memory, as of its last heartbeat. */
  readonly rss: number | undefined
}

/** The state of a task; `unknown` if no task has the key, and none had it recently. */
export type TaskStateName = SchedulerTaskState | 'unknown'

/** The history of a task and the reason for its state: the result of `client.story(key)`. */
export interface TaskStory {
  /** The key of the task. */
  readonly key: string
  /** The state of the task. */
  readonly state: TaskStateName
  /** Why the task is in this state: `is ready, but it asks for 2 GPU, and no worker has any GPU`. */
  readonly why: string
  /** The name of the computation that submitted the task. */
  readonly run: string | undefined
  /** The names of the workers that the task is assigned to, or that hold its result. */
  readonly workers: readonly string[]
  /** The size of the result in bytes, if it is in memory. */
  readonly nbytes: number | undefined
  /** The tasks whose results it reads. */
  readonly inputs: readonly { readonly key: string; readonly state: TaskStateName }[]
  /** Keys of the tasks that read its result; only the first ones if there are many. */
  readonly dependents: readonly string[]
  /** The task's transitions, oldest first. The scheduler remembers a limited number for all tasks together. */
  readonly events: readonly StoryEvent[]
}

/** A transition of a task. */
export interface StoryEvent {
  /** Milliseconds since the task was submitted. */
  readonly at: number
  /** The state after the transition. */
  readonly state: TaskStateName
  /** What happened and why: `sent to worker-1, attempt 2`. */
  readonly what: string
  /** The name of the worker concerned. */
  readonly worker?: string
  /** For a task that finished: the size of its result in bytes. */
  readonly nbytes?: number
  /** For a task that finished: how long it ran, in milliseconds. */
  readonly ms?: number
}

/** Why a task of a client cannot run now. */
export interface WhyWaiting {
  readonly why: string
  /** The number of workers that have ever joined: while it is the same, nothing has changed for the better. */
  readonly joined: number
}

/** For each key, the names of the workers that hold its result. */
export type WhoHas = Readonly<Record<string, readonly string[]>>

/** For each worker, by name, the keys of the results that it holds, or of the tasks assigned to it. */
export type KeysByWorker = Readonly<Record<string, readonly string[]>>

/** The complete state of the scheduler as JSON, without values and code: the result of `client.dump()`. */
export interface ClusterDump {
  /** The versions of the protocol, of Skein and of Node. */
  readonly versions: { readonly protocol: number; readonly skein: string; readonly node: string }
  /** The options that the scheduler was started with. */
  readonly options: Readonly<Record<string, unknown>>
  /** Milliseconds since the scheduler started. */
  readonly uptime: number
  /** The addresses and counts of the scheduler. */
  readonly scheduler: Omit<SchedulerInfo, 'workers' | 'clients' | 'runs' | 'queued' | 'collections'>
  /** The connected workers. */
  readonly workers: readonly WorkerInfo[]
  /** The workers that were lost most recently. */
  readonly gone: readonly WorkerDeath[]
  /** The clients, with the names of their unfinished computations. */
  readonly clients: readonly {
    readonly name: string
    readonly isConnected: boolean
    readonly runs: readonly string[]
  }[]
  /** The unfinished computations. */
  readonly runs: readonly {
    readonly run: string
    readonly client: string
    /** Milliseconds since it was submitted. */
    readonly age: number
    readonly tasks: number
    /** The number of its tasks in each state. */
    readonly states: Readonly<Partial<Record<TaskStateName, number>>>
    readonly targets: number
    /** The number of targets whose values the client has requested and was not sent yet. */
    readonly unsent: number
    /** Whether its targets are held until the client releases them. */
    readonly keeps: boolean
    /** Whether all targets are in memory. */
    readonly isDone: boolean
  }[]
  /** The names of the stored collections. */
  readonly collections: readonly string[]
  /** The ready tasks that wait for a worker. */
  readonly queues: {
    /** The number of ready tasks that are not assigned to a worker. */
    readonly queued: number
    /** Ready tasks with worker or resource restrictions: the first one for each restriction. */
    readonly placed: readonly {
      readonly key: string
      readonly workers?: readonly string[]
      readonly resources?: Readonly<Record<string, number>>
      /** Why no worker can run it; null if one can. */
      readonly stuck: string | null
    }[]
  }
  /** The number of tasks in each state. */
  readonly states: Readonly<Partial<Record<TaskStateName, number>>>
  /** The tasks, up to the limit. */
  readonly tasks: readonly DumpedTask[]
  /** The number of tasks beyond the limit, which are left out. */
  readonly tasksLeftOut: number
  /** The last transitions of all tasks, oldest first. */
  readonly events: readonly (Omit<StoryEvent, 'at'> & {
    readonly key: string | null
    /** Milliseconds before the dump. */
    readonly ago: number
  })[]
}

/** A task in a dump. */
export interface DumpedTask {
  /** The key. */
  readonly key: string
  /** The state. */
  readonly state: TaskStateName
  /** The name of the computation that submitted it. */
  readonly run: string | null
  /** The names of the workers that it is assigned to, or that hold its result. */
  readonly workers: readonly string[]
  /** The keys of the tasks whose results it reads. */
  readonly inputs: readonly string[]
  /** The number of dependents and computations that need its result. */
  readonly neededBy: number
  /** The number of its inputs that are not in memory. */
  readonly waitingOn: number
  /** The priority; tasks with a higher one run first. */
  readonly priority: number
  /** How many more times it may fail. */
  readonly retries: number
  /** The number of worker losses that count against its retry limit. */
  readonly deaths: number
  /** The size of the result in bytes, if it is in memory. */
  readonly nbytes: number
}

/** The default limit on the number of tasks in a dump. */
export const defaultDumpedTasks = 10_000
