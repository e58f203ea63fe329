/** A task that an executor thread runs, or that has seceded. */
import type { SecededTask } from './task-runtime.js'

export class RunningTask implements SecededTask {
  readonly task: number
  readonly attempt: number
  hasSeceded = false
  isCancelled = false
  /** Lets the loop of the thread continue with other tasks. */
  release: (() => void) | undefined
  private listeners: Set<() => void> | undefined

  constructor(task: number, attempt: number) {
    this.task = task
    this.attempt = attempt
  }

  onCancelled(listener: () => void): () => void {
    if (this.isCancelled) queueMicrotask(listener)
    this.listeners ??= new Set()
    this.listeners.add(listener)
    return () => this.listeners!.delete(listener)
  }

  cancel(): void {
    this.isCancelled = true
    for (const listener of [...(this.listeners ?? [])]) listener()
  }

  /** Resolves when a promise of the task is settled in either way, or when the task secedes. */
  settledOrSeceded(result: PromiseLike<unknown>): Promise<void> {
    return new Promise((resolve) => {
      this.release = resolve
      result.then(
        () => resolve(),
        () => resolve(),
      )
      if (this.hasSeceded) resolve()
    })
  }
}
