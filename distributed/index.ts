/** The cluster: a scheduler, workers and clients that talk over ZeroMQ, and a cluster on one machine. */

export type { CallOptions } from './client/call.js'
export type { ScatterOptions } from './client/calls.js'
export { Client, type ClientOptions } from './client/client.js'
export type { ReplicateOptions } from './client/copies.js'
export { Future } from './client/future.js'
export { getClient } from './client/get-client.js'
export type { DumpOptions, Inspectable } from './client/introspection.js'
export type { FutureStatus } from './client/target.js'
export type { Argument, Gathered } from './client/types.js'
export { AsCompleted, asCompleted, type Waited, type WaitOptions, wait } from './client/wait.js'
export {
  BindError,
  ConnectionError,
  KilledWorkerError,
  SchedulerError,
  StorageError,
  TooFewWorkersError,
  UnknownCollectionError,
  VersionMismatchError,
} from './errors.js'
export type {
  ClusterDump,
  DumpedTask,
  KeysByWorker,
  SchedulerInfo,
  StoryEvent,
  TaskStateName,
  TaskStory,
  WhoHas,
  WorkerInfo,
  WorkerMemory,
} from './info.js'
export { LocalCluster, type LocalClusterOptions, type LocalWorker } from './local-cluster.js'
export { Scheduler, type SchedulerOptions } from './scheduler/scheduler.js'
export { Chest, type ChestOptions } from './storage/chest.js'
export type { ResultMapping } from './worker/result-store.js'
export { Worker, type WorkerOptions } from './worker/worker.js'
