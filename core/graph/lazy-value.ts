/**
 * An unfinished value that one step of a task passes to the next: a stream over a partition, or an array
 * expression that is not yet evaluated. So fused steps run in one pass. A lazy value is finished before
 * it becomes the task's result.
 */
export abstract class LazyValue {
  /** Computes the plain value; may return a promise if a step was asynchronous. */
  abstract finish(): unknown

  /**
   * Returns what several steps of a task can read without its being computed for each of them: by default
   * this value itself. May return a promise.
   */
  share(): unknown {
    return this
  }
}
