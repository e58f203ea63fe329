/** Memory that tasks borrow: it is lent again after the task, unless it was kept. */
import { beforeEach, describe, expect, test } from 'vitest'
import {
  beginTask,
  borrow,
  dropTaskMemory,
  endTask,
  keepBorrowed,
  leaveTask,
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

  test('is dropped beyond 64 MB that the last task did not borrow', () => {
    const sizes = Array.from({ length: 40 }, (_, i) => 2 * bytes + 8 * i)
    const first = task(sizes)
    expect(new Set(task(sizes))).toEqual(new Set(first))
    task([bytes])
    const again = new Set(task(sizes))
    expect(first.filter((buffer) => again.has(buffer)).length).toBeLessThan(32)
  })
})
