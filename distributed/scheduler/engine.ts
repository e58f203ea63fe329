/**
 * What the scheduler does with messages, apart from sending and receiving them: it owns the state
 * machine, turns messages into its events, and what it answers into messages.
 *
 * Values pass through as bytes. Results go to the clients as they come, so none are kept here. Like
 * the state it knows no sockets, timers or promises, so a simulation can drive it.
 */
import type { RunFailure, SchedulerEvent, SchedulerMessage } from '../../core/scheduling/events.js'
import { SchedulerState } from '../../core/scheduling/state.js'
import { MEMORY, PROCESSING } from '../../core/scheduling/task-table.js'
import { isEncoded, type StoredValue } from '../../core/stored-value.js'
import type {
  Bundle,
  Erred,
  Finished,
  Gathered,
  Goodbye,
  Heartbeat,
  Hello,
  Missing,
  Replicated,
  SchedulerToClient,
  SchedulerToWorker,
  Submit,
  WireFailure,
  WorkerHello,
  WorkerToScheduler,
} from '../protocol.js'
import { tokensOf } from '../tokens.js'
import { isStored } from '../wire.js'
import { BundleShelf } from './bundle-shelf.js'
import { type ClientLink, Clients } from './clients.js'
import { Computation, faultOf, submissionOf } from './computation.js'
import { failureToTell, type TaskFailure } from './failures.js'
import { Obituaries } from './obituaries.js'
import { RecipeNumbers } from './recipe-numbers.js'
import { type WorkerLink, Workers } from './workers.js'

/** What workers say once they were let in. */
export type FromWorker = Exclude<WorkerToScheduler, Hello | Heartbeat | Goodbye>

/** What the engine needs of whoever drives it. */
export interface EngineHost {
  /** Milliseconds, of a clock that only goes forward. */
  now(): number
  log(what: string, error?: unknown): void
}

/** Bytes a millisecond between two workers, until it is measured. */
const bandwidth = 500_000
/** Milliseconds of expected work that a worker has in hand for each of its threads. */
const budget = 10

export class Engine {
  readonly state: SchedulerState
  readonly shelf = new BundleShelf()
  readonly workers: Workers
  readonly clients: Clients
  readonly obituaries = new Obituaries()
  /** Messages that made no sense. */
  dropped = 0
  private readonly host: EngineHost
  private readonly recipes = new RecipeNumbers(this.shelf)
  private readonly computations = new Map<number, Computation>()
  private nextRun = 0

  constructor(host: EngineHost, settings: { allowedDeaths?: number } = {}) {
    this.host = host
    this.state = new SchedulerState({ bandwidth, budget, ...settings })
    const { state, recipes, shelf } = this
    this.workers = new Workers({ state, recipes, shelf })
    this.clients = new Clients(shelf)
  }

  /** How many computations are not finished. */
  get runs(): number {
    return this.computations.size
  }

  // Workers ----------------------------------------------------------------------------------------

  /** A worker comes in; `start` must be called once it knows its number. */
  addWorker(hello: WorkerHello, post: (message: SchedulerToWorker) => void): WorkerLink {
    return this.workers.join(hello, post)
  }

  /** A worker that was added may be given work from now on. */
  startWorker({ worker, hello }: WorkerLink): void {
    if (!this.workers.has(worker)) return
    this.guard(() =>
      this.handle({ kind: 'worker-joined', worker, nthreads: Math.max(1, hello.nthreads) }),
    )
  }

  /** A worker is gone; one that went by itself leaves nothing to be held against what it had in hand. */
  removeWorker(link: WorkerLink, reason: string, isBlameless = false): void {
    this.workers.leave(link)
    this.obituaries.add(link, reason)
    this.guard(() => {
      this.handle({ kind: 'worker-left', worker: link.worker, isBlameless })
      this.gatherAgain()
    })
  }

  /** A worker says something. */
  fromWorker(link: WorkerLink, message: FromWorker): void {
    this.guard(() => this.onWorkerMessage(link, message))
  }

  private onWorkerMessage(link: WorkerLink, message: FromWorker): void {
    switch (message.op) {
      case 'finished':
        this.onFinished(link, message)
        return
      case 'erred':
        this.onErred(link, message)
        return
      case 'missing':
        this.onMissing(link, message)
        return
      case 'replicated':
        this.onReplicated(link, message)
        return
      case 'relay':
        this.workers.relay(link, message)
        return
      case 'gathered':
        if (message.to >= 0) this.workers.passOn(link, message)
        else this.onGathered(link, message)
        return
    }
  }

  private onFinished({ worker }: WorkerLink, message: Finished): void {
    const { tasks, attempts, nbytes, durations, delivered, values } = message
    const count = tasks.length
    if (attempts.length !== count || nbytes.length !== count || durations.length !== count) {
      this.dropped++
      return
    }
    if (this.clients.wantingProgress > 0) this.countProgress(worker, tasks, attempts)
    for (let i = 0; i < delivered.length; i++) {
      const slot = tasks[delivered[i]!]
      if (slot === undefined || !isStored(values[i])) continue
      if (!this.isCurrent(worker, slot, attempts[delivered[i]!]!)) continue
      this.passOn(slot, values[i]!, message.bundles)
    }
    this.handle({ kind: 'finished', worker, tasks, attempts, nbytes, durations })
  }

  private isCurrent(worker: number, slot: number, attempt: number): boolean {
    const { state, worker: workerOf, attempt: attemptOf } = this.state.tasks
    return state[slot] === PROCESSING && workerOf[slot] === worker && attemptOf[slot] === attempt
  }

  private onErred({ worker }: WorkerLink, message: Erred): void {
    const { task, attempt, step, error, bundles } = message
    if (!this.isCurrent(worker, task, attempt)) return
    const key = this.keyOf(task)
    this.handle({
      kind: 'erred',
      worker,
      task,
      attempt,
      error: { step, error, bundles, key } satisfies TaskFailure,
    })
  }

  private onMissing({ worker }: WorkerLink, message: Missing): void {
    const { task, attempt, input, holder } = message
    // Of a result that was made again since, nothing is known to be missing.
    const isLost = this.state.tasks.attempt[input] === message.inputAttempt
    this.handle({
      kind: 'missing',
      worker,
      task,
      attempt,
      inputs: isLost ? [input] : [],
      holders: isLost ? [holder] : [],
    })
  }

  private onReplicated({ worker }: WorkerLink, { tasks, attempts }: Replicated): void {
    const { state, attempt } = this.state.tasks
    const kept: number[] = []
    const stale: number[] = []
    for (let i = 0; i < tasks.length; i++) {
      const slot = tasks[i]!
      // A slot that stands for another task by now, or whose result was made again elsewhere.
      const isThis = state[slot] === MEMORY && attempt[slot] === attempts[i]
      ;(isThis ? kept : stale).push(isThis ? slot : i)
    }
    if (stale.length > 0) {
      this.workers.post(worker, {
        op: 'free',
        tasks: Int32Array.from(stale, (i) => tasks[i]!),
        attempts: Int32Array.from(stale, (i) => attempts[i]!),
      })
    }
    if (kept.length > 0) this.handle({ kind: 'replicated', worker, tasks: kept })
  }

  private onGathered({ worker }: WorkerLink, message: Gathered): void {
    const { tasks, attempts, values, absent, bundles } = message
    const { state, attempt } = this.state.tasks
    for (let i = 0; i < tasks.length; i++) {
      const slot = tasks[i]!
      // The slot may stand for another task by now.
      if (state[slot] !== MEMORY || attempt[slot] !== attempts[i]) continue
      if (isStored(values[i])) this.passOn(slot, values[i]!, bundles)
    }
    this.finishDone()
    const inputs = [...absent].filter((slot) => state[slot] === MEMORY)
    if (inputs.length === 0) return
    const holders = inputs.map(() => worker)
    this.handle({ kind: 'missing', worker, task: -1, attempt: -1, inputs, holders })
    this.gatherAgain()
  }

  /** Gives a result to every computation that wants it. */
  private passOn(slot: number, value: StoredValue, bundles: readonly Bundle[]): void {
    for (const run of this.state.runsWanting(slot)) {
      const computation = this.computations.get(run)
      const place = computation?.takeTarget(slot)
      if (place === undefined) continue
      const needed = isEncoded(value) && value.bundles.length > 0 ? bundles : []
      this.clients.values(computation!, place, value, needed)
    }
  }

  private countProgress(worker: number, tasks: Int32Array, attempts: Int32Array): void {
    const now = this.host.now()
    for (let i = 0; i < tasks.length; i++) {
      const slot = tasks[i]!
      if (!this.isCurrent(worker, slot, attempts[i]!)) continue
      const computation = this.state.originOf(slot) as Computation
      computation.finished++
      if (computation.wantsProgress) this.clients.progress(computation, now)
    }
  }

  // Clients ----------------------------------------------------------------------------------------

  /** A client comes in. */
  addClient(session: string, post: (message: SchedulerToClient) => void): ClientLink {
    return this.clients.join(session, post)
  }

  /** A client is gone: what it computes is nobody's any more. */
  removeClient(client: ClientLink): void {
    this.clients.leave(client)
    this.guard(() => {
      for (const run of [...client.runs.values()]) this.release(run)
      client.forget()
    })
  }

  /** A client gives up a computation. */
  cancelRun(client: ClientLink, run: number): void {
    this.release(client.runs.get(run))
  }

  /** A client wants something computed. */
  submit(client: ClientLink, submit: Submit): void {
    const fault = faultOf(submit)
    if (fault !== undefined || client.runs.has(submit.run)) {
      this.dropped++
      const message = `The scheduler could not read the computation: ${fault ?? 'the number of the run'} makes no sense`
      client.failed(submit.run, { kind: 'internal', message })
      return
    }
    client.keep(submit.bundles)
    const numbers = submit.recipes.map((bytes, i) =>
      this.recipes.acquire(submit.recipeTokens[i]!, bytes),
    )
    const run = this.nextRun++
    const bundles = this.shelf.retain(tokensOf(submit.params))
    const about = { run, session: client.session, recipes: numbers, bundles }
    const computation = new Computation(submit, about)
    this.computations.set(run, computation)
    client.runs.set(submit.run, run)
    if (computation.wantsProgress) this.clients.wantingProgress++
    const submission = submissionOf(submit, computation)
    this.handle({ kind: 'submit', submission }, () =>
      computation.setTargets(this.state.targetsOf(run)),
    )
  }

  // The state ----------------------------------------------------------------------------------------

  private handle(event: SchedulerEvent, before?: () => void): void {
    const messages = this.state.handle(event)
    before?.()
    for (const message of messages) this.obey(message)
  }

  private obey(message: SchedulerMessage): void {
    switch (message.kind) {
      case 'compute':
        this.workers.compute(message.worker, message.tasks)
        return
      case 'free':
      case 'cancel':
        this.workers.tell(message.kind, message.worker, message.tasks)
        return
      case 'run-done': {
        const computation = this.computations.get(message.run)
        if (computation === undefined) return
        computation.isDone = true
        if (computation.unsent === 0) this.finish(computation)
        else this.gather(computation)
        return
      }
      case 'run-failed':
        this.onRunFailed(message.run, message.failure)
        return
      case 'forgotten': {
        const { recipes, bundles } = message.origin as Computation
        this.shelf.release(bundles)
        this.workers.forgetRecipes(this.recipes.release(recipes))
        return
      }
    }
  }

  /** Asks the workers for results that were there before somebody wanted them. */
  private gather(computation: Computation): void {
    this.workers.gather(computation.unsentTargets())
  }

  /** Asks again where a worker that was asked is gone but another has the result. */
  private gatherAgain(): void {
    for (const computation of this.computations.values()) {
      if (computation.isDone && computation.unsent > 0) this.gather(computation)
    }
  }

  private finishDone(): void {
    for (const computation of [...this.computations.values()]) {
      if (computation.isDone && computation.unsent === 0) this.finish(computation)
    }
  }

  private finish(computation: Computation): void {
    this.clients.post(computation.session, { op: 'done', run: computation.clientRun })
    this.release(computation.run)
  }

  private onRunFailed(run: number, failure: RunFailure): void {
    const computation = this.forget(run)
    if (computation === undefined) return
    const { told, bundles } = failureToTell(failure, computation, this.obituaries)
    this.fail(computation, told, bundles)
  }

  private fail(
    { session, clientRun }: Computation,
    failure: WireFailure,
    bundles: readonly Bundle[] = [],
  ): void {
    this.clients.post(session, { op: 'failed', run: clientRun, failure, bundles })
  }

  /** Ends a computation, finished or not. */
  private release(run: number | undefined): void {
    if (run === undefined || this.forget(run) === undefined) return
    this.handle({ kind: 'release', run })
  }

  private forget(run: number): Computation | undefined {
    const computation = this.computations.get(run)
    if (computation === undefined) return undefined
    this.computations.delete(run)
    if (computation.wantsProgress) this.clients.wantingProgress--
    this.clients.forgetRun(computation)
    return computation
  }

  private keyOf(slot: number): string {
    return (this.state.originOf(slot) as Computation).key(this.state.tasks.position[slot]!)
  }

  // Faults -----------------------------------------------------------------------------------------

  private guard(body: () => void): void {
    try {
      body()
    } catch (error) {
      this.failAll(error)
    }
  }

  /** Something is wrong with the scheduler itself: everybody who waits is told. */
  failAll(error: unknown): void {
    this.host.log('an error in the scheduler', error)
    const message = `The scheduler failed: ${error instanceof Error ? error.message : String(error)}`
    for (const computation of [...this.computations.values()]) {
      this.fail(computation, { kind: 'internal', message })
      try {
        this.release(computation.run)
      } catch (again) {
        this.host.log('a computation could not be released', again)
      }
    }
  }
}
