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
    if (all.length < length) throw new Error(UNFINISHED)
    this.bytes = all.subarray(length)
    return all.subarray(0, length)
  }
}

/** Yields the decompressed blocks of all frames. */
export async function* decompressLz4(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const pieces = new Pieces(source)
  const steps = decodeFrames()
  for (let step = steps.next(); step.done !== true; ) {
    const { value } = step
    if (typeof value !== 'number') yield value
    step = steps.next(typeof value === 'number' ? await pieces.take(value) : undefined)
  }
}

/** Returns the content of frames that are in memory. */
export function decodeLz4(bytes: Uint8Array): Uint8Array {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoded: Uint8Array[] = []
  const steps = decodeFrames()
  let at = 0
  for (let step = steps.next(); step.done !== true; ) {
    const { value } = step
    let taken: Buffer | undefined
    if (typeof value !== 'number') decoded.push(value)
    else if (at < source.length || value === 0) {
      if (at + value > source.length) throw new Error(UNFINISHED)
      taken = source.subarray(at, (at += value))
    }
    step = steps.next(taken)
  }
  return decoded.length === 1 ? decoded[0]! : Buffer.concat(decoded)
}

const UNFINISHED = 'the file ends in the middle of a frame'

/** Yields how many bytes it needs next, and is given them, or undefined at the end; and yields decompressed blocks. */
type Steps<T> = Generator<number | Uint8Array, T, Buffer | undefined>

function* decodeFrames(): Steps<void> {
  for (;;) {
    const start = yield 4
    if (start === undefined) return
    const magic = start.readUInt32LE(0)
    if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE) {
      yield* must((yield* must(4)).readUInt32LE(0))
    } else if (magic === FRAME) yield* decodeFrame()
    else throw new Error('it is no LZ4 frame')
  }
}

/** Asks for bytes that must be there. */
function* must(length: number): Steps<Buffer> {
  const bytes = yield length
  if (bytes === undefined) throw new Error(UNFINISHED)
  return bytes
}

function* decodeFrame(): Steps<void> {
  const [flags, sizes] = yield* must(2)
  if (flags! >> 6 !== 1) throw new Error('the version of the LZ4 frame is unknown')
  const [isLinked, hasBlockSum, hasSize] = [(flags! & 32) === 0, flags! & 16, flags! & 8]
  const [hasContentSum, hasDictionary] = [flags! & 4, flags! & 1]
  if (hasDictionary) throw new Error('the LZ4 frame needs a dictionary')
  yield* must((hasSize ? 8 : 0) + 1)
  const most = 1 << (8 + 2 * ((sizes! >> 4) & 7))
  /** The last bytes before the block, and room for the block behind them. */
  const memory = Buffer.alloc(WINDOW + most)
  let history = 0
  for (;;) {
    const header = (yield* must(4)).readUInt32LE(0)
    if (header === 0) break
    const bytes = yield* must(header & 0x7fffffff)
    if (hasBlockSum) yield* must(4)
    let end: number
    if (header >>> 31 === 1) {
      if (bytes.length > most) throw new Error('a block of the LZ4 frame is too large')
      end = history + bytes.copy(memory, history)
    } else end = decodeBlock(bytes, memory, history, history + most)
    yield Buffer.from(memory.subarray(history, end))
    history = isLinked ? Math.min(WINDOW, end) : 0
    if (isLinked) memory.copy(memory, 0, end - history, end)
  }
  if (hasContentSum) yield* must(4)
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
