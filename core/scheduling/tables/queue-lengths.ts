/**
 * The workers with tasks in their own queues, grouped by the number of binary digits of how many, so
 * that a long queue among thousands is found in a few steps.
 */
import { invariant } from '../../base/errors.js'

/** A worker whose queue's length is tracked. */
interface Queued {
  readonly id: number
  readonly queued: number
}

/** How many workers are tested for a long queue. */
const mostTests = 16

export class QueueLengths<W extends Queued> {
  private readonly byLength: Set<W>[] = []
  /** One bit for each set that is not empty. */
  private lengths = 0

  /** Whether any worker has tasks in its own queue. */
  get areAny(): boolean {
    return this.lengths !== 0
  }

  /** Moves a worker to the group of its queue's new length. */
  update(worker: W, before: number, queued: number): void {
    const [from, to] = [binaryDigits(before), binaryDigits(queued)]
    if (from === to) return
    if (from > 0) this.remove(worker, from)
    if (to === 0) return
    this.byLength[to] ??= new Set()
    this.byLength[to].add(worker)
    this.lengths |= 1 << to
  }

  private remove(worker: W, length: number): void {
    const set = this.byLength[length]!
    set.delete(worker)
    if (set.size === 0) this.lengths &= ~(1 << length)
  }

  /** Returns a worker with about the longest queue of those that pass a test; tests a few only. */
  findLong(test: (worker: W) => boolean): W | undefined {
    let tests = 0
    for (let left = this.lengths; left !== 0; ) {
      const length = 31 - Math.clz32(left)
      left &= ~(1 << length)
      for (const worker of this.byLength[length]!) {
        if (test(worker)) return worker
        if (++tests === mostTests) return undefined
      }
    }
    return undefined
  }

  validate(): void {
    this.byLength.forEach((set, length) => {
      const isNoted = (this.lengths & (1 << length)) !== 0
      invariant(set.size > 0 === isNoted, `the bit of queues of ${length} binary digits is wrong`)
      for (const worker of set) {
        const isRight = binaryDigits(worker.queued) === length
        invariant(isRight, `worker ${worker.id} is in the wrong group of queue lengths`)
      }
    })
  }
}

/** The number of binary digits of a count; 0 for 0. */
function binaryDigits(count: number): number {
  return 32 - Math.clz32(count)
}
