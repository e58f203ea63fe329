/**
 * The values of a head that references lead to, by the position they were read at.
 *
 * The trailer lists these positions in ascending order, which is the order of reading, so one
 * comparison shows whether a value has to be registered.
 */
import { DecodeError } from '../../base/errors.js'

/** The values of a value being decoded that references can lead to. */
export class ReferencedValues {
  private readonly positions: readonly number[]
  /** The first position that was not read yet; -1 after the last. */
  private next: number
  private index = 0
  private readonly values = new Map<number, unknown>()
  /** Placeholders of values that are being built. */
  private readonly placeholders = new Map<number, () => unknown>()

  constructor(positions: readonly number[] = []) {
    this.positions = positions
    this.next = positions[0] ?? -1
  }

  /** Registers a value if something refers to its position, and returns it. */
  add<T>(position: number, value: T): T {
    if (position === this.next) {
      this.values.set(position, value)
      this.step()
    }
    return value
  }

  /**
   * Registers and returns the result of `build`, which may read other values first. References from
   * those values to this position get the result of `placeholder`.
   */
  addBuilt<T>(position: number, build: () => T, placeholder?: () => unknown): T {
    const isReferenced = position === this.next
    if (isReferenced) {
      this.step()
      if (placeholder !== undefined) this.placeholders.set(position, placeholder)
    }
    const built = build()
    if (isReferenced) this.values.set(position, built)
    return built
  }

  /** Returns the value that was read at this position. */
  get(position: number): unknown {
    const value = this.values.get(position) ?? this.placeholders.get(position)?.()
    if (value === undefined) throw new DecodeError('A reference leads to nothing')
    return value
  }

  /** Returns a row of the batch that was read at this position. */
  row(position: number, row: number): unknown {
    const rows = this.get(position)
    if (!Array.isArray(rows) || row >= rows.length)
      throw new DecodeError('A reference leads to a missing record')
    return rows[row]
  }

  private step(): void {
    this.next = this.positions[++this.index] ?? -1
  }
}
