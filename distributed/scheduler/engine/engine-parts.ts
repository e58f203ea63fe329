/** The data of the scheduler's engine: the state machine, its workers, clients and computations. */
import { SchedulerState } from '../../../core/scheduling/state.js'
import { BundleCache } from '../computations/bundle-cache.js'
import type { Computation } from '../computations/computation.js'
import { ForgottenComputations } from '../computations/forgotten-computations.js'
import { RecipeNumbers } from '../computations/recipe-numbers.js'
import { RunNames } from '../computations/run-names.js'
import { TaskSettingsFactory } from '../computations/task-settings.js'
import { Clients } from '../peers/clients.js'
import { LostWorkers } from '../peers/lost-workers.js'
import { ResultDelivery } from '../peers/result-delivery.js'
import { Workers } from '../peers/workers.js'

/** The clock, the log and the checks that an engine uses. */
export interface EngineEnvironment {
  /** Milliseconds of a monotonic clock. */
  now(): number
  log(what: string, error?: unknown): void
  /** Logs events of normal operation; absent if these are not logged. */
  logInfo?(what: string, facts: Record<string, unknown>): void
  /** Checks all invariants after every event; absent if they are not checked. */
  validate?: {
    /** Throws for a violated invariant. */
    check(parts: EngineParts): void
    onViolation(error: unknown, event: string): void
  }
}

export interface EngineSettings {
  /** How many workers may be lost while they run a task before it fails. */
  readonly allowedFailures?: number
  /** Whether the submissions behind held results are kept, to be stored on disk. */
  readonly keepsSources?: boolean
}

/** The bandwidth between two workers until it is measured, in bytes per millisecond. */
const bandwidth = 500_000
/** Milliseconds of expected work that is assigned to a worker for each of its threads. */
const budget = 10
/** The number of task transitions that are remembered. */
const storyLength = 2 ** 17

export class EngineParts {
  readonly environment: EngineEnvironment
  readonly state: SchedulerState
  readonly bundleCache = new BundleCache((tokens) => this.workers.forgetBundles(tokens))
  readonly recipes = new RecipeNumbers(this.bundleCache)
  readonly workers: Workers
  readonly clients: Clients
  readonly lostWorkers = new LostWorkers()
  /** Unfinished computations, and those whose results are held, by number. */
  readonly computations = new Map<number, Computation>()
  readonly forgottenComputations = new ForgottenComputations(storyLength)
  readonly runNames: RunNames
  readonly taskSettings = new TaskSettingsFactory()
  readonly delivery: ResultDelivery
  /** The number of invalid messages that were dropped. */
  dropped = 0
  private readonly droppedKinds = new Set<string>()
  private nextRun = 0

  constructor(
    environment: EngineEnvironment,
    { keepsSources = false, ...settings }: EngineSettings,
  ) {
    this.environment = environment
    this.state = new SchedulerState({ bandwidth, budget, storyLength, ...settings })
    this.runNames = new RunNames(this.state, keepsSources)
    const { state, recipes, bundleCache, computations } = this
    const isAwaited = (slot: number): boolean => this.delivery.isAwaited(slot)
    const workers = (this.workers = new Workers({ state, recipes, bundleCache, isAwaited }))
    const clients = (this.clients = new Clients(bundleCache))
    this.delivery = new ResultDelivery({ state, workers, clients, computations })
  }

  /** Returns the number of a new run. */
  newRun(): number {
    return this.nextRun++
  }

  /** Counts an invalid message; the first of each kind is logged. */
  drop(what: string): void {
    this.dropped++
    if (this.droppedKinds.has(what)) return
    this.droppedKinds.add(what)
    this.environment.log(what)
  }
}
