/**
 * Decompresses LZ4 frames, as the command `lz4` writes them, piece by piece. Checksums are not verified; sizes and
 * offsets are.
 */

const FRAME = 0x184d2204
const [SKIPPABLE, SKIPPABLE_MASK] = [0x184d2a50, 0xfffffff0]
/** How far a copy may go back. */
const WINDOW = 65_536

/** Reads bytes of an asynchronous iterable in the lengths that are asked for. */
class Pieces {
  private readonly iterator: AsyncIterator<Uint8Array>
  private bytes: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.iterator = source[Symbol.asyncIterator]()
  }

  /** Returns the next bytes; undefined if the source ends before the first of them. */
  async take(length: number): Promise<Buffer | undefined> {
    const parts = [this.bytes]
    let filled = this.bytes.length
    while (filled < length) {
      const { done, value } = await this.iterator.next()
      if (done === true) break
      parts.push(Buffer.from(value.buffer, value.byteOffset, value.length))
      filled += value.length
    }
    const all = parts.length === 1 ? this.bytes : Buffer.concat(parts)
    if (all.length === 0 && length > 0) return undefined
    if (all.length < length) throw new Error('the file ends in the middle of a frame')
    this.bytes = all.subarray(length)
    return all.subarray(0, length)
  }

  /** Returns the next bytes. Throws if the source ends before. */
  async must(length: number): Promise<Buffer> {
    const bytes = await this.take(length)
    if (bytes === undefined) throw new Error('the file ends in the middle of a frame')
    return bytes
  }
}

/** Yields the decompressed blocks of all frames. */
export async function* decompressLz4(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const pieces = new Pieces(source)
  for (;;) {
    const start = await pieces.take(4)
    if (start === undefined) return
    const magic = start.readUInt32LE(0)
    if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE) {
      await pieces.must((await pieces.must(4)).readUInt32LE(0))
    } else if (magic === FRAME) yield* frameBlocks(pieces)
    else throw new Error('it is no LZ4 frame')
  }
}

async function* frameBlocks(pieces: Pieces): AsyncIterable<Uint8Array> {
  const [flags, sizes] = await pieces.must(2)
  if (flags! >> 6 !== 1) throw new Error('the version of the LZ4 frame is unknown')
  const [isLinked, hasBlockSum, hasSize] = [(flags! & 32) === 0, flags! & 16, flags! & 8]
  const [hasContentSum, hasDictionary] = [flags! & 4, flags! & 1]
  if (hasDictionary) throw new Error('the LZ4 frame needs a dictionary')
  await pieces.must((hasSize ? 8 : 0) + 1)
  const most = 1 << (8 + 2 * ((sizes! >> 4) & 7))
  /** The last bytes before the block, and room for the block behind them. */
  const memory = Buffer.alloc(WINDOW + most)
  let history = 0
  for (;;) {
    const header = (await pieces.must(4)).readUInt32LE(0)
    if (header === 0) break
    const bytes = await pieces.must(header & 0x7fffffff)
    if (hasBlockSum) await pieces.must(4)
    let end: number
    if (header >>> 31 === 1) {
      if (bytes.length > most) throw new Error('a block of the LZ4 frame is too large')
      end = history + bytes.copy(memory, history)
    } else end = decodeBlock(bytes, memory, history, history + most)
    yield Buffer.from(memory.subarray(history, end))
    history = isLinked ? Math.min(WINDOW, end) : 0
    if (isLinked) memory.copy(memory, 0, end - history, end)
  }
  if (hasContentSum) await pieces.must(4)
}

/** Decodes a block into `target` from `start` on. Returns where it ends. */
function decodeBlock(block: Buffer, target: Buffer, start: number, limit: number): number {
  let at = 0
  let end = start
  const lengthAfter = (length: number): number => {
    if (length < 15) return length
    let total = length
    for (let byte = 255; byte === 255; total += byte) {
      if (at >= block.length) throw new Error('a block of the LZ4 frame is damaged')
      byte = block[at++]!
    }
    return total
  }
  while (at < block.length) {
    const token = block[at++]!
    const literals = lengthAfter(token >> 4)
    if (at + literals > block.length || end + literals > limit) {
      throw new Error('a block of the LZ4 frame is damaged')
    }
    block.copy(target, end, at, at + literals)
    at += literals
    end += literals
    if (at === block.length) return end
    if (at + 2 > block.length) break
    const offset = block[at]! | (block[at + 1]! << 8)
    at += 2
    const length = lengthAfter(token & 15) + 4
    if (offset === 0 || offset > end || end + length > limit) break
    // The copy may overlap what it writes.
    for (const last = end + length; end < last; end++) target[end] = target[end - offset]!
  }
  throw new Error('a block of the LZ4 frame is damaged')
}
