/**
 * What a thread prints, written to the process's own output at once. By default Node hands it to the
 * main thread, which it reaches only when the task lets go: a task that prints a lot in a loop would
 * keep all of it in memory. Here it waits for the reader instead, as a process of its own would.
 */
import { writeSync } from 'node:fs'
import type { Writable } from 'node:stream'

/** Milliseconds between two attempts at an output that takes no more for now. */
const pause = 2

const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** Has what this thread prints written directly. */
export function printDirectly(): void {
  redirect(process.stdout, 1)
  redirect(process.stderr, 2)
}

function redirect(stream: Writable, descriptor: number): void {
  stream._write = (chunk: string | Uint8Array, encoding, callback) => {
    writeAll(descriptor, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
    callback()
  }
  // Otherwise what is written while a write is under way would go another way.
  Object.defineProperty(stream, '_writev', { value: null })
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let from = 0
  while (from < bytes.byteLength) {
    try {
      from += writeSync(descriptor, bytes, from)
    } catch (error) {
      // Nobody reads it any more: what a task prints must not make it fail.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      Atomics.wait(sleeper, 0, 0, pause)
    }
  }
}
