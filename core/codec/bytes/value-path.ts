/** The path from a value to the part being written, for error messages. */

/** An element of a batch: its path is computed from its index when an error needs it. */
class RowStep {
  index = 0

  constructor(readonly pathTo: (index: number) => readonly PropertyKey[]) {}
}

const noStep = new RowStep(() => [])

/** Paths in errors show at most this many keys. */
const MAX_KEYS = 20

/** Cuts a path to its first keys, which are enough to find the part. */
export function shortPath(path: readonly string[]): readonly string[] {
  return path.length > MAX_KEYS ? [...path.slice(0, MAX_KEYS), '...'] : path
}

/** The path to the value that a walk is at. */
export class ValuePath {
  /** How many containers the walk is in. */
  depth = 0
  prefix: readonly string[] = []
  private hasRows = false
  private readonly steps: (PropertyKey | RowStep)[] = []

  /** Sets the key of the innermost container that the walk is at. */
  setKey(key: PropertyKey): void {
    this.steps[this.depth - 1] = key
  }

  /** Enters the elements of a batch; set `index` of the result to the current one. */
  enterRows(pathTo: (index: number) => readonly PropertyKey[]): RowStep {
    const row = new RowStep(pathTo)
    this.hasRows = true
    this.steps[this.depth - 1] = row
    return row
  }

  /**
   * Leaves the innermost container out of the path: it is a part of a batch, whose rows have paths.
   */
  setNoKey(): void {
    this.steps[this.depth - 1] = noStep
  }

  /** Returns the keys of the path down to `depth`. */
  toKeys(depth = this.depth): string[] {
    const steps = this.steps
      .slice(0, depth)
      .flatMap((step) => (step instanceof RowStep ? step.pathTo(step.index) : [step]))
    return [...this.prefix, ...steps].map(String)
  }

  clear(): void {
    this.depth = 0
    // Plain keys may stay; a `RowStep` would keep the columns of its batch alive.
    if (this.hasRows) this.steps.length = 0
    this.hasRows = false
  }
}
