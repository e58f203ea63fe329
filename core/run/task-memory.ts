/**
 * Memory that a running task borrows for intermediate values. When the task ends, it is used for the
 * next one, without waiting for the garbage collector, which does not count shared memory.
 *
 * Code that borrows memory must make sure that nothing refers to it after the task, and that the task is not
 * asynchronous; otherwise it must call `keepBorrowed`. Memory is lent only while a task runs.
 */
import { collectDropped, noteDropped, noteUsed } from '../base/collect-garbage.js'

/** Smaller pieces are not worth their bookkeeping. */
const BORROWED_FROM = 2 ** 16
/** The bytes that a thread keeps for the next task, unless the last task has borrowed more. */
const KEPT = 2 ** 26
/** Milliseconds after which memory that no task uses is dropped. */
const IDLE_AFTER = 500

/** The memory that one task has borrowed. */
export type BorrowedMemory = Set<SharedArrayBuffer>

let borrowed: BorrowedMemory | undefined
let free: SharedArrayBuffer[] = []
let timer: NodeJS.Timeout | undefined
/** Whether memory was used since the timer was set. */
let wasUsed = false

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
  if (own !== undefined && own.size > 0) release(own)
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
  borrowed?.delete(buffer as SharedArrayBuffer)
}

/** Drops the memory that is kept for the next task. */
export function dropTaskMemory(): void {
  for (const { byteLength } of free) noteDropped(byteLength)
  free = []
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
function release(own: BorrowedMemory): void {
  free.unshift(...own)
  wasUsed = true
  if (timer === undefined) waitForIdle()
  let ownBytes = 0
  for (const { byteLength } of own) ownBytes += byteLength
  const most = Math.max(KEPT, ownBytes)
  let total = 0
  const kept = free.findIndex(({ byteLength }) => (total += byteLength) > most)
  if (kept < 0) return
  for (const { byteLength } of free.splice(kept)) noteUsed(byteLength)
}
