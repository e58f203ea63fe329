/**
 * The program of the thread that reads and writes files of other machines, one for each thread that needs
 * them. That thread waits for each answer (`remote-files.ts`), while this one reads the next bytes ahead.
 */
import { type MessagePort, workerData } from 'node:worker_threads'
import type { StreamCodec } from './decompress.js'
import type { FileSystem, StoredFileWriter } from './file-system.js'
import { httpFiles } from './http-files.js'
import { localFiles } from './local-file-system.js'
import { type OpenStream, readInParts, readStream } from './read-ahead.js'
import { s3Files } from './s3-files.js'
import { unpackStream } from './unpack-stream.js'
import { ZstdWriter } from './zstd-writer.js'

/** What the thread is started with. */
export interface IoThreadData {
  readonly port: MessagePort
  /** One integer, which becomes 1 when an answer was sent. */
  readonly signal: Int32Array
}

/** A call of the thread, and its arguments. */
export interface IoRequest {
  readonly method: keyof typeof methods
  readonly args: readonly unknown[]
}

/** The result of a call, or what it threw. */
export type IoAnswer =
  | { readonly value: unknown }
  | { readonly error: { readonly name: string; readonly message: string } }

const fileSystems = new Map<string, FileSystem | Promise<FileSystem>>([
  ['file', localFiles],
  ['http', httpFiles],
  ['s3', s3Files],
])
const streams = new Map<number, OpenStream>()
const writers = new Map<number, StoredFileWriter>()
let numbers = 0

async function fileSystemOf(module: string): Promise<FileSystem> {
  let found = fileSystems.get(module)
  if (found === undefined) fileSystems.set(module, (found = importFileSystem(module)))
  return found
}

async function importFileSystem(module: string): Promise<FileSystem> {
  const { fileSystem } = (await import(module)) as { readonly fileSystem?: FileSystem }
  if (fileSystem !== undefined) return fileSystem
  throw new TypeError(`the module '${module}' exports no fileSystem`)
}

const methods = {
  async locate(module: string, url: string, options: Record<string, unknown> | undefined) {
    return (await fileSystemOf(module)).locate(url, options)
  },

  async find(module: string, pattern: string, place: unknown) {
    return (await fileSystemOf(module)).find(pattern, place)
  },

  async canCreate(module: string) {
    return (await fileSystemOf(module)).create !== undefined
  },

  async read(module: string, url: string, place: unknown, start: number, end: number) {
    return (await fileSystemOf(module)).read(url, start, end, place)
  },

  async open(
    module: string,
    url: string,
    place: unknown,
    ranges: boolean,
    start: number,
    end: number,
    codec: StreamCodec | undefined,
  ) {
    const system = await fileSystemOf(module)
    const read = (from: number, to: number) => system.read(url, from, to, place)
    const stream = ranges
      ? readInParts(read, start, end)
      : readStream(() => system.stream!(url, place), start)
    streams.set(++numbers, codec === undefined ? stream : unpackStream(stream, codec, url))
    return numbers
  },

  async next(id: number) {
    return streams.get(id)!.next()
  },

  async close(id: number) {
    streams.get(id)?.close()
    streams.delete(id)
  },

  async create(module: string, url: string, place: unknown, codec: 'zstd' | undefined) {
    const system = await fileSystemOf(module)
    const writer = await system.create!(url, place)
    writers.set(++numbers, codec === undefined ? writer : new ZstdWriter(writer))
    return numbers
  },

  async write(id: number, bytes: Uint8Array) {
    await writers.get(id)!.write(bytes)
  },

  async commit(id: number) {
    const writer = writers.get(id)!
    await writer.commit()
    writers.delete(id)
    return writer instanceof ZstdWriter ? writer.size : undefined
  },

  async abort(id: number) {
    await writers.get(id)?.abort()
    writers.delete(id)
  },
}

async function answer({ method, args }: IoRequest): Promise<IoAnswer> {
  try {
    const call = methods[method] as (...args: readonly unknown[]) => Promise<unknown>
    return { value: await call(...args) }
  } catch (error) {
    const { name = 'Error', message = String(error) } = error as Partial<Error>
    return { error: { name, message } }
  }
}

const { port, signal } = workerData as IoThreadData
port.on('message', async (request: IoRequest) => {
  port.postMessage(await answer(request))
  Atomics.store(signal, 0, 1)
  Atomics.notify(signal, 0)
})
port.postMessage({ value: undefined } satisfies IoAnswer)
Atomics.store(signal, 0, 1)
Atomics.notify(signal, 0)
