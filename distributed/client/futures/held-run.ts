/** A run whose results the cluster keeps until they are released one by one. */
import type { Get } from '../../../core/graph/get.js'
import type { AwaitedCount } from '../../base/awaited-count.js'
import type { HeldResult, TargetRequests } from './held-result.js'

export class HeldRun implements TargetRequests {
  readonly number: number
  /** The name by which everybody on the cluster knows the run. */
  readonly name: string
  results: HeldResult[] = []
  /** Whether it was submitted. */
  isSent = false
  /** Whether the scheduler refused it as a whole, and does not know it. */
  isRefused = false
  /** The number of results that are not released. */
  heldCount = 0
  /** Targets whose requests were not sent yet. */
  toFetch: number[] | undefined
  toRelease: number[] | undefined
  toRetry: number[] | undefined
  readonly findGet: () => Get | undefined
  private readonly sendRequests: (run: HeldRun) => void
  private readonly awaited: AwaitedCount
  private isScheduled = false

  /**
   * `sendRequests` sends the requests that were collected in one turn of the event loop; `findGet` returns the `get` of
   * the client.
   */
  constructor(
    number: number,
    name: string,
    awaited: AwaitedCount,
    sendRequests: (run: HeldRun) => void,
    findGet: () => Get | undefined,
  ) {
    this.findGet = findGet
    this.number = number
    this.name = name
    this.awaited = awaited
    this.sendRequests = sendRequests
  }

  add(result: HeldResult): void {
    this.results.push(result)
    this.heldCount++
  }

  fetch(target: number): void {
    // The submission itself asks for the values that are awaited by then.
    if (!this.isSent) return
    ;(this.toFetch ??= []).push(target)
    this.schedule()
  }

  release(target: number): void {
    this.heldCount--
    ;(this.toRelease ??= []).push(target)
    this.schedule()
  }

  retry(target: number): void {
    ;(this.toRetry ??= []).push(target)
    this.schedule()
  }

  beginAwaiting(): void {
    this.awaited.begin()
  }

  endAwaiting(): void {
    this.awaited.end()
  }

  /** Forgets the requests that were not sent. */
  clearRequests(): void {
    this.toRetry = this.toFetch = this.toRelease = undefined
  }

  /** Returns the targets whose results fulfil a condition. */
  targetsWhere(condition: (result: HeldResult) => boolean): Int32Array {
    return Int32Array.from(this.results.keys()).filter((target) => condition(this.results[target]!))
  }

  private schedule(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    queueMicrotask(() => {
      this.isScheduled = false
      this.sendRequests(this)
    })
  }
}
