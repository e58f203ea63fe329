/**
 * What was read and is referred to, by the position it was read at.
 *
 * The trailer lists these positions in ascending order, which is the order of reading: one
 * comparison tells whether an object has to be kept.
 */
import { DecodeError } from '../../base/errors.js'

export class Kept {
  private readonly positions: readonly number[]
  /** The first position that was not read yet; -1 after the last. */
  private next: number
  private index = 0
  private readonly objects = new Map<number, unknown>()
  /** What stands for objects that are being made. */
  private readonly promises = new Map<number, () => unknown>()

  constructor(positions: readonly number[] = []) {
    this.positions = positions
    this.next = positions[0] ?? -1
  }

  /** Keeps an object if something refers to this position. */
  keep<T>(at: number, object: T): T {
    if (at === this.next) {
      this.objects.set(at, object)
      this.step()
    }
    return object
  }

  /**
   * Keeps what `make` gives, which may read other objects first; if these refer to it, they get what
   * `promise` gives.
   */
  keepMade<T>(at: number, make: () => T, promise?: () => unknown): T {
    const isReferred = at === this.next
    if (isReferred) {
      this.step()
      if (promise !== undefined) this.promises.set(at, promise)
    }
    const made = make()
    if (isReferred) this.objects.set(at, made)
    return made
  }

  /** The object that was read at this position. */
  get(at: number): unknown {
    const object = this.objects.get(at) ?? this.promises.get(at)?.()
    if (object === undefined) throw new DecodeError('A reference leads to nothing')
    return object
  }

  /** A row of the batch that was read at this position. */
  row(at: number, row: number): unknown {
    const rows = this.get(at)
    if (!Array.isArray(rows) || row >= rows.length)
      throw new DecodeError('A reference leads to a record that is not there')
    return rows[row]
  }

  private step(): void {
    this.next = this.positions[++this.index] ?? -1
  }
}
