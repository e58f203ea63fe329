/**
 * The objects that were written already, and their positions.
 *
 * Most values are one object, and large ones are often one array of records. So the first object is
 * stored apart, and the rows of a batch enter the Map only when another object has to be compared
 * with them. Batches of one kind are compared by their content (`distinct-table.ts`).
 */
import type { ContentColumns } from './content-hashes.js'
import { areDifferent } from './distinct.js'
import { DistinctTable } from './distinct-table.js'

/** The position an object was written at: its own, or that of the batch in which it is a row. */
interface WrittenPosition {
  readonly position: number
  /** The index of the row; -1 if the object itself is at the position. */
  readonly row: number
}

/** Objects that were written as a batch, and are all different. */
interface Batch {
  readonly rows: readonly object[]
  readonly position: number
  /** The kind of the objects; objects of another kind cannot be among them. */
  readonly kind: string
}

/** The batches of one kind, stored so that a new batch can be compared with them. */
interface KindBatches {
  /** The first batch of the kind. */
  first: readonly [rows: readonly object[], columns: ContentColumns] | undefined
  /** All batches of the kind, from the second one on. */
  table: DistinctTable | undefined
  /** Whether an object of the kind occurred twice: then the Map is used instead of the table. */
  hasRepeats: boolean
}

/** The factor by which the index of a batch is combined with that of a row. */
const ROWS = 2 ** 32
/** Up to this many objects, a scan is faster than a Map. */
const FEW = 32

/** The objects of a value being encoded that were written already. */
export class References {
  private first: object | undefined
  private firstPosition = 0
  /** The objects after the first, up to `FEW`, which are scanned. */
  private few: object[] = []
  private fewPositions: number[] = []
  /**
   * Positions of all other objects. A row of a batch has a negative number, combined from the
   * batch's index and its own.
   */
  private readonly seen = new Map<object, number>()
  private batches: Batch[] = []
  private readonly batchPositions: number[] = []
  private readonly referenced = new Set<number>()
  private readonly byKind = new Map<string, KindBatches>()

  /** Returns where an object was written before; if it was not, adds it with position `pos`. */
  findOrAdd(object: object, pos: number): WrittenPosition | undefined {
    if (this.first === undefined) {
      this.first = object
      this.firstPosition = pos
      return undefined
    }
    if (this.first === object) return this.refer(this.firstPosition)
    if (this.batches.length > 0) this.addRows()
    const { few, fewPositions } = this
    const index = few.length < 6 ? indexIn(few, object) : few.indexOf(object)
    if (index >= 0) return this.refer(fewPositions[index]!)
    if (this.seen.size === 0 && few.length < FEW) {
      few.push(object)
      fewPositions.push(pos)
      return undefined
    }
    const found = this.seen.get(object)
    if (found !== undefined) return this.refer(found)
    this.seen.set(object, pos)
    return undefined
  }

  /** Changes the position of an object that was added. */
  move(object: object, pos: number): void {
    const i = this.few.indexOf(object)
    if (this.first === object) this.firstPosition = pos
    else if (i >= 0) this.fewPositions[i] = pos
    else this.seen.set(object, pos)
  }

  /**
   * Whether objects of a kind are all different and none was written before; `columns` are their
   * values. If so, `addBatch` or `markRepeats` must follow.
   */
  areNew(rows: readonly object[], kind: string, columns: ContentColumns): boolean {
    if (this.first !== undefined && rows.includes(this.first)) return false
    for (const object of this.few) if (rows.includes(object)) return false
    let batches = this.byKind.get(kind)
    if (batches === undefined)
      this.byKind.set(kind, (batches = { first: undefined, table: undefined, hasRepeats: false }))
    if (batches.hasRepeats) this.addRows(kind)
    if (this.seen.size > 0) for (const row of rows) if (this.seen.has(row)) return false
    if (batches.hasRepeats) return new Set(rows).size === rows.length
    const isNew = areNewTo(batches, rows, columns)
    if (!isNew) this.markRepeats(kind)
    return isNew
  }

  /**
   * Compares objects of a kind by the Map from now on: some occur twice, or are not written as a
   * batch.
   */
  markRepeats(kind: string): void {
    this.byKind.set(kind, { first: undefined, table: undefined, hasRepeats: true })
  }

  /** Adds objects that are written as a batch, all of them for the first time. */
  addBatch(rows: readonly object[], position: number, kind: string): void {
    this.batches.push({ rows, position, kind })
  }

  /** Whether anything was referred to. */
  get hasReferences(): boolean {
    return this.referenced.size > 0
  }

  /** Returns the positions that were referred to, ascending. */
  positions(): number[] {
    return [...this.referenced].sort((a, b) => a - b)
  }

  clear(): void {
    if (this.first === undefined) return
    this.first = undefined
    // A new list takes less time than emptying one, which is a call into V8.
    if (this.few.length > 0) {
      this.few = []
      this.fewPositions = []
    }
    if (this.seen.size > 0) this.seen.clear()
    if (this.batches.length > 0) this.batches = []
    if (this.batchPositions.length > 0) this.batchPositions.length = 0
    if (this.byKind.size > 0) this.byKind.clear()
    if (this.referenced.size > 0) this.referenced.clear()
  }

  private refer(at: number): WrittenPosition {
    if (at >= 0) {
      this.referenced.add(at)
      return { position: at, row: -1 }
    }
    const position = this.batchPositions[Math.floor((-at - 1) / ROWS)]!
    this.referenced.add(position)
    return { position, row: (-at - 1) % ROWS }
  }

  /** Moves the rows of the batches, or of those of one kind, into the Map. */
  private addRows(kind?: string): void {
    const batches = this.batches
    this.batches = kind === undefined ? [] : batches.filter((batch) => batch.kind !== kind)
    for (const { rows, position, kind: own } of batches) {
      if (kind !== undefined && own !== kind) continue
      const base = this.batchPositions.push(position) - 1
      for (let row = 0; row < rows.length; row++)
        this.seen.set(rows[row]!, -(base * ROWS + row) - 1)
    }
  }
}

function indexIn(list: readonly object[], object: object): number {
  for (let i = 0; i < list.length; i++) if (list[i] === object) return i
  return -1
}

function areNewTo(batches: KindBatches, rows: readonly object[], columns: ContentColumns): boolean {
  if (batches.first === undefined) {
    batches.first = [rows, columns]
    return areDifferent(rows, columns)
  }
  batches.table ??= new DistinctTable(...batches.first)
  return batches.table.add(rows, columns)
}
