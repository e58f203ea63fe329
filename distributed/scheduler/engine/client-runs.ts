/** The runs of clients: submitting, resuming and cancelling them, and holding and releasing their results. */

import { submissionOfExternals } from '../../../core/scheduling/interface/submission.js'
import { expandSubmit } from '../../protocol/expand-layers.js'
import type {
  Bundle,
  Externals,
  FetchValues,
  Release,
  Resume,
  Retry,
  Submit,
} from '../../protocol/index.js'
import { tokensOf } from '../../protocol/tokens.js'
import { Computation, toSubmission } from '../computations/computation.js'
import type { SourceRecord } from '../computations/run-sources.js'
import { findSubmitFault } from '../computations/submit-checks.js'
import type { RemoteClient } from '../peers/clients.js'
import type { EngineParts } from './engine-parts.js'
import type { EventHandler } from './event-handler.js'

export class ClientRuns {
  private readonly parts: EngineParts
  private readonly events: EventHandler

  constructor(parts: EngineParts, events: EventHandler) {
    this.parts = parts
    this.events = events
  }

  /** Starts a computation. An invalid one, or one that reads released results, fails at the client. */
  submit(client: RemoteClient, given: Submit): void {
    const { parts } = this
    // Also if it fails: the client does not send them again.
    client.keepBundles(given.bundles)
    const submit = expandSubmit(given)
    const fault = submit === undefined ? 'the list of layers' : findSubmitFault(submit)
    if (submit === undefined || fault !== undefined || client.runs.has(submit.run)) {
      parts.drop('an invalid computation was dropped')
      const message = `The scheduler could not read the computation: ${fault ?? 'the number of the run'} is invalid`
      client.postFailure(given.run, { kind: 'internal', message })
      return
    }
    const externals = parts.runNames.resolve(submit.externals)
    if (!(externals instanceof Int32Array)) {
      client.postFailure(submit.run, { kind: 'released', ...externals })
      return
    }
    const computation = this.add(client, submit)
    const settings = submit.annotations.map((own) => parts.taskSettings.settingsOf(own))
    this.events.handle({
      kind: 'submit',
      submission: toSubmission(submit, computation, externals, settings),
    })
  }

  /** Adds a computation to the tables, with the recipes and bundles that it uses. */
  private add(client: RemoteClient, submit: Submit): Computation {
    const { parts } = this
    const { environment, runNames } = parts
    const recipes = submit.recipes.map((bytes, i) =>
      parts.recipes.acquire(submit.recipeTokens[i]!, bytes),
    )
    const run = parts.newRun()
    const bundles = parts.bundleCache.retain(tokensOf(submit.params))
    const name = client.runName(submit.run)
    const computation = new Computation(submit, {
      run,
      name,
      client: client.name,
      recipes,
      bundles,
    })
    computation.submittedAt = environment.now()
    computation.storyStart = parts.state.story.total
    parts.computations.set(run, computation)
    runNames.add(name, run)
    client.runs.set(submit.run, run)
    if (submit.holdTargets) runNames.addSource(name, submit.externals, submit)
    environment.logInfo?.('computation submitted', {
      ...{ run: name, client: client.name },
      ...{ tasks: computation.count, targets: computation.targetCount },
    })
    if (computation.reportsProgress) parts.clients.progressListeners++
    return computation
  }

  /** Ends a computation that the client cancels, or of which it has all values. */
  cancel(client: RemoteClient, run: number): void {
    client.failures.delete(run)
    this.events.release(client.runs.get(run))
  }

  /** Continues a computation of a client that has reconnected: reports its state again, and sends missing values. */
  resume(client: RemoteClient, { run, targets }: Resume): void {
    const failure = client.failures.get(run)
    if (failure !== undefined) {
      client.post(failure)
      return
    }
    const computation = this.parts.computations.get(client.runs.get(run) ?? -1)
    if (computation === undefined || !this.areTargets(computation, targets)) return
    computation.resetRequested(targets)
    if (computation.holdsTargets)
      this.events.handle({ kind: 'report-targets', run: computation.run })
    else if (!computation.isDone) return
    else if (computation.unsent === 0) this.events.reportDone(computation)
    else this.parts.delivery.gather(computation)
  }

  /** Sends values of held targets, now or when they are in memory. */
  fetchValues(client: RemoteClient, { run, targets }: FetchValues): void {
    const computation = this.findHeld(client, run)
    if (computation === undefined || !this.areTargets(computation, targets)) return
    computation.requestValues(targets)
    this.parts.delivery.gather(computation, [...targets])
  }

  releaseTargets(client: RemoteClient, { run, targets }: Release): void {
    const computation = this.findHeld(client, run)
    if (computation === undefined || !this.areTargets(computation, targets)) return
    for (const target of targets) computation.settle(target)
    this.events.handle({ kind: 'release-targets', run: computation.run, positions: targets })
    if (!this.parts.state.hasRun(computation.run)) this.events.forget(computation.run)
  }

  /** Computes failed targets again. */
  retry(client: RemoteClient, { run, targets }: Retry): void {
    const computation = this.findHeld(client, run)
    if (computation === undefined || !this.areTargets(computation, targets)) return
    this.events.handle({ kind: 'retry', run: computation.run, positions: targets })
  }

  /** Holds results of other runs under a name. Returns false if one of them is unknown. */
  hold(name: string, externals: Externals): boolean {
    const { runNames } = this.parts
    const slots = runNames.resolve(externals)
    if (!(slots instanceof Int32Array)) return false
    const run = this.parts.newRun()
    runNames.add(name, run)
    runNames.addSource(name, externals, null)
    this.events.handle({ kind: 'submit', submission: submissionOfExternals(run, slots) })
    return true
  }

  /** Releases the results that are held under a name. */
  releaseHold(name: string): void {
    const run = this.parts.runNames.forget(name)
    if (run !== undefined) this.events.handle({ kind: 'release', run })
  }

  /**
   * Computes a run of a previous scheduler again, for a client that may reconnect. Returns that client, or
   * undefined if the run is known already or has no client.
   */
  recover(
    { name, submit, externals }: SourceRecord,
    bundles: readonly Bundle[],
  ): RemoteClient | undefined {
    const { runNames, clients } = this.parts
    if (runNames.has(name)) return undefined
    if (submit === null) {
      this.hold(name, externals)
      return undefined
    }
    const owner = name.slice(0, name.lastIndexOf('/'))
    const client = clients.join({ session: '', name: owner }, () => {})
    this.submit(client, { ...submit, bundles })
    return client
  }

  /** Returns a computation whose targets are held. */
  private findHeld(client: RemoteClient, run: number): Computation | undefined {
    const number = client.runs.get(run)
    const computation = number === undefined ? undefined : this.parts.computations.get(number)
    return computation?.holdsTargets === true ? computation : undefined
  }

  private areTargets({ targetCount }: Computation, targets: Int32Array): boolean {
    const areValid = targets.every((target) => target >= 0 && target < targetCount)
    if (!areValid) this.parts.drop('a message about unknown targets was dropped')
    return areValid
  }
}
