/**
 * What tasks print. Node passes the output of a thread to the main thread one chunk at a time, and only
 * while both return to their event loops: a task that prints in a loop would keep all of its output in
 * memory, and what is left when the program ends would be lost. So the streams of a thread are
 * redirected, in one of two ways:
 *
 * - `printDirectly` writes to the process's output, and waits for the reader as a separate process would.
 * - `printThrough` posts each chunk before the results that follow it, so that the owner of the thread has
 *   printed it when it receives them. The thread waits while too much of its output is unprinted.
 */
import { writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import type { Worker } from 'node:worker_threads'

/** The number of a standard stream: 1 for stdout, 2 for stderr. */
export type Descriptor = 1 | 2

/** Milliseconds between two attempts to write to an output that is full. */
const retryInterval = 2

/** A thread waits before it prints while more than this many characters or bytes of its output are unprinted. */
const maxUnprinted = 1 << 20

const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** Makes this thread write its output directly to the process's output. */
export function printDirectly(): void {
  for (const descriptor of [1, 2] as const) {
    redirect(descriptor, (chunk, encoding) => {
      writeAll(descriptor, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
    })
  }
}

/**
 * Makes this thread pass its output to `post`. `unprinted` is one shared number: how much was posted and is
 * not printed yet. The receiver lowers it with `printOutput`.
 */
export function printThrough(
  unprinted: Int32Array,
  post: (descriptor: Descriptor, chunk: string | Uint8Array) => void,
): void {
  for (const descriptor of [1, 2] as const) {
    redirect(descriptor, (chunk, encoding) => {
      for (let n = Atomics.load(unprinted, 0); n > maxUnprinted; n = Atomics.load(unprinted, 0)) {
        Atomics.wait(unprinted, 0, n)
      }
      const isText = typeof chunk === 'string' && /^utf-?8$/i.test(encoding)
      // A copy: a clone of a small buffer would contain all of the memory that it shares with others.
      const posted = isText ? chunk : Uint8Array.from(Buffer.from(chunk as string, encoding))
      Atomics.add(unprinted, 0, posted.length)
      post(descriptor, posted)
    })
  }
}

/** Whether a thread has printed anything. */
let hasPrinted = false

/**
 * Resolves when the process's output has been written, so that a program which exits right after a
 * computation loses nothing of it. Returns undefined if there is nothing to wait for.
 */
export function outputWritten(): Promise<void> | undefined {
  if (!hasPrinted) return undefined
  const busy = [process.stdout, process.stderr].filter(
    (stream) => stream.writableLength > 0 && !stream.destroyed,
  )
  if (busy.length === 0) return undefined
  const written = busy.map((stream) => new Promise<void>((done) => stream.write('', () => done())))
  return Promise.all(written).then(() => {})
}

/** Prints a chunk that a thread has posted. */
export function printOutput(
  unprinted: Int32Array,
  descriptor: Descriptor,
  chunk: string | Uint8Array,
): void {
  hasPrinted = true
  const stream = descriptor === 1 ? process.stdout : process.stderr
  let isCounted = true
  const onPrinted = (): void => {
    if (!isCounted) return
    isCounted = false
    Atomics.sub(unprinted, 0, chunk.length)
    Atomics.notify(unprinted, 0)
  }
  // As with `console.log`, an output that was closed, such as a pipe to `head`, is not an error of the program.
  const isBare = stream.listenerCount('error') === 0
  if (isBare) stream.on('error', ignore)
  try {
    stream.write(chunk, (error) => {
      // Every further write fails too, also those of `console.log`, which does not expect this listener.
      if (error && !stream.listeners('error').includes(ignore)) stream.on('error', ignore)
      onPrinted()
    })
  } finally {
    if (isBare) stream.removeListener('error', ignore)
    // The program may have replaced `write` by a function that never calls back.
    if (!stream.writableNeedDrain) onPrinted()
  }
}

/**
 * Prints what a thread writes before its streams are redirected. Node pipes that to the process's streams
 * with listeners that would make any error of those, such as a reader that went away, end the program.
 */
export function forwardEarlyOutput(worker: Worker): void {
  const unprinted = new Int32Array(new SharedArrayBuffer(4))
  for (const descriptor of [1, 2] as const) {
    const source = descriptor === 1 ? worker.stdout : worker.stderr
    source.unpipe(descriptor === 1 ? process.stdout : process.stderr)
    source.on('data', (chunk: Uint8Array) => printOutput(unprinted, descriptor, chunk))
    source.resume()
  }
}

function ignore(): void {}

function redirect(
  descriptor: Descriptor,
  write: (chunk: string | Uint8Array, encoding: BufferEncoding) => void,
): void {
  const stream: Writable = descriptor === 1 ? process.stdout : process.stderr
  stream._write = (chunk: string | Uint8Array, encoding, callback) => {
    write(chunk, encoding)
    callback()
  }
  // Otherwise Node would use `_writev` for chunks that are written during a write.
  Object.defineProperty(stream, '_writev', { value: null })
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let offset = 0
  while (offset < bytes.byteLength) {
    try {
      offset += writeSync(descriptor, bytes, offset)
    } catch (error) {
      // The reader is gone: printing must not make a task fail.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      Atomics.wait(sleeper, 0, 0, retryInterval)
    }
  }
}
