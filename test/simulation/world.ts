/**
 * A simulated cluster: the real scheduler, workers and clients over simulated sockets, threads and
 * disks, in virtual time. Everything that happens depends on the seed alone.
 */

import { validate } from '../../core/scheduling/diagnostics/validate.js'
import type { SchedulerEvent } from '../../core/scheduling/interface/events.js'
import { StorageError } from '../../distributed/base/errors.js'
import { Scheduler } from '../../distributed/scheduler/scheduler.js'
import { Worker } from '../../distributed/worker/worker.js'
import { below, seeded } from '../support/random.js'
import { checkWorker } from './checks.js'
import type { Chance, Conditions } from './conditions.js'
import type { ExecutorThreads } from './executor-threads.js'
import { type GraphForm, type KnownGraph, makeGraph } from './graphs.js'
import { NameBook } from './name-book.js'
import { Network } from './network.js'
import { engineOf, stateOf } from './private-access.js'
import type { StateDisk } from './state-folder.js'
import type { TaskBehavior } from './task-behavior.js'
import { User } from './user.js'
import { Process, VirtualTime } from './virtual-time.js'

const ports = { toWorkers: 4001, toClients: 4002 }
const addresses = {
  toWorkers: `tcp://127.0.0.1:${ports.toWorkers}`,
  toClients: `tcp://127.0.0.1:${ports.toClients}`,
}

interface WorkerProcess {
  readonly name: string
  readonly process: Process
  worker: Worker | undefined
}

/** The names of workers. Some tasks may run only at workers of the first kind. */
const evenNames = Array.from({ length: 12 }, (_, i) => `even-${i}`)
const oddNames = Array.from({ length: 12 }, (_, i) => `odd-${i}`)

export class World {
  readonly seed: number
  readonly conditions: Conditions
  readonly random: () => number
  readonly time = new VirtualTime()
  readonly network: Network
  readonly executors = new Map<Process, ExecutorThreads>()
  readonly workers: WorkerProcess[] = []
  users: User[] = []
  /** Graphs with keys made from content, which all clients use. */
  readonly shared: KnownGraph[] = []
  /** The named results and collections. */
  readonly names = new NameBook()
  /** The disk on which schedulers keep named results and collections, if they do. */
  readonly stateDisk: StateDisk = { records: new Map(), owner: undefined }
  scheduler: Scheduler | undefined
  schedulerProcess: Process | undefined
  /** The first failure. */
  failure: string | undefined
  isCalm = false
  /** Whether users make no new requests. */
  isEnding = false
  /** What has happened; undefined if it is not recorded. */
  readonly trace: string[] | undefined
  private readonly triedOnce = new Set<string>()
  private nextNumber = 0
  /** The maximum of task slots that any scheduler has used. */
  private slots = 0
  private lostThreads = 0

  constructor(seed: number, conditions: Conditions, isTraced: boolean) {
    this.seed = seed
    this.conditions = conditions
    this.random = seeded(seed)
    this.network = new Network(this)
    this.network.slowness = conditions.slowness
    Object.assign(this.network.faults, conditions.messages)
    this.trace = isTraced ? [] : undefined
    for (let n = 0; n < 3; n++) {
      const form = { ...this.graphForm(), contentNamed: true, retries: 0, earlier: [] }
      this.shared.push(makeGraph(this.random, form))
    }
  }

  /** Whether schedulers keep named results and collections on disk. */
  get hasState(): boolean {
    return this.conditions.hasState
  }

  /** Whether names are never lost: a scheduler that is killed loses them unless they are on disk. */
  get keepsNames(): boolean {
    return this.hasState || this.conditions.processFaults['scheduler is killed'] === undefined
  }

  // Chance -------------------------------------------------------------------------------------------

  choose<T>(all: readonly T[]): T {
    return all[below(this.random, all.length)]!
  }

  /** Decides whether something happens this time. */
  happens(what: Chance): boolean {
    const chance = this.isCalm ? 0 : this.conditions.chances[what]
    return chance > 0 && this.random() < chance
  }

  taskDuration(_text: string): number {
    return this.random() < 0.03 ? this.random() * 400 : this.random() * this.random() * 40
  }

  /** Whether a task has not been run before. */
  isFirstTime(text: string): boolean {
    if (this.triedOnce.has(text)) return false
    this.triedOnce.add(text)
    return true
  }

  nextText(): { text: string; own: number; behavior: TaskBehavior } {
    const own = below(this.random, 1000)
    let behavior: TaskBehavior = ''
    let chance = this.random()
    for (const [name, share] of this.conditions.behaviors) {
      if (chance < share) {
        behavior = name
        break
      }
      chance -= share
    }
    return {
      text: `${this.nextNumber++} ${own}${behavior === '' ? '' : ` ${behavior}`}`,
      own,
      behavior,
    }
  }

  /** Returns a new id. */
  nextId(): string {
    return `id${String(this.nextNumber++).padStart(8, '0')}`
  }

  graphForm(): Pick<GraphForm, 'name' | 'most' | 'nextText'> {
    const nextText = (): ReturnType<World['nextText']> => this.nextText()
    return { name: `g${this.nextNumber++}`, most: this.conditions.mostTasks, nextText }
  }

  /** Returns random restrictions or a priority for a call. */
  restrictionOptions(): {
    resources?: Record<string, number>
    workers?: string[]
    priority?: number
  } {
    const chance = this.random()
    if (chance < 0.1) return { resources: { GPU: 1 } }
    if (chance < 0.15) return { workers: evenNames }
    return chance < 0.25 ? { priority: below(this.random, 3) } : {}
  }

  // Processes ----------------------------------------------------------------------------------------

  private newProcess(kind: string): Process {
    const number = this.nextNumber++
    return new Process(`${kind}-${number}`, 1000 + number)
  }

  startScheduler(): void {
    const process = this.newProcess('scheduler')
    this.schedulerProcess = process
    this.scheduler = undefined
    this.note(process, 'starts')
    this.time.after(0, process, () => {
      void this.begin(async () => {
        const scheduler = await Scheduler.start({
          portToWorkers: ports.toWorkers,
          portToClients: ports.toClients,
          workerTimeout: 2500,
          clientTimeout: 4000,
          allowedFailures: this.conditions.allowedFailures,
          stateDir: this.hasState ? '/state' : null,
        })
        this.scheduler = scheduler
        const { state } = engineOf(scheduler)
        const handle = state.handle.bind(state)
        state.handle = (event: SchedulerEvent) => {
          const messages = handle(event)
          this.slots = Math.max(this.slots, state.tasks.high)
          this.guard(() => validate(state))
          return messages
        }
      })
    })
  }

  startWorker(): void {
    const process = this.newProcess('worker')
    // Some tasks are restricted to these names: there must be a worker that has one.
    const used = new Set(this.living.map((other) => other.name))
    const isMissing = !evenNames.some((other) => used.has(other))
    const isEven = isMissing || this.workers.length % 2 === 0
    // The name of a killed worker is used again, as by a nanny.
    const name = (isEven ? evenNames : oddNames).find((other) => !used.has(other))!
    const entry: WorkerProcess = { process, name, worker: undefined }
    this.workers.push(entry)
    this.note(process, 'starts')
    this.time.after(0, process, () => {
      void this.begin(async () => {
        const worker = await Worker.start({
          scheduler: addresses.toWorkers,
          nthreads: 1 + below(this.random, 3),
          name,
          resources: { GPU: 1 },
          schedulerTimeout: 4000,
          peerTimeout: 700,
          memoryLimit: this.conditions.memoryLimit,
        })
        entry.worker = worker
        const state = stateOf(worker)
        const handle = state.handle.bind(state)
        state.handle = (event) => {
          const instructions = handle(event)
          this.guard(() => checkWorker(state, Math.min(this.slots, state.columns.phase.length)))
          return instructions
        }
      })
    })
  }

  startUser(): void {
    const user = new User(this, this.newProcess('client'))
    this.users.push(user)
    this.note(user.process, 'starts')
    this.time.after(0, user.process, () => {
      void this.begin(() => user.begin(addresses.toClients))
    })
  }

  get living(): WorkerProcess[] {
    return this.workers.filter(({ process }) => process.status !== 'dead')
  }

  /** Kills a worker's process; another one starts some time later. */
  killWorker(process: Process): void {
    this.note(process, 'is killed')
    this.time.kill(process)
    const { random } = this
    this.time.after(random() * 1500, undefined, () => this.startWorker())
  }

  killUser(user: User): void {
    this.note(user.process, 'is killed')
    this.time.kill(user.process)
    this.users = this.users.filter((other) => other !== user)
    this.time.after(this.random() * 1500, undefined, () => this.startUser())
  }

  killScheduler(): void {
    const process = this.schedulerProcess!
    if (process.status === 'dead') return
    this.note(process, 'is killed')
    this.time.kill(process)
    this.time.after(this.random() * 1500, undefined, () => this.startScheduler())
  }

  /** Closes the scheduler; another one starts some time later. */
  endScheduler(): void {
    const { scheduler } = this
    const process = this.schedulerProcess!
    this.time.after(0, process, () => {
      void scheduler?.close().then(() => {
        if (process === this.schedulerProcess) this.killScheduler()
      })
    })
  }

  /** Stops a process for a while. */
  stopFor(process: Process, during: number): void {
    this.note(process, `is stopped for ${during}`)
    this.time.stop(process)
    this.time.after(during, undefined, () => {
      this.note(process, 'is resumed')
      this.time.resume(process)
    })
  }

  /** Ends a busy thread. Only two of them count as failures, so that no task reaches the limit by chance. */
  loseThread(process: Process): void {
    const isPlanned = this.lostThreads++ >= 2
    this.time.after(0, process, () => this.executors.get(process)?.loseOne(isPlanned))
  }

  /** Ends all faults, except those that tasks cause themselves. */
  calmDown(): void {
    this.isCalm = true
    this.network.heal()
    for (const { process } of this.living) this.time.resume(process)
    for (const { process } of this.users) this.time.resume(process)
    this.time.resume(this.schedulerProcess!)
    for (let n = 0; n < 2; n++) this.startWorker()
  }

  // Faults -------------------------------------------------------------------------------------------

  /** Fails the simulation if a reason is given. */
  failIf(why: string | undefined): void {
    this.failure ??= why
  }

  /** Takes the log lines of processes; lines about internal errors fail the simulation. */
  onLog(who: string, what: string, error: unknown): void {
    // A process that was just killed may still log in the same event.
    if (this.time.current?.status === 'dead') return
    this.note(this.time.current, `logs: ${what} ${error instanceof Error ? error.message : ''}`)
    if (!/^an error in the|^could not handle|^an? .* was dropped$|did not parse/.test(what)) return
    const isStorage = error instanceof StorageError || error === 'the disk is full'
    if (isStorage && this.conditions.chances.stateFault > 0) return
    const why = error instanceof Error ? error.stack : String(error)
    this.failIf(`${who} says: ${what}: ${why}`)
  }

  note(process: Process | undefined, what: string): void {
    this.trace?.push(`${this.time.now.toFixed(1)} ${process?.name ?? 'the world'} ${what}`)
  }

  /** Runs a check; the simulation fails if it throws. */
  guard(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.failIf((error as Error).stack)
    }
  }

  private async begin(body: () => Promise<void>): Promise<void> {
    try {
      await body()
    } catch (error) {
      this.failIf((error as Error).stack)
    }
  }
}
