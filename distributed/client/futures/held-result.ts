/**
 * One result that the cluster keeps for this client, as far as the client knows it. It sends no
 * messages itself: the run that it belongs to passes on what has come, and takes its requests.
 */
import { CancelledError } from '../../../core/base/errors.js'
import type { Get } from '../../../core/graph/get.js'

/** The state of a future. */
export type FutureStatus = 'pending' | 'finished' | 'error' | 'cancelled'

/** The requests about the targets of a run. */
export interface TargetRequests {
  /** Returns the `get` of the client. */
  findGet(): Get | undefined
  /** Asks for the value of a target, as soon as it is there. */
  fetch(target: number): void
  release(target: number): void
  retry(target: number): void
  /** Notes that one more target is awaited: it is pending, or its value was requested and has not come. */
  beginAwaiting(): void
  /** Notes that one target fewer is awaited. */
  endAwaiting(): void
}

export class HeldResult {
  readonly key: string
  status: FutureStatus = 'pending'
  /** Bytes of the result, once they are known. */
  nbytes: number | undefined
  /** Whether no future holds it any more. */
  isReleased = false
  /** Whether a retry was requested and nothing has come since. */
  isRetried = false
  private error: unknown
  private readonly requests: TargetRequests
  /** The position among the targets of its run. */
  private readonly target: number
  private holders = 1
  private isRequested = false
  private isCounted = false
  private value: Promise<unknown> | undefined
  private resolveValue: ((value: unknown) => void) | undefined
  private rejectValue: ((error: unknown) => void) | undefined
  private listeners: Set<() => void> | undefined
  /** Pending results of this client that read this one. */
  private dependents: Set<HeldResult> | undefined
  private inputs: readonly HeldResult[]
  /** The future, while it is awaited: it is released when it is collected. */
  private awaitedFuture: object | undefined

  constructor(
    requests: TargetRequests,
    about: {
      target: number
      key: string
      inputs?: readonly HeldResult[]
    },
  ) {
    this.requests = requests
    this.target = about.target
    this.key = about.key
    this.inputs = about.inputs ?? noResults
    for (const input of this.inputs) (input.dependents ??= new Set()).add(this)
    this.countAwaited()
  }

  /** Counts it among the awaited targets if it is one. Called after every change. */
  private countAwaited(): void {
    const isAwaited = !this.isReleased && (this.status === 'pending' || this.isAwaited)
    if (isAwaited === this.isCounted) return
    this.isCounted = isAwaited
    if (isAwaited) this.requests.beginAwaiting()
    else this.requests.endAwaiting()
  }

  /** The `get` of the client that holds it. */
  get clientGet(): Get | undefined {
    return this.requests.findGet()
  }

  /** Whether its value was requested and has not come. */
  get isAwaited(): boolean {
    return this.isRequested && this.resolveValue !== undefined
  }

  // Requests of the user ---------------------------------------------------------------------------

  /** Returns the value, and requests it the first time. `future` is not collected until it comes. */
  result(future: object): Promise<unknown> {
    if (this.status === 'error') return Promise.reject(this.error)
    if (this.status === 'cancelled' || this.isReleased) return Promise.reject(this.whyNone())
    if (this.value === undefined) {
      this.value = new Promise((resolve, reject) => {
        this.resolveValue = resolve
        this.rejectValue = reject
      })
      this.value.catch(() => {})
      this.awaitedFuture = future
    }
    if (!this.isRequested) {
      this.isRequested = true
      this.requests.fetch(this.target)
      this.countAwaited()
    }
    return this.value
  }

  private whyNone(): unknown {
    return this.error ?? new CancelledError(`The future '${this.key}' was released`)
  }

  /** Waits until it is settled; returns the error it failed with, undefined if it did not. */
  async exception(future: object): Promise<unknown> {
    await this.settled(future)
    return this.status === 'error' || this.status === 'cancelled' ? this.whyNone() : undefined
  }

  /** Waits until it is finished, has failed, or was cancelled. */
  settled(future: object): Promise<void> {
    if (this.status !== 'pending') return Promise.resolve()
    this.awaitedFuture = future
    return new Promise((resolve) => this.onSettled(resolve))
  }

  /** Calls `listener` when it is settled, soon if it is already; returns what removes the listener. */
  onSettled(listener: () => void): () => void {
    if (this.status === 'pending') (this.listeners ??= new Set()).add(listener)
    else queueMicrotask(listener)
    return () => this.listeners?.delete(listener)
  }

  /** Counts one more future that holds it. */
  share(): this {
    this.holders++
    return this
  }

  /** Counts one future fewer that holds it. */
  release(): void {
    if (this.isReleased || --this.holders > 0) return
    this.isReleased = true
    this.leaveInputs()
    this.requests.release(this.target)
    // A promise for a value that will not come must not stay pending.
    if (this.status === 'pending' || this.isAwaited) this.setCancelled(this.whyNone())
    this.countAwaited()
  }

  /** Cancels it, and the pending results of this client that read it. */
  cancel(reason?: unknown): void {
    if (this.status === 'cancelled' || this.isReleased) return
    const stack: HeldResult[] = [this]
    for (let result = stack.pop(); result !== undefined; result = stack.pop()) {
      if (result.dependents !== undefined) stack.push(...result.dependents)
      if (result.isReleased) continue
      result.isReleased = true
      result.leaveInputs()
      result.requests.release(result.target)
      result.setCancelled(reason)
    }
  }

  retry(): void {
    if (this.status !== 'error' || this.isReleased) return
    this.resetFailure()
    this.isRetried = true
    this.requests.retry(this.target)
  }

  /** Forgets a failure, because the result is computed again. */
  resetFailure(): void {
    if (this.status !== 'error' || this.isReleased) return
    this.status = 'pending'
    this.error = undefined
    this.value = undefined
    this.isRequested = false
    this.countAwaited()
  }

  // Messages of the scheduler ----------------------------------------------------------------------

  /** Notes that it is computed. */
  setFinished(nbytes?: number): void {
    if (nbytes !== undefined) this.nbytes = nbytes
    this.isRetried = false
    if (this.status !== 'pending') return
    this.status = 'finished'
    this.leaveInputs()
    this.settle()
  }

  /** Notes that it was lost and is computed again, unless its value is here. */
  setLost(): void {
    const isHere = this.value !== undefined && this.resolveValue === undefined
    if (this.status === 'finished' && !isHere) this.status = 'pending'
    this.countAwaited()
  }

  /** Takes its value. */
  setValue(value: Promise<unknown>): void {
    this.setFinished()
    this.resolveValue?.(value)
    this.resolveValue = undefined
    this.rejectValue = undefined
    this.awaitedFuture = undefined
    this.countAwaited()
  }

  /** Notes that its task has failed. */
  setFailed(error: unknown): void {
    if (this.status === 'cancelled' || this.isReleased) return
    this.status = 'error'
    this.isRetried = false
    this.error = error
    this.reject(error)
  }

  private setCancelled(reason: unknown): void {
    this.status = 'cancelled'
    this.error = reason ?? new CancelledError(`The future '${this.key}' was cancelled`)
    this.reject(this.error)
  }

  private reject(error: unknown): void {
    this.leaveInputs()
    this.rejectValue?.(error)
    this.resolveValue = undefined
    this.rejectValue = undefined
    this.settle()
  }

  private settle(): void {
    if (this.resolveValue === undefined) this.awaitedFuture = undefined
    this.countAwaited()
    const { listeners } = this
    this.listeners = undefined
    if (listeners !== undefined) for (const listener of [...listeners]) listener()
  }

  private leaveInputs(): void {
    for (const input of this.inputs) input.dependents?.delete(this)
    this.inputs = noResults
  }

  /** Read by nothing: without a reader the compiler would refuse the field that keeps the future. */
  get keptFuture(): object | undefined {
    return this.awaitedFuture
  }
}

const noResults: readonly HeldResult[] = []
