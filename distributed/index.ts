/** The cluster: a scheduler, workers and clients that talk over ZeroMQ, and a cluster on one machine. */

import '../core/base/supported-runtime.js'

export type { ComputeOptions } from '../core/index.js'
export type { SchedulerTaskState } from '../core/scheduling/tables/task-states.js'
export type { KeyPair, PeerKeys } from './base/curve-keys.js'
export {
  BindError,
  CollectionExistsError,
  ConnectionError,
  KilledWorkerError,
  NameTakenError,
  SchedulerError,
  StorageError,
  TooFewWorkersError,
  UnknownCollectionError,
  VersionMismatchError,
  type WorkerDeath,
} from './base/errors.js'
export type { ProcessExit } from './base/process-exit.js'
export {
  Client,
  type ClientGet,
  type ClientOptions,
  type SchedulerFileOptions,
} from './client/client.js'
export type { DumpOptions, Inspectable } from './client/cluster-inspection.js'
export type { RunOptions } from './client/function-calls.js'
export type {
  Argument,
  ArgumentLists,
  Arguments as CallArguments,
  Futures,
  FuturesOf,
  Gathered,
  Submitted,
  Widened,
} from './client/futures/argument-types.js'
export type { CallOptions, ScatterOptions } from './client/futures/cluster-call.js'
export { Future } from './client/futures/future.js'
export type { FutureStatus } from './client/futures/held-result.js'
export {
  AsCompleted,
  type AsCompletedOptions,
  asCompleted,
  type FutureAndResult,
  type Waited,
  type WaitOptions,
  wait,
} from './client/futures/wait.js'
export { getClient } from './client/get-client.js'
export type { SetCollectionOptions } from './client/named-collections.js'
export type { ReplicateOptions } from './client/replicate.js'
export type { RetireOptions } from './client/retire-workers.js'
export type { AdaptOptions } from './processes/adaptive-size.js'
export type { Cluster } from './processes/cluster.js'
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
export type { ResultMapping } from './worker/results/result-store.js'
export { Worker, type WorkerOptions } from './worker/worker.js'
