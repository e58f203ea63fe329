/**
 * Values that steps of one task hand to one another unfinished: a stream over a partition, an array
 * expression not yet evaluated. A task's result is always finished, so that steps fused into one
 * task run in one pass and what leaves the task is plain data.
 */
export abstract class LazyValue {
  /** The plain value; may be a promise when the steps were asynchronous. */
  abstract finish(): unknown
}
