/** Local files for the thread of files, which reads and writes those that it compresses. */
import { open } from 'node:fs/promises'
import type { FileSystem, StoredFileWriter } from './file-system.js'
import { FileWriter } from './local-files.js'

async function read(path: string, start: number, end: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(end - start)
  const file = await open(path, 'r')
  try {
    let filled = 0
    for (let count = -1; count !== 0 && filled < bytes.length; filled += count) {
      count = (await file.read(bytes, filled, bytes.length - filled, start + filled)).bytesRead
    }
    return bytes.subarray(0, filled)
  } finally {
    await file.close()
  }
}

async function create(path: string): Promise<StoredFileWriter> {
  const writer = new FileWriter(path, 'the writer')
  return {
    write: async (bytes) => writer.write(bytes),
    commit: async () => writer.commit(),
    abort: async () => writer.abort(),
  }
}

/** Files of this machine. They are found by `file-patterns.ts`. */
export const localFiles: FileSystem<undefined> = {
  locate: () => undefined,
  find: async () => [],
  read,
  create,
}
