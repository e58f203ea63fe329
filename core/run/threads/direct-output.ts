/**
 * Writes the output of a thread directly to the process's output. By default Node passes it to the main
 * thread, but only when the task returns to the event loop, so a task that prints in a loop would keep
 * all of its output in memory. Here it waits for the reader instead, as a separate process would.
 */
import { writeSync } from 'node:fs'
import type { Writable } from 'node:stream'

/** Milliseconds between two attempts to write to an output that is full. */
const retryInterval = 2

const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** Makes this thread write its output directly. */
export function printDirectly(): void {
  redirect(process.stdout, 1)
  redirect(process.stderr, 2)
}

function redirect(stream: Writable, descriptor: number): void {
  stream._write = (chunk: string | Uint8Array, encoding, callback) => {
    writeAll(descriptor, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
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
