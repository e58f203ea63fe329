/**
 * The bytes of a Blob, at once.
 *
 * The platform gives them asynchronously alone, but those that lie in memory are there at the first
 * asking of the reader inside, which is asked here. A Blob of a file needs the event loop.
 */

interface Reader {
  pull(callback: (status: number, bytes: ArrayBuffer | undefined) => void): void
}

/** The bytes, or undefined if they cannot be had without waiting. */
export function blobBytes(blob: Blob): Uint8Array | undefined {
  try {
    const reader = readerOf(blob)
    return reader === undefined ? undefined : readAll(reader, blob.size)
  } catch {
    return undefined
  }
}

function readerOf(blob: Blob): Reader | undefined {
  const symbol = Object.getOwnPropertySymbols(blob).find((own) => own.description === 'kHandle')
  if (symbol === undefined) return undefined
  const handle = (blob as unknown as Record<symbol, { getReader?(): Reader } | undefined>)[symbol]
  const reader = handle?.getReader?.()
  return typeof reader?.pull === 'function' ? reader : undefined
}

function readAll(reader: Reader, size: number): Uint8Array | undefined {
  const bytes = new Uint8Array(size)
  let at = 0
  for (;;) {
    let status: number | undefined
    reader.pull((code, part) => {
      status = code
      if (part === undefined) return
      bytes.set(new Uint8Array(part), at)
      at += part.byteLength
    })
    // Not called yet: the bytes are somewhere else.
    if (status === undefined || status < 0) return undefined
    if (status === 0) return at === size ? bytes : undefined
  }
}
