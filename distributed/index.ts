/** The cluster: a scheduler, workers and clients that talk over ZeroMQ, and a cluster on one machine. */

export {
  BindError,
  ConnectionError,
  KilledWorkerError,
  SchedulerError,
  StorageError,
  TooFewWorkersError,
  UnknownCollectionError,
  VersionMismatchError,
} from './base/errors.js'
export type { CallOptions } from './client/call.js'
export type { ScatterOptions } from './client/calls.js'
export { Client, type ClientOptions } from './client/client.js'
export { Future } from './client/future.js'
export { getClient } from './client/get-client.js'
export type { FutureStatus } from './client/held-result.js'
export type { DumpOptions, Inspectable } from './client/introspection.js'
export type { ReplicateOptions } from './client/replicate.js'
export type { Argument, Gathered } from './client/types.js'
export { AsCompleted, asCompleted, type Waited, type WaitOptions, wait } from './client/wait.js'
export {
  LocalCluster,
  type LocalClusterOptions,
  type LocalWorker,
} from './processes/local-cluster.js'
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
} from './protocol/info.js'
export { Scheduler, type SchedulerOptions } from './scheduler/scheduler.js'
export { Chest, type ChestOptions } from './storage/chest.js'
export type { ResultMapping } from './worker/result-store.js'
export { Worker, type WorkerOptions } from './worker/worker.js'
