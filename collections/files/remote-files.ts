/**
 * Files of other machines for synchronous readers and writers: each call is sent to a thread
 * (`io-thread.ts`) and waits for the answer. The thread is started by the first call.
 */
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  SHARE_ENV,
  Worker,
} from 'node:worker_threads'
import { runnableFile } from '../../core/base/package-root.js'
import type { ByteReader, ByteWriter } from './byte-reader.js'
import type { StreamCodec } from './decompress.js'
import type { FileAccess, FoundFile, StoredFile } from './file-system.js'
import type { IoAnswer, IoRequest, IoThreadData } from './io-thread.js'

/** Milliseconds in which the thread must have started. */
const START_TIMEOUT = 30_000

/** The other side of the thread. */
class IoThread {
  private readonly port: MessagePort
  private readonly signal = new Int32Array(new SharedArrayBuffer(4))

  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    const data: IoThreadData = { port: port2, signal: this.signal }
    const worker = new Worker(runnableFile('collections/files/io-thread'), {
      workerData: data,
      transferList: [port2],
      env: SHARE_ENV,
      execArgv: [],
    })
    worker.unref()
    worker.on('error', () => {})
    this.port.unref()
    if (Atomics.wait(this.signal, 0, 0, START_TIMEOUT) === 'timed-out') {
      throw new Error('the thread that reads files of other machines did not start')
    }
    receiveMessageOnPort(this.port)
  }

  call(method: IoRequest['method'], ...args: readonly unknown[]): unknown {
    Atomics.store(this.signal, 0, 0)
    this.port.postMessage({ method, args } satisfies IoRequest)
    // A late notification about the last answer may wake this thread.
    while (Atomics.load(this.signal, 0) === 0) Atomics.wait(this.signal, 0, 0)
    const { message } = receiveMessageOnPort(this.port)! as { message: IoAnswer }
    if ('value' in message) return message.value
    const { name, message: text } = message.error
    throw name === 'RangeError'
      ? new RangeError(text)
      : name === 'TypeError'
        ? new TypeError(text)
        : new Error(text)
  }
}

let thread: IoThread | undefined

const call: IoThread['call'] = (method, ...args) => {
  thread ??= new IoThread()
  return thread.call(method, ...args)
}

/** Options of a file system, as users give them. */
export type StorageOptions = Readonly<Record<string, unknown>>

/** Returns how files of an address are reached. Throws for invalid options. */
export function locateRemote(
  module: string,
  url: string,
  options: StorageOptions | undefined,
): FileAccess {
  return { module, place: call('locate', module, url, options), ranges: true }
}

/** Returns the files that a pattern matches. */
export function findRemote(pattern: string, { module, place }: FileAccess): FoundFile[] {
  const found = call('find', module, pattern, place) as readonly StoredFile[]
  // Files of one system share what tells how they are reached.
  const [inParts, whole] = [true, false].map((ranges): FileAccess => ({ module, place, ranges }))
  return found.map(({ url, size, version, ranges }) => ({
    path: url,
    size: size ?? 0,
    changed: version,
    access: ranges ? inParts : whole,
  }))
}

/** Whether files can be written. */
export function canCreateRemote({ module }: FileAccess): boolean {
  return call('canCreate', module) as boolean
}

/** Returns bytes of a file that can be read in parts. */
export function readRemote(
  url: string,
  { module, place }: FileAccess,
  start: number,
  end: number,
): Uint8Array {
  return call('read', module, url, place, start, end) as Uint8Array
}

/** The streams of files that are read next, by address and position. */
const openedAhead = new Map<string, number>()

/** Begins to read a file that a `RemoteReader` will read soon. */
export function openAhead(url: string, access: FileAccess, start: number, end: number): void {
  const name = `${start} ${url}`
  if (!openedAhead.has(name)) openedAhead.set(name, openStream(url, access, start, end))
}

/** Closes a file that was opened ahead and is not read after all. */
export function closeAhead(url: string, start: number): void {
  const id = openedAhead.get(`${start} ${url}`)
  if (id !== undefined) call('close', id)
  openedAhead.delete(`${start} ${url}`)
}

function openStream(
  url: string,
  { module, place, ranges }: FileAccess,
  start: number,
  end: number,
  codec?: StreamCodec,
): number {
  return call('open', module, url, place, ranges, start, end, codec) as number
}

/** Reads a file from a position on. Bytes after `end` are read, too, but not far ahead. */
export class RemoteReader implements ByteReader {
  private readonly id: number
  private bytes: Uint8Array | undefined
  private taken = 0

  constructor(url: string, access: FileAccess, start: number, end: number, codec?: StreamCodec) {
    const name = `${start} ${url}`
    const opened = codec === undefined ? openedAhead.get(name) : undefined
    this.id = opened ?? openStream(url, access, start, end, codec)
    if (opened !== undefined) openedAhead.delete(name)
  }

  read(target: Buffer, offset: number, length: number): number {
    if (this.bytes === undefined) {
      this.bytes = call('next', this.id) as Uint8Array | undefined
      this.taken = 0
      if (this.bytes === undefined) return 0
    }
    const part = this.bytes.subarray(this.taken, this.taken + length)
    target.set(part, offset)
    this.taken += part.length
    if (this.taken === this.bytes.length) this.bytes = undefined
    return part.length
  }

  close(): void {
    call('close', this.id)
  }
}

/** Writes a file, which appears when it is committed. */
export class RemoteWriter implements ByteWriter {
  packedSize: number | undefined
  private readonly id: number

  constructor(url: string, { module, place }: FileAccess, codec?: 'zstd') {
    this.id = call('create', module, url, place, codec) as number
  }

  write(bytes: Uint8Array): void {
    call('write', this.id, bytes)
  }

  commit(): void {
    this.packedSize = call('commit', this.id) as number | undefined
  }

  abort(): void {
    call('abort', this.id)
  }
}
