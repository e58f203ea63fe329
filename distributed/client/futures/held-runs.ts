/**
 * The runs of a client that keep their results on the cluster: calls that were submitted one by one,
 * and graphs that were persisted. Calls of one turn go as one run, whose tasks may read one another.
 */
import type { CallSite } from '../../../core/base/call-site.js'
import { columnOf, noNumbers } from '../../../core/base/short-columns.js'
import { prepare } from '../../../core/codec/index.js'
import { type Plan, targetSet } from '../../../core/graph/plan.js'
import type { Recipe } from '../../../core/graph/recipe.js'
import { isEncoded, loadResult, type StoredValue } from '../../../core/graph/stored-value.js'
import { isStored } from '../../protocol/field-kinds.js'
import type {
  ClientToScheduler,
  Submit,
  TargetFailed,
  TargetStates,
  Values,
} from '../../protocol/index.js'
import { packStrings } from '../../protocol/packed-strings.js'
import { ExternalColumns, noExternals, RecipeColumns } from '../submission/plan-submission.js'
import { errorOf, type TaskSource } from './failure-errors.js'
import type { Call } from './function-call.js'
import { Future, futureTarget } from './future.js'
import { Target, type TargetOwner } from './held-result.js'

/** What held runs need of the client. */
export interface HeldHost {
  /** A future was made. */
  onFuture?(future: Future<unknown>): void
  readonly name: string
  nextRun(): number
  post(message: ClientToScheduler): void
  /** Submits a run. */
  submit(message: Submit): void
  /** Submits a run as a whole that the scheduler refused. */
  submitAgain(run: number): void
  /** Nothing of a run is held any more. */
  onOver(run: number): void
  /** Bundles that the scheduler has from this client. */
  sentBundles(): Set<string>
  /** What is known of a task of a run of this client. */
  findTask(run: string, task: number): { source: TaskSource; task: number } | undefined
}

type FindTask = (task: number) => { source: TaskSource; task: number } | undefined

/** A run whose results are kept. */
class HeldRun implements TargetOwner {
  readonly number: number
  readonly name: string
  targets: Target[] = []
  /** What is known of its tasks, for errors. */
  find: FindTask | undefined
  isSent = false
  /** Whether the scheduler does not know it, since it made no sense there. */
  isRefused = false
  private readonly runs: HeldRuns
  private held = 0
  private toWant: number[] | undefined
  private toRelease: number[] | undefined
  private toRetry: number[] | undefined
  private isScheduled = false

  /** `name` is what everybody knows it by. */
  constructor(number: number, name: string, runs: HeldRuns) {
    this.number = number
    this.name = name
    this.runs = runs
  }

  add(target: Target): void {
    this.targets.push(target)
    this.held++
  }

  want(place: number): void {
    if (!this.isSent) return
    ;(this.toWant ??= []).push(place)
    this.schedule()
  }

  release(place: number): void {
    this.held--
    ;(this.toRelease ??= []).push(place)
    this.schedule()
  }

  retry(place: number): void {
    ;(this.toRetry ??= []).push(place)
    this.schedule()
  }

  /** What is said of targets in one turn goes together. */
  private schedule(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    queueMicrotask(() => this.flush())
  }

  private flush(): void {
    this.isScheduled = false
    this.runs.flush()
    if (this.isRefused && this.toRetry !== undefined) this.submitAgain()
    const { number: run } = this
    const say = (op: 'fetch-values' | 'release' | 'retry', places: number[] | undefined): void => {
      if (places !== undefined) this.runs.host.post({ op, run, targets: columnOf(places) })
    }
    say('retry', this.toRetry)
    say('fetch-values', this.toWant)
    say('release', this.toRelease)
    this.toRetry = this.toWant = this.toRelease = undefined
    if (this.held === 0) this.runs.forget(this)
  }

  /** What was refused as a whole is tried again as a whole. */
  private submitAgain(): void {
    for (const target of this.targets) target.comesAgain()
    this.runs.host.submitAgain(this.number)
    this.runs.sayAgain(this.number)
    this.toRetry = this.toWant = this.toRelease = undefined
  }
}

/** Calls of this turn that were not sent yet. */
class Batch {
  readonly run: HeldRun
  readonly recipes: Recipe[] = []
  readonly sites: (CallSite | undefined)[] = []
  readonly keys: string[] = []
  private readonly columns = new RecipeColumns()
  private externals: ExternalColumns | undefined
  private readonly recipeOf: number[] = []
  private readonly inputStart: number[] = [0]
  private readonly inputs: number[] = []
  private readonly params: StoredValue[] = []
  private readonly paramEnd: number[] = []
  private readonly named: number[] = []
  /** By key: equal calls of one turn are one task. */
  private readonly byKey = new Map<string, number>()

  constructor(run: HeldRun) {
    this.run = run
  }

  /** Adds a call; the number of its task, an older one's for an equal call. */
  add(call: Call, site: CallSite | undefined): number {
    const known = call.isNamed ? this.byKey.get(call.key) : undefined
    if (known !== undefined && !this.run.targets[known]!.isReleased) return known
    const task = this.recipeOf.push(this.columns.add(call.recipe)) - 1
    for (const remote of call.reads) {
      const isHere = remote.run === this.run.name
      this.inputs.push(
        isHere ? remote.place : (this.externals ??= new ExternalColumns()).add(remote),
      )
    }
    this.inputStart.push(this.inputs.length)
    for (const param of call.params) {
      this.params.push(param)
      if (isEncoded(param)) this.columns.need(param.bundles)
    }
    this.paramEnd.push(this.params.length)
    this.named.push(call.isNamed ? 1 : 0)
    this.keys.push(call.key)
    this.recipes.push(call.recipe)
    this.sites.push(site)
    if (call.isNamed) this.byKey.set(call.key, task)
    return task
  }

  message(sent: Set<string>): Submit {
    const count = this.recipeOf.length
    const { targets } = this.run
    const places = columnOf(Array.from(this.recipeOf.keys()))
    const wanted = targets.flatMap((target, place) => (target.isWanted ? [place] : []))
    return {
      op: 'submit',
      run: this.run.number,
      ...this.columns.columns(sent),
      recipeOf: columnOf(this.recipeOf),
      inputStart: columnOf(this.inputStart),
      inputs: columnOf(this.inputs),
      ranks: places,
      targets: places,
      params: this.params.slice(),
      paramEnd: columnOf(this.paramEnd),
      keys: packStrings(count, (task) => this.keys[task]!),
      layers: [],
      contentNamed: Uint8Array.from(this.named),
      reportProgress: false,
      externals: this.externals?.columns() ?? noExternals,
      holdTargets: true,
      deliver: columnOf(wanted),
    }
  }
}

export class HeldRuns {
  readonly host: HeldHost
  private readonly runs = new Map<number, HeldRun>()
  private batch: Batch | undefined

  constructor(host: HeldHost) {
    this.host = host
  }

  // Calls ------------------------------------------------------------------------------------------

  /** Submits a call with the others of this turn. */
  submit<T>(call: Call, site: CallSite | undefined): Future<T> {
    let { batch } = this
    if (batch === undefined) {
      const run = this.newRun()
      batch = this.batch = new Batch(run)
      this.runs.set(run.number, run)
      queueMicrotask(() => this.flush())
    }
    const { run } = batch
    const place = batch.add(call, site)
    const known = run.targets[place]
    if (known === undefined) {
      const inputs = call.reads.flatMap((read) =>
        read instanceof Future ? [(read as Future<unknown>)[futureTarget]] : [],
      )
      const target = new Target(run, { place, key: call.key, inputs })
      run.add(target)
      return this.made(new Future<T>(run.name, place, target))
    }
    return this.made(new Future<T>(run.name, place, known.share()))
  }

  private made<F extends Future<unknown>>(future: F): F {
    this.host.onFuture?.(future)
    return future
  }

  /** Sends the calls of this turn, so that what is said next is heard after them. */
  flush(): void {
    const { batch } = this
    if (batch === undefined) return
    this.batch = undefined
    const { run } = batch
    // What a list grew to has room for many more, and most of these have one item.
    const [recipes, keys, sites] = [batch.recipes.slice(), batch.keys.slice(), batch.sites.slice()]
    run.targets = run.targets.slice()
    run.find = (task) => {
      const site = sites[task] ?? { location: undefined }
      const recipe = recipes[task]
      if (recipe === undefined) return undefined
      return { source: { recipe: () => recipe, key: () => keys[task]!, site }, task }
    }
    this.host.submit(batch.message(this.host.sentBundles()))
    run.isSent = true
  }

  /**
   * Submits a graph or results of others, with each of the message's targets kept: `make` gets the
   * run's number. Gives a future for each target.
   */
  keep(plan: Plan, make: (run: number) => Submit, find: FindTask): Future<unknown>[] {
    const keys = [...targetSet(plan.targets)].map((task) => plan.key(task))
    return this.keepTargets(keys, make, find)
  }

  /** The same where nothing is known but the keys of the targets. */
  keepTargets(
    keys: readonly string[],
    make: (run: number) => Submit,
    find?: FindTask,
  ): Future<unknown>[] {
    this.flush()
    const run = this.newRun()
    const message = make(run.number)
    this.runs.set(run.number, run)
    for (const [place, key] of keys.entries()) run.add(new Target(run, { place, key }))
    run.find = find
    this.host.submit(message)
    run.isSent = true
    return run.targets.map((target, place) => this.made(new Future(run.name, place, target)))
  }

  /** What is known of a task of one of these runs. */
  findTask(number: number, task: number): { source: TaskSource; task: number } | undefined {
    const run = this.runs.get(number)
    return run?.find?.(task)
  }

  private newRun(): HeldRun {
    const number = this.host.nextRun()
    return new HeldRun(number, `${this.host.name}/${number}`, this)
  }

  forget(run: HeldRun): void {
    if (this.runs.delete(run.number)) this.host.onOver(run.number)
  }

  /** The places of what is waited for. */
  lacking(number: number): Int32Array {
    return placesWhere(this.runs.get(number)!, (target) => target.isWanted && !target.isReleased)
  }

  /** What is to be submitted to a scheduler that knows nothing of the run. */
  anew(message: Submit): Submit {
    const run = this.runs.get(message.run)
    if (run === undefined) return { ...message, deliver: noNumbers }
    run.isRefused = false
    for (const target of run.targets) target.lost()
    return { ...message, deliver: this.lacking(message.run) }
  }

  /** Says again what may not have been heard of a run: what is released, and what is to be tried again. */
  sayAgain(number: number): void {
    const run = this.runs.get(number)
    if (run === undefined) return
    const released = placesWhere(run, (target) => target.isReleased)
    const retried = placesWhere(run, (target) => target.isRetried && !target.isReleased)
    if (retried.length > 0) this.host.post({ op: 'retry', run: number, targets: retried })
    if (released.length > 0) this.host.post({ op: 'release', run: number, targets: released })
  }

  // What the scheduler says ------------------------------------------------------------------------

  has(run: number): boolean {
    return this.runs.has(run)
  }

  onStates({ run: number, done, nbytes, lost }: TargetStates): void {
    const run = this.runs.get(number)
    if (run === undefined) return
    for (let i = 0; i < done.length; i++) run.targets[done[i]!]?.done(nbytes[i])
    for (const place of lost) run.targets[place]?.lost()
  }

  onValues({ run: number, targets, values }: Values): void {
    const run = this.runs.get(number)
    if (run === undefined) return
    for (let i = 0; i < targets.length; i++) {
      const value = values[i]
      if (isStored(value)) run.targets[targets[i]!]?.arrived(liven(value))
    }
  }

  async onFailed({
    run: number,
    targets,
    failure,
  }: Omit<TargetFailed, 'op' | 'bundles'>): Promise<void> {
    const run = this.runs.get(number)
    if (run === undefined) return
    const error = await errorOf(failure, (name, task) => this.host.findTask(name, task))
    for (const place of targets) run.targets[place]?.failed(error)
  }

  /** A whole run was refused. */
  onRefused(number: number, failure: TargetFailed['failure']): void {
    const run = this.runs.get(number)
    if (run === undefined) return
    run.isRefused = true
    const targets = Int32Array.from(run.targets.keys())
    void this.onFailed({ run: number, targets, failure })
  }

  /** Ends all, for a reason. */
  endAll(error: (what: string) => Error): void {
    this.batch = undefined
    for (const run of [...this.runs.values()])
      for (const target of run.targets) target.cancel(error(`the future '${target.key}'`))
    for (const run of [...this.runs.values()]) this.forget(run)
  }
}

function placesWhere(run: HeldRun, holds: (target: Target) => boolean): Int32Array {
  return Int32Array.from(run.targets.keys()).filter((place) => holds(run.targets[place]!))
}

/** The live value, once the functions that it needs are here. */
async function liven(value: StoredValue): Promise<unknown> {
  if (isEncoded(value)) await prepare(value.bundles)
  return loadResult(value)
}
