/** Reads files of other machines one part after another: the first one at once, from the third one on ahead. */

/** A file that is being read from a position on. */
export interface OpenStream {
  /** Returns the next bytes; undefined at the end. */
  next(): Promise<Uint8Array | undefined>
  close(): void
}

/** The first part is small, for those who need a few items; each one is twice the last, up to the largest. */
const FIRST_PART = 1 << 16
const LARGEST_PART = 1 << 22

/** Reads a file in parts. After `end`, where the reader may stop, parts are small. */
export function readInParts(
  read: (start: number, end: number) => Promise<Uint8Array>,
  start: number,
  end: number,
): OpenStream {
  let position = start
  let size = FIRST_PART
  let atEnd = false
  const request = async (): Promise<Uint8Array | undefined> => {
    if (atEnd) return undefined
    const length = Math.max(FIRST_PART, Math.min(size, end - position))
    size = Math.min(size * 2, LARGEST_PART)
    const bytes = await read(position, position + length)
    position += bytes.length
    if (bytes.length < length) atEnd = true
    return bytes.length === 0 ? undefined : bytes
  }
  return readAhead(request, () => {})
}

const MOST_ATTEMPTS = 4

/** Reads a file from its start. If the network fails, it is read again and the first bytes are skipped. */
export function readStream(open: () => AsyncIterable<Uint8Array>, start: number): OpenStream {
  let position = start
  let toSkip = start
  let attempts = 0
  let iterator: AsyncIterator<Uint8Array> | undefined
  const request = async (): Promise<Uint8Array | undefined> => {
    for (;;) {
      try {
        iterator ??= open()[Symbol.asyncIterator]()
        const { done, value } = await iterator.next()
        if (done === true) return undefined
        const bytes = value.subarray(Math.min(toSkip, value.length))
        toSkip -= value.length - bytes.length
        if (bytes.length === 0) continue
        position += bytes.length
        return bytes
      } catch (error) {
        if (++attempts >= MOST_ATTEMPTS) throw error
        iterator = undefined
        toSkip = position
      }
    }
  }
  return readAhead(request, () => void iterator?.return?.())
}

/** Makes a stream of requests for its parts. */
export function readAhead(
  request: () => Promise<Uint8Array | undefined>,
  close: () => void,
): OpenStream {
  let ahead: Promise<Uint8Array | undefined> | undefined
  const start = (): Promise<Uint8Array | undefined> => {
    const promise = request()
    // The reader may close the file before it gets the error.
    promise.catch(() => {})
    return promise
  }
  let count = 0
  ahead = start()
  return {
    async next() {
      const bytes = await (ahead ?? start())
      // Who needs a few items only reads one part.
      ahead = bytes === undefined ? Promise.resolve(undefined) : count++ > 0 ? start() : undefined
      return bytes
    },
    close,
  }
}
