/** A disk in memory that replaces `distributed/storage/spill-folder.ts`: writing and reading may fail. */
import type { StoredValue } from '../../core/graph/stored-value.js'
import { StorageError } from '../../distributed/base/errors.js'
import { currentWorld } from './current-world.js'

export class SpillFolder {
  readonly path = 'the simulated disk'
  private readonly world = currentWorld()
  private readonly values = new Map<string, StoredValue>()

  static async open(): Promise<SpillFolder> {
    return new SpillFolder()
  }

  *write(key: string, value: StoredValue): Generator<void, void> {
    yield
    if (this.world.happens('diskFault')) throw new StorageError(this.path, 'the disk is full')
    this.values.set(key, value)
  }

  get(key: string): StoredValue {
    if (this.world.happens('diskFault')) throw new StorageError(this.path, 'the disk is broken')
    return this.peek(key)
  }

  peek(key: string): StoredValue {
    return this.values.get(key)
  }

  has(key: string): boolean {
    return this.values.has(key)
  }

  delete(key: string): boolean {
    return this.values.delete(key)
  }

  async close(): Promise<void> {
    this.values.clear()
  }
}
