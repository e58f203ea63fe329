/**
 * Which objects were written already, and where.
 *
 * Most values are one object, and large ones are often one array of records, so the first object is
 * kept apart and the rows of a batch are remembered only when another object has to be told from
 * them.
 */

/** Where an object was written: at a position, or as a row of the batch of records there. */
export interface Place {
  readonly at: number
  /** -1 if the object itself is at the position. */
  readonly row: number
}

/** Objects that were written together, and are all different. */
interface Batch {
  readonly rows: readonly object[]
  readonly at: number
  /** What they are; objects of another kind cannot be among them. */
  readonly kind: string
}

const ROWS = 2 ** 32
const FEW = 6

export class References {
  private first: object | undefined
  private firstAt = 0
  /** The next few, for which looking at each is faster than a Map. */
  private readonly few: object[] = []
  private readonly fewAt: number[] = []
  /** Positions of all others; a row of a batch is a negative number made of the batch's index and its own. */
  private readonly seen = new Map<object, number>()
  private batches: Batch[] = []
  private readonly batchPositions: number[] = []
  private readonly referred = new Set<number>()

  /** Where the object was written before; if it was not, remembers that it is being written at `pos`. */
  meet(object: object, pos: number): Place | undefined {
    if (this.first === undefined) {
      this.first = object
      this.firstAt = pos
      return undefined
    }
    if (this.first === object) return this.refer(this.firstAt)
    if (this.batches.length > 0) this.rememberRows()
    const { few, fewAt } = this
    for (let i = 0; i < few.length; i++) if (few[i] === object) return this.refer(fewAt[i]!)
    if (this.seen.size === 0 && few.length < FEW) {
      few.push(object)
      fewAt.push(pos)
      return undefined
    }
    const at = this.seen.get(object)
    if (at !== undefined) return this.refer(at)
    this.seen.set(object, pos)
    return undefined
  }

  /** An object that was met is written at another position after all. */
  move(object: object, pos: number): void {
    const i = this.few.indexOf(object)
    if (this.first === object) this.firstAt = pos
    else if (i >= 0) this.fewAt[i] = pos
    else this.seen.set(object, pos)
  }

  /** Gives a test whether an object of this kind was met. */
  metBefore(kind: string): (object: object) => boolean {
    if (this.batches.some((batch) => batch.kind === kind)) this.rememberRows(kind)
    const { first, few, seen } = this
    return (object) => object === first || seen.has(object) || few.includes(object)
  }

  /** Remembers objects that are written together, and are all met for the first time. */
  addBatch(rows: readonly object[], at: number, kind: string): void {
    this.batches.push({ rows, at, kind })
  }

  /** Whether anything was referred to. */
  get any(): boolean {
    return this.referred.size > 0
  }

  /** The positions that were referred to, ascending. */
  positions(): number[] {
    return [...this.referred].sort((a, b) => a - b)
  }

  clear(): void {
    if (this.first === undefined) return
    this.first = undefined
    this.few.length = 0
    this.fewAt.length = 0
    if (this.seen.size > 0) this.seen.clear()
    this.batches.length = 0
    this.batchPositions.length = 0
    if (this.referred.size > 0) this.referred.clear()
  }

  private refer(at: number): Place {
    if (at >= 0) {
      this.referred.add(at)
      return { at, row: -1 }
    }
    const position = this.batchPositions[Math.floor((-at - 1) / ROWS)]!
    this.referred.add(position)
    return { at: position, row: (-at - 1) % ROWS }
  }

  private rememberRows(kind?: string): void {
    const batches = this.batches
    this.batches = kind === undefined ? [] : batches.filter((batch) => batch.kind !== kind)
    for (const { rows, at, kind: own } of batches) {
      if (kind !== undefined && own !== kind) continue
      const base = this.batchPositions.push(at) - 1
      for (let row = 0; row < rows.length; row++)
        this.seen.set(rows[row]!, -(base * ROWS + row) - 1)
    }
  }
}
