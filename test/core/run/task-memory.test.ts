/** Memory that tasks borrow: it is lent again after the task, unless it was kept. */
import { beforeEach, describe, expect, test } from 'vitest'
import {
  beginTask,
  borrow,
  dropTaskMemory,
  endTask,
  isInKeptMemory,
  keepBorrowed,
  leaveTask,
  returnMemory,
  reusableMemory,
} from '../../../core/run/task-memory.js'

const bytes = 2 ** 20

/** Runs a task that borrows memory of each of some sizes, and returns that memory. */
function task(sizes: readonly number[], end = endTask): (SharedArrayBuffer | undefined)[] {
  const outer = beginTask()
  const got = sizes.map(borrow)
  end(outer)
  return got
}

beforeEach(dropTaskMemory)

describe('borrowed memory', () => {
  test('is lent to the next task, and never twice to one task', () => {
    const [first, second] = task([bytes, bytes])
    expect(first).not.toBe(second)
    expect(new Set(task([bytes, bytes]))).toEqual(new Set([first, second]))
  })

  test('is lent in its exact size', () => {
    const [first] = task([bytes])
    expect(task([bytes - 8])[0]!.byteLength).toBe(bytes - 8)
    expect(task([bytes])[0]).toBe(first)
  })

  test('is not lent again when it was kept', () => {
    const outer = beginTask()
    const kept = borrow(bytes)!
    keepBorrowed(kept)
    endTask(outer)
    expect(task([bytes])[0]).not.toBe(kept)
  })

  test('is not lent again after a task that failed or is asynchronous', () => {
    const [first] = task([bytes], leaveTask)
    expect(task([bytes])[0]).not.toBe(first)
  })

  test('of a task stays its own while another runs within it', () => {
    const outer = beginTask()
    const own = borrow(bytes)!
    const [inner] = task([bytes])
    expect(inner).not.toBe(own)
    expect(borrow(bytes)).toBe(inner)
    endTask(outer)
    expect(new Set(task([bytes, bytes]))).toEqual(new Set([own, inner]))
  })

  test('is not lent without a task, and not for little', () => {
    expect(borrow(bytes)).toBe(undefined)
    expect(task([100])[0]).toBe(undefined)
  })

  test('is dropped when no task has used it for a while', async () => {
    const [first] = task([bytes])
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(task([bytes])[0]).not.toBe(first)
  })

  test('is dropped beyond twice what a task has borrowed, from 64 MB on', () => {
    const sizes = Array.from({ length: 40 }, (_, i) => 2 * bytes + 8 * i)
    const first = task(sizes)
    expect(new Set(task(sizes))).toEqual(new Set(first))
    for (const more of [1, 2]) task(sizes.map((size) => size + 4096 * more))
    const again = new Set(task(sizes))
    expect(first.filter((buffer) => again.has(buffer)).length).toBeLessThan(8)
  })

  test('is borrowed where memory of earlier results was returned', () => {
    const memory = new SharedArrayBuffer(bytes)
    returnMemory([memory])
    expect(task([bytes])).toEqual([memory])
  })
})

describe('the memory of an encoded result can be used again', () => {
  const whole = (buffer: ArrayBufferLike) => new Uint8Array(buffer)
  const encoded = (...buffers: Uint8Array[]) => ({ head: new Uint8Array(1), buffers, bundles: [] })
  let kept: SharedArrayBuffer
  beforeEach(() => {
    const outer = beginTask()
    kept = borrow(bytes)!
    keepBorrowed(kept)
    endTask(outer)
  })

  test('if a task has kept it', () => {
    expect(isInKeptMemory(encoded(whole(kept)))).toBe(true)
    expect(isInKeptMemory(encoded(whole(kept), new Uint8Array(2000)))).toBe(true)
    expect(reusableMemory(encoded(whole(kept), new Uint8Array(2000)))).toEqual([kept])
  })

  test('not if only a part of it is in the result, or if some of it is of unknown origin', () => {
    expect(isInKeptMemory(encoded(new Uint8Array(kept, 8)))).toBe(false)
    expect(isInKeptMemory(encoded(whole(kept), whole(new SharedArrayBuffer(bytes))))).toBe(false)
    expect(isInKeptMemory(encoded(new Uint8Array(2000)))).toBe(false)
    const [borrowed] = task([bytes])
    expect(isInKeptMemory(encoded(whole(borrowed!)))).toBe(false)
  })
})
