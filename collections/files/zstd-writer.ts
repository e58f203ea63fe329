/** Writes files with Zstandard where Node does not have it, by the package numcodecs: each part is a frame. */
import { lazyModule } from '../../core/base/lazy-package.js'
import type { StoredFileWriter } from './file-system.js'

/** The part of numcodecs that is used. The package is optional, so its own types may be missing. */
interface ZstdModule {
  readonly default: {
    fromConfig(config: object): { encode(bytes: Uint8Array): Promise<Uint8Array> }
  }
}

const numcodecs = lazyModule<ZstdModule>('numcodecs/zstd')

/** The bytes of a frame before it is compressed. */
const FRAME_SIZE = 4 << 20

/** Compresses bytes into another writer. */
export class ZstdWriter implements StoredFileWriter {
  /** The bytes of the file. */
  size = 0
  private readonly target: StoredFileWriter
  private pieces: Uint8Array[] = []
  private filled = 0

  constructor(target: StoredFileWriter) {
    this.target = target
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.pieces.push(bytes)
    this.filled += bytes.length
    if (this.filled >= FRAME_SIZE) await this.writeFrame()
  }

  async commit(): Promise<void> {
    if (this.filled > 0 || this.size === 0) await this.writeFrame()
    await this.target.commit()
  }

  async abort(): Promise<void> {
    await this.target.abort()
  }

  private async writeFrame(): Promise<void> {
    const { default: zstd } = await numcodecs().catch((cause: unknown) => {
      throw new Error(
        'writing Zstandard needs Node 22.15 or the package numcodecs, which is not installed where the task runs; write npm install numcodecs',
        { cause },
      )
    })
    const frame = await zstd.fromConfig({ level: 3 }).encode(Buffer.concat(this.pieces))
    this.pieces = []
    this.filled = 0
    this.size += frame.length
    // The bytes may be in memory of the package.
    await this.target.write(Uint8Array.from(frame))
  }
}
