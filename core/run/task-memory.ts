/**
 * Memory that a running task borrows. When the task ends, it is used for the
 * next one, without waiting for the garbage collector, which does not count shared memory. Memory of results is used again
 * when nothing reads them: `threads/stored-results.ts` gives it back.
 *
 * Code that borrows memory must make sure that nothing refers to it after the task, and that the task is not
 * asynchronous; otherwise it must call `keepBorrowed`. Memory is lent only while a task runs.
 */
import { collectDropped, noteDropped, noteUsed } from '../base/collect-garbage.js'
import type { Encoded } from '../codec/index.js'

/** Smaller pieces are not worth their bookkeeping. */
const BORROWED_FROM = 2 ** 16
/** The bytes that a thread keeps for the next tasks, unless a task has borrowed more than half of it. */
const KEPT = 2 ** 26
/** Milliseconds after which memory that no task uses is dropped. */
const IDLE_AFTER = 500

/** The memory that one task has borrowed. */
export type BorrowedMemory = Set<SharedArrayBuffer>

let borrowed: BorrowedMemory | undefined
/** Memory that tasks have kept, for their results or for code of a user. */
const kept = new WeakSet<ArrayBufferLike>()
let free: SharedArrayBuffer[] = []
/** The most bytes that are kept whatever tasks borrow. */
let mostKept = Number.POSITIVE_INFINITY
/** The most bytes that a task has borrowed, since memory was last dropped for not being used. */
let mostBorrowed = 0
let timer: NodeJS.Timeout | undefined
/** Whether memory was used since the timer was set. */
let wasUsed = false

/** Makes this thread keep at most so many bytes for the next tasks. */
export function limitTaskMemory(nbytes: number): void {
  mostKept = nbytes
}

/** Begins a task, which may run within another one; pass the returned value to `endTask` or `leaveTask`. */
export function beginTask(): BorrowedMemory | undefined {
  const outer = borrowed
  borrowed = none
  return outer
}

/** Stands for the memory of a task that has borrowed nothing yet. */
const none: BorrowedMemory = new Set()

/** Ends a task: what it has borrowed and not kept is free. */
export function endTask(outer: BorrowedMemory | undefined): void {
  const own = borrowed
  borrowed = outer
  if (own === undefined || own.size === 0) return
  let bytes = 0
  for (const { byteLength } of own) bytes += byteLength
  mostBorrowed = Math.max(mostBorrowed, bytes)
  release(own)
}

/** Ends a task that failed, or that goes on in another turn: what it has borrowed is not lent again. */
export function leaveTask(outer: BorrowedMemory | undefined): void {
  borrowed = outer
}

/**
 * Returns shared memory of `bytes` bytes with any contents; undefined if the caller should
 * allocate its own, since it is small or no task runs.
 */
export function borrow(bytes: number): SharedArrayBuffer | undefined {
  if (borrowed === undefined || bytes < BORROWED_FROM) return undefined
  const found = free.findIndex(({ byteLength }) => byteLength === bytes)
  const buffer = found < 0 ? newMemory(bytes) : free.splice(found, 1)[0]!
  if (borrowed === none) borrowed = new Set()
  borrowed.add(buffer)
  return buffer
}

function newMemory(bytes: number): SharedArrayBuffer {
  noteUsed(bytes)
  return new SharedArrayBuffer(bytes)
}

/** Whether the running task has borrowed memory. */
export function hasBorrowed(): boolean {
  return borrowed !== undefined && borrowed.size > 0
}

/** Takes memory out of the pool, since it will be read after the task, or by code of a user. */
export function keepBorrowed(buffer: ArrayBufferLike): void {
  if (borrowed?.delete(buffer as SharedArrayBuffer)) kept.add(buffer)
}

/**
 * Whether an encoded result is in memory that tasks have kept, and has all of it to itself: then it may be used again
 * when nothing reads the result, unless code of a user has seen it.
 */
export function isInKeptMemory({ buffers }: Encoded): boolean {
  let isKept = false
  for (const { buffer, byteLength } of buffers) {
    if (buffer.byteLength < BORROWED_FROM) continue
    if (byteLength !== buffer.byteLength || !kept.has(buffer)) return false
    isKept = true
  }
  return isKept
}

/** Returns the memory of an encoded result that can be used again, once for each thread that has reported it. */
export function reusableMemory({ buffers }: Encoded): SharedArrayBuffer[] {
  return buffers
    .map(({ buffer }) => buffer as SharedArrayBuffer)
    .filter(({ byteLength }) => byteLength >= BORROWED_FROM)
}

/** Adds memory that nothing reads any more to what is free. */
export function returnMemory(memory: readonly SharedArrayBuffer[]): void {
  release(memory)
}

/** Drops the memory that is kept for the next task. */
export function dropTaskMemory(): void {
  for (const { byteLength } of free) noteDropped(byteLength)
  free = []
  mostBorrowed = 0
}

/** Drops the memory that is kept for the next task, unless tasks have used it lately. */
function dropIfIdle(): void {
  timer = undefined
  if (wasUsed) waitForIdle()
  else {
    dropTaskMemory()
    collectDropped()
  }
}

function waitForIdle(): void {
  wasUsed = false
  timer ??= setTimeout(dropIfIdle, IDLE_AFTER).unref()
}

/** Puts memory first in the list of free memory, and drops the last of the list. */
function release(memory: Iterable<SharedArrayBuffer>): void {
  free.unshift(...memory)
  wasUsed = true
  if (timer === undefined) waitForIdle()
  // Tasks take turns with others that need memory of other sizes.
  const most = Math.min(mostKept, Math.max(KEPT, 2 * mostBorrowed))
  let total = 0
  const kept = free.findIndex(({ byteLength }) => (total += byteLength) > most)
  if (kept < 0) return
  for (const { byteLength } of free.splice(kept)) noteDropped(byteLength)
}
