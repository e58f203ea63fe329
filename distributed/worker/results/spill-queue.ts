/**
 * Writes results to disk and reads them back, as the worker's state decides.
 *
 * The folder is made when it is first needed. Results are written one after another, a megabyte in
 * each turn of the event loop, so that the worker keeps answering.
 */
import type { StoredValue } from '../../../core/graph/stored-value.js'
import { StorageError } from '../../base/errors.js'
import { logEvent } from '../../base/log.js'
import { SpillFolder } from '../../storage/spill-folder.js'

interface PendingWrite {
  readonly slot: number
  /** The number of the write in the worker's state, which is also its key in the folder. */
  readonly write: number
  readonly value: StoredValue
  isCancelled: boolean
}

/** Called when a result is on disk or, with `fault`, could not be written. */
export type OnSpilled = (task: number, write: number, fault: string | undefined) => void

export class SpillQueue {
  private readonly directory: string | undefined
  private readonly onSpilled: OnSpilled
  /** The keys in the folder of the results that are there. */
  private readonly keys = new Map<number, string>()
  private readonly pending = new Map<number, PendingWrite>()
  private queue: PendingWrite[] = []
  private folder: SpillFolder | undefined
  private draining: Promise<void> | undefined
  private isClosed = false
  private hasFailed = false

  constructor(directory: string | undefined, onSpilled: OnSpilled) {
    this.directory = directory
    this.onSpilled = onSpilled
  }

  /** Whether a result is on disk. */
  has(slot: number): boolean {
    return this.keys.has(slot)
  }

  /** Reads a result from disk, with its large parts in shared memory. */
  get(slot: number): StoredValue {
    return this.openFolder().get(this.keyOf(slot))
  }

  /** Reads a result from disk to send it. */
  peek(slot: number): StoredValue {
    return this.openFolder().peek(this.keyOf(slot))
  }

  /** Queues a result to be written. */
  write(slot: number, write: number, value: StoredValue): void {
    const entry: PendingWrite = { slot, write, value, isCancelled: false }
    this.pending.set(slot, entry)
    this.queue.push(entry)
    this.draining ??= this.drain()
  }

  /** Deletes a result that is on disk or queued. */
  delete(slot: number): void {
    const entry = this.pending.get(slot)
    if (entry !== undefined) {
      entry.isCancelled = true
      this.pending.delete(slot)
    }
    const key = this.keys.get(slot)
    if (key === undefined) return
    this.keys.delete(slot)
    this.folder?.delete(key)
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.draining
    await this.folder?.close()
  }

  private keyOf(slot: number): string {
    const key = this.keys.get(slot)
    if (key !== undefined && this.folder?.has(key)) return key
    const path = this.folder?.path ?? ''
    throw new StorageError(path, `A result is neither in memory nor in ${path}`)
  }

  private openFolder(): SpillFolder {
    if (this.folder !== undefined) return this.folder
    throw new StorageError('', 'A result is neither in memory nor on disk')
  }

  private async drain(): Promise<void> {
    // Lets the writes of this turn come together.
    await nextTurn()
    for (let entry = this.queue.shift(); entry !== undefined; entry = this.queue.shift()) {
      if (this.isClosed) break
      if (!entry.isCancelled) await this.writeEntry(entry)
    }
    this.draining = undefined
  }

  private async writeEntry(entry: PendingWrite): Promise<void> {
    const { slot, write, value } = entry
    const key = String(write)
    let fault: string | undefined
    try {
      this.folder ??= await SpillFolder.open(this.directory)
      const steps = this.folder.write(key, value)
      while (!steps.next().done) {
        await nextTurn()
        if (!entry.isCancelled && !this.isClosed) continue
        steps.return()
        return
      }
      if (entry.isCancelled) {
        this.folder.delete(key)
        return
      }
      this.keys.set(slot, key)
      this.hasFailed = false
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error)
      if (!this.hasFailed) logEvent('worker', `results cannot be written to disk: ${fault}`)
      this.hasFailed = true
      if (entry.isCancelled) return
    }
    this.pending.delete(slot)
    this.onSpilled(slot, write, fault)
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
