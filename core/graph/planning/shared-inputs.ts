/**
 * Finds the task to order next among those that share inputs with the last one. In a rechunk of two axes, blocks of the result read the same
 * source blocks: it is better to finish all readers of a few source blocks than to go on along a row, which keeps them in memory.
 */
/** The inputs of numbered tasks: task t reads `inputs[inputStart[t]]` to `inputs[inputStart[t + 1] - 1]`. */
export interface Edges {
  readonly count: number
  readonly inputStart: ArrayLike<number>
  readonly inputs: ArrayLike<number>
}

/**
 * Results with more readers than this are not followed, since they stay in memory anyway. A block of a rechunk of three
 * axes has 8 readers. A block of a matrix product has many; following those would keep partial products in memory.
 */
const mostReaders = 8

export class SharedInputs {
  private readonly edges: Edges
  private readonly ranks: Int32Array
  /** The tasks that read task t are `readers[readerStart[t]]` to `readers[readerStart[t + 1] - 1]`. */
  private readonly readerStart: Int32Array
  private readonly readers: Int32Array
  /** The number of readers of each task that have no rank yet. */
  private readonly waiting: Int32Array
  private readonly begun: Uint8Array

  constructor(edges: Edges, ranks: Int32Array) {
    const { count, inputStart, inputs } = edges
    this.edges = edges
    this.ranks = ranks
    this.waiting = new Int32Array(count)
    this.begun = new Uint8Array(count)
    for (let i = 0; i < inputs.length; i++) this.waiting[inputs[i]!]!++
    const start = new Int32Array(count + 1)
    for (let task = 0; task < count; task++) start[task + 1] = start[task]! + this.waiting[task]!
    this.readerStart = start
    this.readers = new Int32Array(inputs.length)
    const next = start.slice(0, count)
    for (let task = 0; task < count; task++) {
      for (let i = inputStart[task]!; i < inputStart[task + 1]!; i++)
        this.readers[next[inputs[i]!]!++] = task
    }
  }

  /** Notes that a task is visited: it will get a rank without being chosen here. */
  onBegun(task: number): void {
    this.begun[task] = 1
  }

  /** Notes that a task has a rank. */
  onRanked(task: number): void {
    const { inputStart, inputs } = this.edges
    for (let i = inputStart[task]!; i < inputStart[task + 1]!; i++) this.waiting[inputs[i]!]!--
  }

  /**
   * Returns a task that was not begun, that shares an input with `last`, and after which fewer results are in memory than after
   * `next`, by more than its own; -1 if there is none.
   */
  better(last: number, next: number): number {
    const { inputStart, inputs } = this.edges
    let best = -1
    let least = this.growth(next) - 1
    for (let i = inputStart[last]!; i < inputStart[last + 1]!; i++) {
      const input = inputs[i]!
      const [start, end] = [this.readerStart[input]!, this.readerStart[input + 1]!]
      if (this.waiting[input] === 0 || end - start > mostReaders) continue
      for (let r = start; r < end; r++) {
        const reader = this.readers[r]!
        if (this.begun[reader] === 1) continue
        const growth = this.growth(reader)
        if (growth >= least) continue
        best = reader
        least = growth
      }
    }
    return best
  }

  /** Returns how many more results are in memory after a task and what it needs, apart from its own. */
  private growth(task: number): number {
    const { inputStart, inputs } = this.edges
    let growth = 0
    for (let i = inputStart[task]!; i < inputStart[task + 1]!; i++) {
      const input = inputs[i]!
      const isLast = this.waiting[input] === 1
      if (this.ranks[input]! < 0) growth += isLast ? 0 : 1
      else if (isLast) growth--
    }
    return growth
  }
}

/** Whether a result has several readers, one of which has other inputs. */
export function hasSharedInputs({ count, inputStart, inputs }: Edges): boolean {
  const isRead = new Uint8Array(count)
  const isShared = new Uint8Array(count)
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!
    if (isRead[input] === 1) isShared[input] = 1
    isRead[input] = 1
  }
  for (let task = 0; task < count; task++) {
    if (inputStart[task + 1]! - inputStart[task]! < 2) continue
    for (let i = inputStart[task]!; i < inputStart[task + 1]!; i++)
      if (isShared[inputs[i]!] === 1) return true
  }
  return false
}
