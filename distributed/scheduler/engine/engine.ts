/**
 * What the scheduler does with messages, apart from sending and receiving them: it owns the state
 * machine, turns messages into its events, and what it answers into messages.
 *
 * Values pass through as bytes. Results go to the clients as they come, so none are kept here. Like
 * the state it knows no sockets, timers or promises, so a simulation can drive it.
 */
import type { SchedulerEvent } from '../../../core/scheduling/interface/events.js'
import type { RunFailure, SchedulerMessage } from '../../../core/scheduling/interface/messages.js'
import { submissionOfExternals } from '../../../core/scheduling/interface/submission.js'
import { SchedulerState } from '../../../core/scheduling/state.js'
import { expandSubmit } from '../../protocol/expand-layers.js'
import type {
  Bundle,
  Externals,
  FetchValues,
  Release,
  Resume,
  Retry,
  SchedulerToClient,
  SchedulerToWorker,
  Submit,
  WireFailure,
  WorkerHello,
} from '../../protocol/index.js'
import { tokensOf } from '../../protocol/tokens.js'
import { BundleCache } from '../computations/bundle-cache.js'
import { Computation, findSubmitFault, toSubmission } from '../computations/computation.js'
import { ForgottenComputations } from '../computations/forgotten-computations.js'
import { RecipeNumbers } from '../computations/recipe-numbers.js'
import { RunNames } from '../computations/run-names.js'
import type { SourceRecord } from '../computations/run-sources.js'
import { TaskSettingsFactory } from '../computations/task-settings.js'
import { Clients, type RemoteClient } from '../peers/clients.js'
import { LostWorkers } from '../peers/lost-workers.js'
import { ResultDelivery } from '../peers/result-delivery.js'
import { toWireFailure } from '../peers/wire-failures.js'
import { type RemoteWorker, Workers } from '../peers/workers.js'
import { WorkerMessageHandler, type WorkerSessionMessage } from './worker-messages.js'

/** What the engine needs of whoever drives it. */
export interface EngineEnvironment {
  /** Milliseconds, of a clock that only goes forward. */
  now(): number
  log(what: string, error?: unknown): void
  /** Told what happens in the course of things; absent if nobody wants to know. */
  logInfo?(what: string, facts: Record<string, unknown>): void
  /** Checks every rule after every event, and is told of a breach; absent if nothing is checked. */
  validate?: {
    check(engine: Engine): void
    onBreach(error: unknown, event: string): void
  }
}

export interface EngineSettings {
  /** How many workers may die while they run a task before it is blamed. */
  readonly allowedFailures?: number
  /** Whether it can be asked what it takes to have held results again. */
  readonly keepsSources?: boolean
}

/** Bytes a millisecond between two workers, until it is measured. */
const bandwidth = 500_000
/** Milliseconds of expected work that a worker has in hand for each of its threads. */
const budget = 10
/** How many transitions of tasks are remembered. */
const storyLength = 2 ** 17

export class Engine {
  readonly state: SchedulerState
  readonly bundleCache = new BundleCache((token) => this.workers.forgetBundle(token))
  readonly workers: Workers
  readonly clients: Clients
  readonly lostWorkers = new LostWorkers()
  /** What is remembered of tasks that are forgotten. */
  readonly forgottenComputations = new ForgottenComputations(storyLength)
  /** Messages that made no sense. */
  dropped = 0
  private readonly droppedKinds = new Set<string>()
  private readonly host: EngineEnvironment
  private readonly recipes = new RecipeNumbers(this.bundleCache)
  /** Those that are not finished, by their numbers. */
  readonly computations = new Map<number, Computation>()
  readonly runNames: RunNames
  private readonly demands = new TaskSettingsFactory()
  private readonly delivery: ResultDelivery
  private readonly workerMessages: WorkerMessageHandler
  private nextRun = 0
  private isFailing = false

  constructor(host: EngineEnvironment, { keepsSources = false, ...settings }: EngineSettings = {}) {
    this.host = host
    this.state = new SchedulerState({ bandwidth, budget, storyLength, ...settings })
    this.runNames = new RunNames(this.state, keepsSources)
    const { state, recipes, bundleCache } = this
    const isAwaited = (slot: number): boolean => this.delivery.isAwaited(slot)
    this.workers = new Workers({ state, recipes, bundleCache, isAwaited })
    this.clients = new Clients(bundleCache)
    const { workers, clients, computations } = this
    const delivery = new ResultDelivery({ state, workers, clients, computations })
    this.delivery = delivery
    this.workerMessages = new WorkerMessageHandler({
      ...{ state, workers, clients, delivery },
      now: () => host.now(),
      handle: (event) => this.handle(event),
      finishDone: (slots) => this.finishDone(slots),
      drop: (what) => this.drop(what),
    })
  }

  /** How many computations are not finished. */
  get runs(): number {
    return this.computations.size
  }

  // Workers ----------------------------------------------------------------------------------------

  /** A worker comes in; `start` must be called once it knows its number. */
  addWorker(hello: WorkerHello, post: (message: SchedulerToWorker) => void): RemoteWorker {
    return this.workers.join(hello, post)
  }

  /** A worker that was added may be given work from now on. */
  startWorker({ worker, hello }: RemoteWorker): void {
    if (!this.workers.has(worker)) return
    for (const former of this.lostWorkers.findAlive(hello)) {
      this.handle({ kind: 'worker-alive', worker: former })
    }
    this.guard(() =>
      this.handle({
        kind: 'worker-joined',
        worker,
        nthreads: Math.max(1, hello.nthreads),
        names: [hello.name, hello.address, hello.hostname],
        resources: hello.resources,
      }),
    )
  }

  /** A worker is gone; one that went by itself leaves nothing to be held against what it had in hand. */
  removeWorker(link: RemoteWorker, reason: string, isBlameless = false): void {
    this.workers.leave(link)
    this.lostWorkers.add(link, reason)
    this.guard(() => {
      this.handle({ kind: 'worker-left', worker: link.worker, isPlanned: isBlameless })
      this.delivery.gatherAgain()
    })
  }

  /** A worker says something. */
  fromWorker(link: RemoteWorker, message: WorkerSessionMessage): void {
    this.guard(() => this.workerMessages.handle(link, message))
  }

  // Clients ----------------------------------------------------------------------------------------

  /** A client comes in, or comes back. */
  addClient(
    { session, name }: { session: string; name: string },
    post: (message: SchedulerToClient) => void,
  ): RemoteClient {
    return this.clients.join({ session, name }, post)
  }

  /** A client's connection is lost: what it computes goes on, for when it comes back. */
  clientDisconnected(client: RemoteClient): void {
    client.disconnect()
  }

  /** A client is gone: what it computes is nobody's any more. */
  removeClient(client: RemoteClient): void {
    this.clients.leave(client)
    this.guard(() => {
      for (const run of [...client.runs.values()]) this.release(run)
      client.releaseBundles()
    })
  }

  /** A client gives up a computation, or has all of it. */
  cancelRun(client: RemoteClient, run: number): void {
    client.failures.delete(run)
    this.release(client.runs.get(run))
  }

  /** A client has come back, and lacks these values of a computation; it is told again how that is. */
  resume(client: RemoteClient, { run, targets }: Resume): void {
    const failure = client.failures.get(run)
    if (failure !== undefined) {
      client.post(failure)
      return
    }
    const computation = this.computations.get(client.runs.get(run) ?? -1)
    if (computation === undefined || !this.areTargets(computation, targets)) return
    computation.resetRequested(targets)
    if (computation.holdsTargets) this.handle({ kind: 'report-targets', run: computation.run })
    else if (!computation.isDone) return
    else if (computation.unsent === 0) this.finish(computation)
    else this.delivery.gather(computation)
  }

  /** A client wants something computed. */
  submit(client: RemoteClient, given: Submit): void {
    const expanded = expandSubmit(given)
    const submit = expanded ?? given
    const fault = expanded === undefined ? 'the list of layers' : findSubmitFault(submit)
    if (fault !== undefined || client.runs.has(submit.run)) {
      this.drop('a computation made no sense')
      const message = `The scheduler could not read the computation: ${fault ?? 'the number of the run'} makes no sense`
      client.postFailure(submit.run, { kind: 'internal', message })
      return
    }
    const externals = this.runNames.resolve(submit.externals)
    if (!(externals instanceof Int32Array)) {
      client.postFailure(submit.run, { kind: 'released', ...externals })
      return
    }
    client.keepBundles(submit.bundles)
    const numbers = submit.recipes.map((bytes, i) =>
      this.recipes.acquire(submit.recipeTokens[i]!, bytes),
    )
    const run = this.nextRun++
    const bundles = this.bundleCache.retain(tokensOf(submit.params))
    const name = client.runName(submit.run)
    const about = { run, name, client: client.name, recipes: numbers, bundles }
    const computation = new Computation(submit, about)
    computation.submittedAt = this.host.now()
    computation.storyStart = this.state.story.total
    this.computations.set(run, computation)
    this.runNames.add(name, run)
    client.runs.set(submit.run, run)
    if (submit.holdTargets) this.runNames.addSource(name, submit.externals, submit)
    this.host.logInfo?.('computation submitted', {
      ...{ run: name, client: client.name },
      ...{ tasks: computation.count, targets: computation.targetCount },
    })
    if (computation.reportsProgress) this.clients.progressListeners++
    const settings = submit.annotations.map((demand) => this.demands.settingsOf(demand))
    this.handle({
      kind: 'submit',
      submission: toSubmission(submit, computation, externals, settings),
    })
  }

  /** Holds results of former runs under a name of their own; false if one of them is not known. */
  hold(name: string, externals: Externals): boolean {
    const slots = this.runNames.resolve(externals)
    if (!(slots instanceof Int32Array)) return false
    const run = this.nextRun++
    this.runNames.add(name, run)
    this.runNames.addSource(name, externals, null)
    this.handle({ kind: 'submit', submission: submissionOfExternals(run, slots) })
    return true
  }

  /** Lets go of what is held under a name. */
  releaseHold(name: string): void {
    const run = this.runNames.forget(name)
    if (run !== undefined) this.handle({ kind: 'release', run })
  }

  /**
   * Takes a run up that a former scheduler had, for a client that may come back; gives the client, or
   * undefined if the run is known already.
   */
  recover(
    { name, submit, externals }: SourceRecord,
    bundles: readonly Bundle[],
  ): RemoteClient | undefined {
    if (this.runNames.has(name)) return undefined
    if (submit === null) {
      this.hold(name, externals)
      return undefined
    }
    const owner = name.slice(0, name.lastIndexOf('/'))
    const client = this.clients.join({ session: '', name: owner }, () => {})
    this.submit(client, { ...submit, bundles })
    return client
  }

  /** A client wants the values of targets that it holds. */
  fetchValues(client: RemoteClient, { run, targets }: FetchValues): void {
    const computation = this.computationOf(client, run)
    if (computation === undefined || !this.areTargets(computation, targets)) return
    computation.requestValues(targets)
    this.delivery.gather(computation, [...targets])
  }

  /** A client lets go of targets. */
  releaseTargets(client: RemoteClient, { run, targets }: Release): void {
    const computation = this.computationOf(client, run)
    if (computation === undefined || !this.areTargets(computation, targets)) return
    for (const place of targets) computation.settle(place)
    this.handle({ kind: 'release-targets', run: computation.run, positions: targets })
    if (!this.state.hasRun(computation.run)) this.forget(computation.run)
  }

  /** A client wants failed targets to be tried again. */
  retry(client: RemoteClient, { run, targets }: Retry): void {
    const computation = this.computationOf(client, run)
    if (computation === undefined || !this.areTargets(computation, targets)) return
    this.handle({ kind: 'retry', run: computation.run, positions: targets })
  }

  private computationOf(client: RemoteClient, run: number): Computation | undefined {
    const number = client.runs.get(run)
    const computation = number === undefined ? undefined : this.computations.get(number)
    return computation?.holdsTargets === true ? computation : undefined
  }

  private areTargets({ targetCount }: Computation, places: Int32Array): boolean {
    const areSo = places.every((place) => place >= 0 && place < targetCount)
    if (!areSo) this.drop('what a client asked of targets made no sense')
    return areSo
  }

  // The state ----------------------------------------------------------------------------------------

  private handle(event: SchedulerEvent): void {
    this.state.story.now = this.host.now()
    for (const message of this.state.handle(event)) this.obey(message)
    if (this.host.validate !== undefined && !this.isFailing) this.check(event.kind)
  }

  /** Fails what is computed if a rule was broken: results that come out of such a state may be wrong. */
  private check(event: string): void {
    const { validate } = this.host
    try {
      validate?.check(this)
    } catch (error) {
      validate?.onBreach(error, event)
      const why = error instanceof Error ? error.message : String(error)
      this.failAll(new Error(`its state broke a rule after '${event}': ${why}`))
    }
  }

  private obey(message: SchedulerMessage): void {
    switch (message.kind) {
      case 'compute':
        this.workers.compute(message.worker, message.tasks)
        return
      case 'free':
      case 'cancel':
        this.workers.postTasks(message.kind, message.worker, message.tasks)
        return
      case 'run-done': {
        const computation = this.computations.get(message.run)
        if (computation === undefined) return
        computation.isDone = true
        if (computation.unsent === 0) this.finish(computation)
        else this.delivery.gather(computation)
        return
      }
      case 'targets-done':
        this.onTargetsDone(message.run, message.positions)
        return
      case 'targets-lost': {
        const computation = this.computations.get(message.run)
        if (computation !== undefined)
          this.clients.targetsLost(computation, Int32Array.from(message.positions))
        return
      }
      case 'targets-failed': {
        const computation = this.computations.get(message.run)
        if (computation === undefined) return
        const { told, bundles } = toWireFailure(message.failure, this.lostWorkers)
        this.noteFailure('results failed', computation, told)
        this.clients.targetsFailed(computation, message.positions, told, bundles)
        return
      }
      case 'run-failed':
        this.onRunFailed(message.run, message.failure)
        return
      case 'forgotten': {
        const { recipes, bundles } = message.origin as Computation
        this.forgottenComputations.add(
          message.origin as Computation,
          message.slotOf,
          this.state.story,
        )
        this.bundleCache.release(bundles)
        const forgotten = this.recipes.release(recipes)
        this.state.forgetRecipes(forgotten)
        this.workers.forgetRecipes(forgotten)
        return
      }
      default:
        message satisfies never
    }
  }

  private onTargetsDone(run: number, places: readonly number[]): void {
    const computation = this.computations.get(run)
    if (computation === undefined) return
    const nbytes = Float64Array.from(places, (place) => {
      return this.state.tasks.nbytes[this.state.heldTarget(run, place)]!
    })
    this.clients.targetsDone(computation, Int32Array.from(places), nbytes)
    if (computation.unsent > 0) this.delivery.gather(computation, places)
  }

  /** Finishes what waited for nothing but these results to be passed on. */
  private finishDone(slots: Int32Array): void {
    const runs = new Set<number>()
    for (const slot of slots) for (const run of this.state.runsWanting(slot)) runs.add(run)
    for (const run of runs) {
      const computation = this.computations.get(run)
      if (computation?.isDone === true && computation.unsent === 0) this.finish(computation)
    }
  }

  /** Tells the client that it has all; the results stay until it says so, lest they were lost on the way. */
  private finish(computation: Computation): void {
    if (computation.isReported) return
    computation.isReported = true
    this.host.logInfo?.('computation done', this.factsOf(computation))
    this.clients.post(computation.client, { op: 'done', run: computation.clientRun })
  }

  private onRunFailed(run: number, failure: RunFailure): void {
    const computation = this.forget(run)
    if (computation === undefined) return
    const { told, bundles } = toWireFailure(failure, this.lostWorkers)
    this.noteFailure('computation failed', computation, told)
    this.clients.failed(computation, told, bundles)
  }

  private factsOf({ name, client, submittedAt }: Computation): Record<string, unknown> {
    return { run: name, client, ms: Math.round(this.host.now() - submittedAt) }
  }

  private noteFailure(what: string, computation: Computation, failure: WireFailure): void {
    const { kind } = failure
    const key = 'key' in failure ? failure.key : undefined
    this.host.logInfo?.(what, { ...this.factsOf(computation), kind, key })
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
    this.runNames.forget(computation.name)
    if (computation.reportsProgress) this.clients.progressListeners--
    if (!computation.isReported)
      this.host.logInfo?.('computation released', this.factsOf(computation))
    this.clients.forgetRun(computation)
    return computation
  }

  /** Counts a message that made no sense; the first of each kind is logged. */
  private drop(what: string): void {
    this.dropped++
    if (this.droppedKinds.has(what)) return
    this.droppedKinds.add(what)
    this.host.log(what)
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
    this.isFailing = true
    const message = `The scheduler failed: ${error instanceof Error ? error.message : String(error)}`
    for (const computation of [...this.computations.values()]) {
      this.clients.failed(computation, { kind: 'internal', message }, [])
      try {
        this.release(computation.run)
      } catch (again) {
        this.host.log('a computation could not be released', again)
      }
    }
    this.isFailing = false
  }
}
