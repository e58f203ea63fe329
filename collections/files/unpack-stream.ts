/** Decompresses a file that is read in parts. */
import { decompress, type StreamCodec } from './decompress.js'
import { type OpenStream, readAhead } from './read-ahead.js'

/** Decompressors give small pieces, which are joined to at least this many bytes. */
const PART = 1 << 17

/**
 * Compressed bytes that are given to a decompressor at a time. Some decompress all of them at once, and text
 * with many repetitions becomes a thousand times as long.
 */
const PIECE = 1024

/** Returns the decompressed bytes of a file, the next part ahead. */
export function unpackStream(packed: OpenStream, codec: StreamCodec, path: string): OpenStream {
  const iterator = decompress(codec, path, partsOf(packed))[Symbol.asyncIterator]()
  let isDone = false
  const request = async (): Promise<Uint8Array | undefined> => {
    const pieces: Uint8Array[] = []
    let filled = 0
    while (!isDone && filled < PART) {
      const { done, value } = await iterator.next()
      isDone = done === true
      if (done === true) break
      pieces.push(value)
      filled += value.length
    }
    return filled === 0 ? undefined : Buffer.concat(pieces)
  }
  return readAhead(request, () => {
    packed.close()
    void iterator.return?.()
  })
}

async function* partsOf(stream: OpenStream): AsyncIterable<Uint8Array> {
  for (;;) {
    const bytes = await stream.next()
    if (bytes === undefined) return
    for (let start = 0; start < bytes.length; start += PIECE) {
      yield bytes.subarray(start, start + PIECE)
    }
  }
}
