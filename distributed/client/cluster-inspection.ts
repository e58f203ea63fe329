/** Questions that a client asks its scheduler: where results are, what workers do, what became of a task. */
import { writeFile } from 'node:fs/promises'
import { isComputable, type NamedCollection } from '../../core/graph/descriptor.js'
import { RemoteValue } from '../../core/graph/remote-value.js'
import { load } from '../../core/graph/stored-value.js'
import { assertOptions } from '../base/options.js'
import type { ClientRequest, Inspect, InspectedTask, Reply } from '../protocol/index.js'
import {
  type ClusterDump,
  defaultDumpedTasks,
  type KeysByWorker,
  type TaskStory,
  type WhoHas,
} from '../protocol/info.js'
import type { Future } from './futures/future.js'

/** What a question may be about: a future, a key, a persisted collection. */
export type Inspectable = Future<unknown> | string | { readonly keys: readonly string[] }

/** How to dump the state of a cluster. */
export interface DumpOptions {
  /** A file to write the JSON to as well. */
  readonly filename?: string
  /** How many tasks to tell of at most; by default 10,000. */
  readonly tasks?: number
}

/** Asks a request that gets its number from whoever sends it. */
export type Ask = (request: (number: number) => ClientRequest) => Promise<Reply>

type Question = Pick<Inspect, 'what'> & Partial<Pick<Inspect, 'tasks' | 'workers' | 'limit'>>

export class Introspection {
  private readonly ask: Ask

  constructor(ask: Ask) {
    this.ask = ask
  }

  async whoHas(of?: Inspectable | readonly Inspectable[]): Promise<WhoHas> {
    const tasks = of === undefined ? null : inspected(of, 'whoHas')
    return (await this.answer({ what: 'who-has', tasks })) as WhoHas
  }

  async byWorker(
    what: 'has-what' | 'processing',
    workers: string | readonly string[] | undefined,
    call: string,
  ): Promise<KeysByWorker> {
    const names = workers === undefined ? null : namesOf(workers, call)
    return (await this.answer({ what, workers: names })) as KeysByWorker
  }

  async story(of: Inspectable): Promise<TaskStory> {
    const tasks = inspected(of, 'story')
    if (tasks.length !== 1)
      throw new TypeError(`story: expected one future or key, got ${tasks.length} of them`)
    const [story] = (await this.answer({ what: 'story', tasks })) as TaskStory[]
    return story!
  }

  async dump(options: DumpOptions): Promise<ClusterDump> {
    assertOptions(options, 'dump', ['filename', 'tasks'])
    const { filename, tasks = defaultDumpedTasks } = options
    if (filename !== undefined && (typeof filename !== 'string' || filename === ''))
      throw new TypeError(`dump: filename is a text, got ${typeof filename}`)
    if (typeof tasks !== 'number' || !(tasks >= 0))
      throw new RangeError(`dump: tasks is how many tasks to tell of, got ${String(tasks)}`)
    const dump = (await this.answer({ what: 'dump', limit: tasks })) as ClusterDump
    if (filename !== undefined) await writeFile(filename, `${JSON.stringify(dump, null, 2)}\n`)
    return dump
  }

  private async answer({ what, tasks = null, workers = null, limit = 0 }: Question) {
    const reply = await this.ask((request) => {
      return { op: 'inspect', request, what, tasks, workers, limit }
    })
    return load(reply.value)
  }
}

/** What a question is about, as the scheduler is asked. */
function inspected(of: Inspectable | readonly Inspectable[], call: string): InspectedTask[] {
  if (typeof of === 'string') return [{ key: of, run: null, target: -1 }]
  if (of instanceof RemoteValue) return [{ key: of.key, run: of.run, target: of.place }]
  if (isComputable(of)) {
    const { keys } = of as unknown as NamedCollection
    return keys.map((key) => ({ key, run: null, target: -1 }))
  }
  if (Array.isArray(of)) return of.flatMap((item: Inspectable) => inspected(item, call))
  const given = of === null ? 'null' : typeof of
  throw new TypeError(`${call}: expected futures, keys, or a persisted collection, got ${given}`)
}

function namesOf(workers: string | readonly string[], call: string): readonly string[] {
  if (typeof workers === 'string') return [workers]
  if (Array.isArray(workers) && workers.every((name) => typeof name === 'string')) return workers
  throw new TypeError(`${call}: expected names or addresses of workers`)
}
