/**
 * Keeps together the tasks that divide a result. In a rechunk and a sort, many small tasks each take a piece of a large result. The
 * pieces are as large as the result together, so it is best to take all of them as soon as one is taken: then the result is
 * released, and only pieces wait, which can be written to disk and read back one by one.
 */
import type { Edges } from './shared-inputs.js'

export class DividedResults {
  private readonly edges: Edges
  private readonly ranks: Int32Array
  private readonly divides: Uint8Array
  /** The tasks that divide task t are `dividers[start[t]]` to `dividers[start[t + 1] - 1]`. */
  private readonly start: Int32Array
  private readonly dividers: Int32Array

  /** `divides` has 1 for each task that takes a piece of its first input. */
  constructor(edges: Edges, ranks: Int32Array, divides: Uint8Array) {
    const { count, inputStart, inputs } = edges
    this.edges = edges
    this.ranks = ranks
    this.divides = divides
    const next = new Int32Array(count + 1)
    for (let task = 0; task < count; task++)
      if (divides[task] === 1) next[inputs[inputStart[task]!]! + 1]!++
    for (let task = 0; task < count; task++) next[task + 1]! += next[task]!
    this.start = next.slice()
    this.dividers = new Int32Array(next[count]!)
    for (let task = 0; task < count; task++)
      if (divides[task] === 1) this.dividers[next[inputs[inputStart[task]!]!]!++] = task
  }

  /** Visits the tasks without a rank that divide the same result as `task`, and whose inputs all have ranks. */
  eachReady(task: number, visit: (task: number) => void): void {
    if (this.divides[task] === 0) return
    const { inputStart, inputs } = this.edges
    const source = inputs[inputStart[task]!]!
    for (let d = this.start[source]!; d < this.start[source + 1]!; d++) {
      const divider = this.dividers[d]!
      if (this.ranks[divider]! < 0 && this.isReady(divider)) visit(divider)
    }
  }

  private isReady(task: number): boolean {
    const { inputStart, inputs } = this.edges
    for (let i = inputStart[task]!; i < inputStart[task + 1]!; i++)
      if (this.ranks[inputs[i]!]! < 0) return false
    return true
  }
}
