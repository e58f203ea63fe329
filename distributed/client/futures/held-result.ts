/**
 * One result that a run of this client keeps on the cluster, as the client knows it. It knows no
 * messages: whoever owns the run tells it what has come, and is told what is wanted.
 */
import { CancelledError } from '../../../core/base/errors.js'

/** How a future fares. */
export type FutureStatus = 'pending' | 'finished' | 'error' | 'cancelled'

/** What a target needs of the run that it belongs to. */
export interface TargetOwner {
  want(place: number): void
  release(place: number): void
  retry(place: number): void
}

export class Target {
  readonly key: string
  status: FutureStatus = 'pending'
  /** Bytes of the result, once it is there. */
  nbytes: number | undefined
  private error: unknown
  private readonly owner: TargetOwner
  private readonly place: number
  /** Whether nobody holds it any more. */
  isReleased = false
  /** Whether it was to be tried again, and nothing was heard of that. */
  isRetried = false
  private holders = 1
  private isAsked = false
  private value: Promise<unknown> | undefined
  private giveValue: ((value: unknown) => void) | undefined
  private failValue: ((error: unknown) => void) | undefined
  private listeners: Set<() => void> | undefined
  /** Targets of this client that read this one and are not done. */
  private dependents: Set<Target> | undefined
  private inputs: readonly Target[]
  /** Keeps the future while somebody waits for it: it may be let go of when it is collected. */
  private handle: object | undefined

  constructor(
    owner: TargetOwner,
    about: {
      place: number
      key: string
      inputs?: readonly Target[]
    },
  ) {
    this.owner = owner
    this.place = about.place
    this.key = about.key
    this.inputs = about.inputs ?? none
    for (const input of this.inputs) (input.dependents ??= new Set()).add(this)
  }

  /** Whether its value is to come as soon as it is there. */
  get isWanted(): boolean {
    return this.isAsked && this.giveValue !== undefined
  }

  // What the user does -----------------------------------------------------------------------------

  result(handle: object): Promise<unknown> {
    if (this.status === 'error') return Promise.reject(this.error)
    if (this.status === 'cancelled' || this.isReleased) return Promise.reject(this.whyNot())
    if (this.value === undefined) {
      this.value = new Promise((resolve, reject) => {
        this.giveValue = resolve
        this.failValue = reject
      })
      this.value.catch(() => {})
      this.handle = handle
    }
    if (!this.isAsked) {
      this.isAsked = true
      this.owner.want(this.place)
    }
    return this.value
  }

  private whyNot(): unknown {
    return this.error ?? new CancelledError(`The future '${this.key}' was released`)
  }

  /** The error it failed with, undefined if it did not, once that is known. */
  async exception(handle: object): Promise<unknown> {
    await this.settled(handle)
    return this.status === 'error' || this.status === 'cancelled' ? this.whyNot() : undefined
  }

  /** Fulfilled when it is finished, has failed, or was cancelled. */
  settled(handle: object): Promise<void> {
    if (this.status !== 'pending') return Promise.resolve()
    this.handle = handle
    return new Promise((resolve) => this.onSettled(resolve))
  }

  /** Calls back when it is settled, at once if it is; gives what takes the listener away. */
  onSettled(listener: () => void): () => void {
    if (this.status === 'pending') (this.listeners ??= new Set()).add(listener)
    else queueMicrotask(listener)
    return () => this.listeners?.delete(listener)
  }

  /** One more future holds it. */
  share(): this {
    this.holders++
    return this
  }

  /** One future fewer holds it. */
  release(): void {
    if (this.isReleased || --this.holders > 0) return
    this.isReleased = true
    this.leaveInputs()
    this.owner.release(this.place)
    // Whoever waits for a value that was to come must not wait for ever.
    if (this.status === 'pending' || this.isWanted) this.cancelled(this.whyNot())
  }

  cancel(reason?: unknown): void {
    if (this.status === 'cancelled' || this.isReleased) return
    const stack: Target[] = [this]
    for (let target = stack.pop(); target !== undefined; target = stack.pop()) {
      if (target.dependents !== undefined) stack.push(...target.dependents)
      if (target.isReleased) continue
      target.isReleased = true
      target.leaveInputs()
      target.owner.release(target.place)
      target.cancelled(reason)
    }
  }

  retry(): void {
    if (this.status !== 'error' || this.isReleased) return
    this.comesAgain()
    this.isRetried = true
    this.owner.retry(this.place)
  }

  /** If it failed, that is forgotten: it is made again. */
  comesAgain(): void {
    if (this.status !== 'error' || this.isReleased) return
    this.status = 'pending'
    this.error = undefined
    this.value = undefined
    this.isAsked = false
  }

  // What is told -----------------------------------------------------------------------------------

  done(nbytes?: number): void {
    if (nbytes !== undefined) this.nbytes = nbytes
    this.isRetried = false
    if (this.status !== 'pending') return
    this.status = 'finished'
    this.leaveInputs()
    this.settle()
  }

  /** It is to be made again; whoever has its value has it. */
  lost(): void {
    const isHere = this.value !== undefined && this.giveValue === undefined
    if (this.status === 'finished' && !isHere) this.status = 'pending'
  }

  arrived(value: Promise<unknown>): void {
    this.done()
    this.giveValue?.(value)
    this.giveValue = undefined
    this.failValue = undefined
    this.handle = undefined
  }

  failed(error: unknown): void {
    if (this.status === 'cancelled' || this.isReleased) return
    this.status = 'error'
    this.isRetried = false
    this.error = error
    this.reject(error)
  }

  private cancelled(reason: unknown): void {
    this.status = 'cancelled'
    this.error = reason ?? new CancelledError(`The future '${this.key}' was cancelled`)
    this.reject(this.error)
  }

  private reject(error: unknown): void {
    this.leaveInputs()
    this.failValue?.(error)
    this.giveValue = undefined
    this.failValue = undefined
    this.settle()
  }

  private settle(): void {
    if (this.giveValue === undefined) this.handle = undefined
    const { listeners } = this
    this.listeners = undefined
    if (listeners !== undefined) for (const listener of [...listeners]) listener()
  }

  private leaveInputs(): void {
    for (const input of this.inputs) input.dependents?.delete(this)
    this.inputs = none
  }

  /** What keeps the future alive; for the collector alone. */
  get keptHandle(): object | undefined {
    return this.handle
  }
}

const none: readonly Target[] = []
