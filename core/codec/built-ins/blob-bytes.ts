/**
 * Synchronous access to the bytes of a Blob.
 *
 * The platform offers only asynchronous methods. But the internal reader delivers bytes that are in
 * memory at the first call, so it is used here. The Blob of a file needs the event loop.
 */

interface Reader {
  pull(callback: (status: number, bytes: ArrayBuffer | undefined) => void): void
}

/** Returns the bytes of a Blob; undefined if they are not available synchronously. */
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
    // The callback was not called yet, so the bytes are not in memory.
    if (status === undefined || status < 0) return undefined
    if (status === 0) return at === size ? bytes : undefined
  }
}
