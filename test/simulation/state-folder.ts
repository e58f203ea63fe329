/**
 * A scheduler's folder on disk, which replaces `distributed/storage/scheduler-state-folder.ts`: the
 * records are bytes in the world, where the next scheduler finds them. A write may fail, and a scheduler
 * may be killed before or after a write, but not in the middle of it.
 */
import { load, type StoredValue, store } from '../../core/graph/stored-value.js'
import { StorageError } from '../../distributed/base/errors.js'
import { toPieces, ValueAssembler } from '../../distributed/storage/value-pieces.js'
import { currentWorld } from './current-world.js'
import type { Process } from './virtual-time.js'

/** The disk of schedulers. */
export interface StateDisk {
  /** By name. */
  readonly records: Map<string, readonly Uint8Array[]>
  owner: Process | undefined
}

export class StateFolder {
  readonly path: string
  private readonly world = currentWorld()
  private readonly disk: StateDisk
  private isClosed = false

  private constructor(path: string, disk: StateDisk) {
    this.path = path
    this.disk = disk
  }

  static async open(path: string): Promise<StateFolder> {
    const { stateDisk, time } = currentWorld()
    const { owner } = stateDisk
    if (owner !== undefined && owner.status !== 'dead')
      throw new StorageError(path, `${path} is in use by ${owner.name}`)
    stateDisk.owner = time.current
    return new StateFolder(path, stateDisk)
  }

  put(name: string, record: unknown): void {
    const pieces = [...toPieces(name, store(record))]
    this.write(() => this.disk.records.set(name, pieces))
  }

  delete(name: string): void {
    this.write(() => this.disk.records.delete(name))
  }

  *records(_onLost: (error: unknown) => void): Generator<[name: string, record: unknown]> {
    for (const [first, ...more] of [...this.disk.records.values()]) {
      const assembly = new ValueAssembler(first!, false)
      for (const piece of more) assembly.add(piece)
      yield [assembly.description.key, load(assembly.value() as StoredValue)]
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.disk.owner = undefined
  }

  private write(body: () => void): void {
    const { world } = this
    if (this.isClosed) throw new StorageError(this.path, `${this.path} is closed`)
    if (world.happens('stateFault')) throw new StorageError(this.path, 'the disk is full')
    const isLast = world.happens('killedWhileWriting')
    const isTooLate = isLast && world.random() < 0.5
    if (isLast) world.killScheduler()
    if (isTooLate) throw new StorageError(this.path, 'the scheduler was killed before')
    body()
  }
}
