/**
 * The tasks that submissions share, by key. The keys of a layer's blocks differ only in the number at their
 * end, so a million of them are one name and one column of slots.
 */

/** Numbers are kept in a column if it is at least half full, or this short. */
const shortColumn = 64

/** The tasks whose keys have one name. */
class NamedTasks {
  count = 0
  /** One more than the slot of each task, by number; 0 for none. */
  private column = new Int32Array(4)
  /** The slots of tasks whose numbers are beyond the column. */
  private others: Map<number, number> | undefined

  get(number: number): number | undefined {
    if (number >= this.column.length) return this.others?.get(number)
    const slot = this.column[number]!
    return slot === 0 ? undefined : slot - 1
  }

  set(number: number, slot: number): void {
    this.count++
    if (number >= this.column.length && number < Math.max(shortColumn, 2 * this.count))
      this.growTo(number)
    if (number < this.column.length) this.column[number] = slot + 1
    else (this.others ??= new Map()).set(number, slot)
  }

  delete(number: number): void {
    this.count--
    if (number < this.column.length) this.column[number] = 0
    else this.others?.delete(number)
  }

  private growTo(number: number): void {
    let length = this.column.length * 2
    while (length <= number) length *= 2
    const column = new Int32Array(length)
    column.set(this.column)
    this.column = column
    if (this.others === undefined) return
    for (const [other, slot] of this.others) {
      if (other >= length) continue
      column[other] = slot + 1
      this.others.delete(other)
    }
  }
}

export class SharedTasks {
  /** The slots of tasks whose keys have no number. */
  private readonly singles = new Map<string, number>()
  private readonly byName = new Map<string, NamedTasks>()
  /** The name that was looked up last: tasks of one layer come one after another. */
  private lastName = ''
  private last: NamedTasks | undefined

  get isEmpty(): boolean {
    return this.byName.size + this.singles.size === 0
  }

  /** Returns the slot of the task with a key; undefined if there is none. */
  get(name: string, number: number): number | undefined {
    return number < 0 ? this.singles.get(name) : this.find(name)?.get(number)
  }

  /** Adds a task under a key that no task has. */
  add(name: string, number: number, slot: number): void {
    if (number < 0) {
      this.singles.set(name, slot)
      return
    }
    let found = this.find(name)
    if (found === undefined) {
      found = new NamedTasks()
      this.byName.set(name, found)
      this.last = found
    }
    found.set(number, slot)
  }

  /** Removes a task; another one that has its key stays. */
  remove(name: string, number: number, slot: number): void {
    if (number < 0) {
      if (this.singles.get(name) === slot) this.singles.delete(name)
      return
    }
    const found = this.find(name)
    if (found?.get(number) !== slot) return
    found.delete(number)
    if (found.count > 0) return
    this.byName.delete(name)
    this.last = undefined
  }

  private find(name: string): NamedTasks | undefined {
    if (name !== this.lastName || this.last === undefined) {
      this.last = this.byName.get(name)
      this.lastName = name
    }
    return this.last
  }
}
