/** A client's questions to its scheduler: where results are, what workers do, what happened to a task. */
import { writeFile } from 'node:fs/promises'
import { describeValue } from '../../core/base/describe-value.js'
import { isComputable, type NamedCollection } from '../../core/graph/collection-interface.js'
import { RemoteValue } from '../../core/graph/remote-value.js'
import { load } from '../../core/graph/stored-value.js'
import { WorkerNames } from '../../core/scheduling/tables/worker-names.js'
import { assertOptions } from '../base/options.js'
import type { Inspect, InspectedTask } from '../protocol/index.js'
import {
  type ClusterDump,
  defaultDumpedTasks,
  type KeysByWorker,
  type SchedulerInfo,
  type TaskStory,
  type WhoHas,
  type WorkerInfo,
} from '../protocol/info.js'
import { hostsOf } from '../protocol/worker-hosts.js'
import { describeWorkers } from '../protocol/worker-summary.js'
import type { ClientSession } from './client-session.js'
import type { Future } from './futures/future.js'

/** The subject of a question: a future, a key, or a persisted collection. */
export type Inspectable = Future<unknown> | string | { readonly keys: readonly string[] }

/** Options of `client.dump`. */
export interface DumpOptions {
  /** A file that the dump is written to as JSON. By default none. */
  readonly filename?: string
  /** The most tasks to describe. By default 10,000. */
  readonly tasks?: number
}

/** Returns the workers of a scheduler in this process. */
export type FindWorkers = () => readonly WorkerInfo[]

type Question = Pick<Inspect, 'what'> & Partial<Pick<Inspect, 'tasks' | 'workers' | 'limit'>>

export class ClusterInspection {
  private readonly session: ClientSession
  private readonly findWorkers: FindWorkers | undefined
  private lastWorkers: readonly WorkerInfo[] | undefined

  constructor(session: ClientSession, findWorkers: FindWorkers | undefined) {
    this.session = session
    this.findWorkers = findWorkers
  }

  /** Describes the workers as they are now, or as they were when they were last asked for, in a few words. */
  summary(): string | undefined {
    const workers = this.findWorkers?.() ?? this.lastWorkers
    return workers === undefined ? undefined : describeWorkers(workers)
  }

  async schedulerInfo(): Promise<SchedulerInfo> {
    const reply = await this.session.ask((request) => ({ op: 'get-info', request }))
    const info = load(reply.value) as SchedulerInfo
    this.lastWorkers = info.workers
    return info
  }

  async workers(): Promise<readonly WorkerInfo[]> {
    return (await this.schedulerInfo()).workers
  }

  /**
   * Returns the workers with these names or addresses, or on these hosts; without names, all. `caller` names the method in
   * errors.
   *
   * @throws RangeError for a worker that does not exist, TypeError for anything but strings.
   */
  async workersNamed(
    names: string | readonly string[] | undefined,
    caller: string,
  ): Promise<readonly WorkerInfo[]> {
    const wanted = names === undefined ? undefined : workerNames(names, caller)
    const workers = await this.workers()
    if (wanted === undefined) return workers
    const namesOf = new Map(
      workers.map((worker) => {
        return [worker, new WorkerNames([worker.name, worker.address], hostsOf(worker))]
      }),
    )
    const isNamed = (worker: WorkerInfo, by: string): boolean => namesOf.get(worker)!.match(by)
    for (const by of wanted) {
      if (workers.some((worker) => isNamed(worker, by))) continue
      const known = workers.map(({ name }) => name).join(', ')
      throw new RangeError(
        `${caller}: there is no worker '${by}'; ${known === '' ? 'there are none' : `the workers are ${known}`}`,
      )
    }
    return workers.filter((worker) => wanted.some((by) => isNamed(worker, by)))
  }

  async whoHas(subject?: Inspectable | readonly Inspectable[]): Promise<WhoHas> {
    const tasks = subject === undefined ? null : inspectedTasks(subject, 'whoHas')
    return (await this.ask({ what: 'who-has', tasks })) as WhoHas
  }

  /** Asks for keys by worker; `caller` names the method in errors. */
  async keysByWorker(
    what: 'has-what' | 'processing',
    workers: string | readonly string[] | undefined,
    caller: string,
  ): Promise<KeysByWorker> {
    const names = workers === undefined ? null : workerNames(workers, caller)
    if (names !== null) await this.workersNamed(names, caller)
    return (await this.ask({ what, workers: names })) as KeysByWorker
  }

  async story(subject: Inspectable): Promise<TaskStory> {
    const tasks = inspectedTasks(subject, 'story')
    if (tasks.length !== 1)
      throw new TypeError(`story: expected one future or key, got ${tasks.length} of them`)
    const [story] = (await this.ask({ what: 'story', tasks })) as TaskStory[]
    return story!
  }

  async dump(options: DumpOptions): Promise<ClusterDump> {
    assertOptions(options, 'dump', ['filename', 'tasks'])
    const { filename, tasks = defaultDumpedTasks } = options
    if (filename !== undefined && (typeof filename !== 'string' || filename === ''))
      throw new TypeError(
        `dump: filename is a string, got ${filename === '' ? 'an empty one' : typeof filename}`,
      )
    if (typeof tasks !== 'number' || !(tasks >= 0))
      throw new RangeError(`dump: tasks is a number of tasks from 0 on, got ${String(tasks)}`)
    const dump = (await this.ask({ what: 'dump', limit: tasks })) as ClusterDump
    if (filename !== undefined) await writeFile(filename, `${JSON.stringify(dump, null, 2)}\n`)
    return dump
  }

  private async ask({ what, tasks = null, workers = null, limit = 0 }: Question) {
    this.session.held.flush()
    // Releases of this turn are sent at its end: the answer must come after them.
    await undefined
    const reply = await this.session.ask((request) => {
      return { op: 'inspect', request, what, tasks, workers, limit }
    })
    return load(reply.value)
  }
}

/** Returns the tasks that a question is about. Throws TypeError for anything but an Inspectable. */
function inspectedTasks(
  subject: Inspectable | readonly Inspectable[],
  caller: string,
): InspectedTask[] {
  if (typeof subject === 'string') return [{ key: subject, run: null, target: -1 }]
  if (subject instanceof RemoteValue) {
    return [{ key: subject.key, run: subject.run, target: subject.place }]
  }
  if (isComputable(subject)) {
    const { keys } = subject as unknown as NamedCollection
    return keys.map((key) => ({ key, run: null, target: -1 }))
  }
  if (Array.isArray(subject)) {
    return subject.flatMap((item: Inspectable) => inspectedTasks(item, caller))
  }
  const given = subject === null ? 'null' : typeof subject
  throw new TypeError(`${caller}: expected futures, keys, or a persisted collection, got ${given}`)
}

function workerNames(workers: string | readonly string[], caller: string): readonly string[] {
  if (typeof workers === 'string') return [workers]
  if (Array.isArray(workers) && workers.every((name) => typeof name === 'string')) return workers
  throw new TypeError(
    `${caller}: expected names or addresses of workers, got ${describeValue(workers)}`,
  )
}
