/**
 * Results of a worker that are on disk, or on their way there: what the worker's state decides, done.
 *
 * The chest is opened when it is first needed. Results are written one after another, a megabyte in
 * a turn of the event loop, so that the worker goes on answering.
 */
import type { StoredValue } from '../../../core/graph/stored-value.js'
import { StorageError } from '../../base/errors.js'
import { logEvent } from '../../base/log.js'
import { Chest } from '../../storage/chest.js'

interface Write {
  readonly slot: number
  /** The number that the state knows it by, and its key in the chest. */
  readonly write: number
  readonly value: StoredValue
  isCancelled: boolean
}

/** Told when a result is on disk, or cannot be. */
export type OnSpilled = (task: number, write: number, fault: string | undefined) => void

export class Spill {
  private readonly directory: string | undefined
  private readonly onSpilled: OnSpilled
  private readonly keys = new Map<number, string>()
  private readonly writes = new Map<number, Write>()
  private queue: Write[] = []
  private chest: Chest | undefined
  private pumping: Promise<void> | undefined
  private isClosed = false
  private hasFailed = false

  constructor(directory: string | undefined, onSpilled: OnSpilled) {
    this.directory = directory
    this.onSpilled = onSpilled
  }

  has(slot: number): boolean {
    return this.keys.has(slot)
  }

  /** A result that is on disk, its large parts in shared memory. */
  get(slot: number): StoredValue {
    return this.opened().get(this.keyOf(slot))
  }

  /** The same for sending it. */
  peek(slot: number): StoredValue {
    return this.opened().peek(this.keyOf(slot))
  }

  /** Has a result written. */
  write(slot: number, write: number, value: StoredValue): void {
    const entry: Write = { slot, write, value, isCancelled: false }
    this.writes.set(slot, entry)
    this.queue.push(entry)
    this.pumping ??= this.pump()
  }

  /** Drops a result, on disk or on its way. */
  delete(slot: number): void {
    const entry = this.writes.get(slot)
    if (entry !== undefined) {
      entry.isCancelled = true
      this.writes.delete(slot)
    }
    const key = this.keys.get(slot)
    if (key === undefined) return
    this.keys.delete(slot)
    this.chest?.delete(key)
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.pumping
    await this.chest?.close()
  }

  private keyOf(slot: number): string {
    const key = this.keys.get(slot)
    if (key !== undefined && this.chest?.has(key)) return key
    const path = this.chest?.path ?? ''
    throw new StorageError(path, `A result is neither in memory nor in the chest in ${path}`)
  }

  private opened(): Chest {
    if (this.chest !== undefined) return this.chest
    throw new StorageError('', 'A result is neither in memory nor on disk')
  }

  private async pump(): Promise<void> {
    // Those that come in the same turn are written together.
    await nextTurn()
    for (let entry = this.queue.shift(); entry !== undefined; entry = this.queue.shift()) {
      if (this.isClosed) break
      if (!entry.isCancelled) await this.put(entry)
    }
    this.pumping = undefined
  }

  private async put(entry: Write): Promise<void> {
    const { slot, write, value } = entry
    const key = String(write)
    let fault: string | undefined
    try {
      this.chest ??= await Chest.open({ directory: this.directory })
      const steps = this.chest.write(key, value)
      while (!steps.next().done) {
        await nextTurn()
        if (!entry.isCancelled && !this.isClosed) continue
        steps.return()
        return
      }
      if (entry.isCancelled) {
        this.chest.delete(key)
        return
      }
      this.keys.set(slot, key)
      this.hasFailed = false
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error)
      if (!this.hasFailed) logEvent('worker', `results cannot be moved to disk: ${fault}`)
      this.hasFailed = true
      if (entry.isCancelled) return
    }
    this.writes.delete(slot)
    this.onSpilled(slot, write, fault)
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
