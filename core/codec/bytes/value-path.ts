/** The way from a value to where the walk over it is, as error messages print it. */

/** An element of a batch, which knows its place among what was taken apart. */
class Place {
  index = 0

  constructor(readonly way: (index: number) => readonly PropertyKey[]) {}
}

const nowhere = new Place(() => [])

export class ValuePath {
  /** How many containers the walk is in. */
  depth = 0
  prefix: readonly string[] = []
  private hasPlaces = false
  private readonly steps: (PropertyKey | Place)[] = []

  /** The walk goes to this key of the innermost container. */
  at(key: PropertyKey): void {
    this.steps[this.depth - 1] = key
  }

  /** The walk goes through elements of a batch; `way` says where one of them is. */
  through(way: (index: number) => readonly PropertyKey[]): Place {
    const place = new Place(way)
    this.hasPlaces = true
    this.steps[this.depth - 1] = place
    return place
  }

  /** The innermost container is a part of a batch, whose places are told by what is in it. */
  nowhere(): void {
    this.steps[this.depth - 1] = nowhere
  }

  path(depth = this.depth): string[] {
    const steps = this.steps
      .slice(0, depth)
      .flatMap((step) => (step instanceof Place ? step.way(step.index) : [step]))
    return [...this.prefix, ...steps].map(String)
  }

  clear(): void {
    this.depth = 0
    // Keys may stay; what a batch was taken apart into must not.
    if (this.hasPlaces) this.steps.length = 0
    this.hasPlaces = false
  }
}
