/**
 * Which objects were written already, and where.
 *
 * Most values are one object, and large ones are often one array of records, so the first object is
 * kept apart and the rows of a batch are remembered only when another object has to be told from
 * them. Batches of one kind are told apart by their content (`distinct.ts`).
 */
import { areDifferent, type Columns, DistinctTable } from './distinct.js'

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

/** What tells the objects of one kind from one another. */
interface Kin {
  /** The first batch of the kind. */
  first: readonly [rows: readonly object[], columns: Columns] | undefined
  /** All of the kind, from the second batch on. */
  table: DistinctTable | undefined
  /** Once an object of the kind was met twice, a Map takes the place of the table. */
  isMixed: boolean
}

const ROWS = 2 ** 32
const FEW = 32

export class References {
  private first: object | undefined
  private firstAt = 0
  /** The next few, for which looking at each is faster than a Map. */
  private few: object[] = []
  private fewAt: number[] = []
  /** Positions of all others; a row of a batch is a negative number made of the batch's index and its own. */
  private readonly seen = new Map<object, number>()
  private batches: Batch[] = []
  private readonly batchPositions: number[] = []
  private readonly referred = new Set<number>()
  private readonly kin = new Map<string, Kin>()

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
    const place = few.length < 6 ? indexIn(few, object) : few.indexOf(object)
    if (place >= 0) return this.refer(fewAt[place]!)
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

  /**
   * Whether objects of a kind are all different and none was met before; `columns` are their values.
   * If so, `addBatch` must follow, or `spoil`.
   */
  areNew(rows: readonly object[], kind: string, columns: Columns): boolean {
    if (this.first !== undefined && rows.includes(this.first)) return false
    for (const object of this.few) if (rows.includes(object)) return false
    let kin = this.kin.get(kind)
    if (kin === undefined)
      this.kin.set(kind, (kin = { first: undefined, table: undefined, isMixed: false }))
    if (kin.isMixed) this.rememberRows(kind)
    if (this.seen.size > 0) for (const row of rows) if (this.seen.has(row)) return false
    if (kin.isMixed) return new Set(rows).size === rows.length
    const isNew = areNewTo(kin, rows, columns)
    if (!isNew) this.spoil(kind)
    return isNew
  }

  /** Objects of a kind that were new are not written together after all. */
  spoil(kind: string): void {
    this.kin.set(kind, { first: undefined, table: undefined, isMixed: true })
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
    // A new list takes less time than emptying one, which is a call into V8.
    if (this.few.length > 0) {
      this.few = []
      this.fewAt = []
    }
    if (this.seen.size > 0) this.seen.clear()
    if (this.batches.length > 0) this.batches = []
    if (this.batchPositions.length > 0) this.batchPositions.length = 0
    if (this.kin.size > 0) this.kin.clear()
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

function indexIn(list: readonly object[], object: object): number {
  for (let i = 0; i < list.length; i++) if (list[i] === object) return i
  return -1
}

function areNewTo(kin: Kin, rows: readonly object[], columns: Columns): boolean {
  if (kin.first === undefined) {
    kin.first = [rows, columns]
    return areDifferent(rows, columns)
  }
  kin.table ??= new DistinctTable(...kin.first)
  return kin.table.add(rows, columns)
}
