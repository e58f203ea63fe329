/** The results of a pool, and when their memory is free for others. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Encoded } from '../../../../core/codec/index.js'
import { RETAINED, REUSABLE, UNREAD } from '../../../../core/run/threads/executor-protocol.js'
import { StoredResults } from '../../../../core/run/threads/stored-results.js'

const bytes = 2 ** 20
const recipe = 7
const source = 1
const reader = 2
const other = 3

function block(size = bytes): Encoded {
  const buffer = new SharedArrayBuffer(size)
  return { head: new Uint8Array(1), buffers: [new Uint8Array(buffer)], bundles: [] }
}

let results: StoredResults
let value: Encoded

/** Stores the result of a task; by default its memory can be used again. */
function finish(slot: number, inputs: number[], about: { retaining?: true; value?: Encoded } = {}) {
  const { retaining, value } = about
  const use = retaining ? RETAINED : value === undefined ? UNREAD : REUSABLE
  results.put(slot, recipe, inputs, value ?? 'small', use)
}

/** Returns the memory that the next task of the recipe would get. */
function lent(): SharedArrayBuffer[] {
  const memory: SharedArrayBuffer[] = []
  results.memory.takeFor(recipe, memory)
  return memory
}

beforeEach(() => {
  results = new StoredResults()
  value = block()
  results.onSent(source, [])
  finish(source, [], { value })
  results.onSent(reader, [source])
})

describe('the memory of a freed result', () => {
  test('is lent for the next result of the same recipe, once', () => {
    finish(reader, [source])
    expect(lent()).toEqual([])
    results.free([source])
    expect(results.get(source)).toBe(undefined)
    expect(lent()).toEqual([value.buffers[0]!.buffer])
    expect(lent()).toEqual([])
  })

  test('is not lent while a task that was sent may read it', () => {
    results.onSent(other, [source])
    finish(reader, [source])
    results.free([source])
    expect(lent()).toEqual([])
  })

  test('is not lent after a task that may have kept a part of it', () => {
    finish(reader, [source], { retaining: true })
    results.free([source])
    expect(lent()).toEqual([])
  })

  test('is not lent when the result went to the user', () => {
    finish(reader, [source])
    expect(results.take(source)).toBe(value)
    results.free([source])
    expect(lent()).toEqual([])
  })

  test('is not lent if the thread does not own it', () => {
    const memory = block()
    results.onSent(other, [])
    results.put(other, recipe, [], memory, UNREAD)
    results.free([other])
    expect(lent()).toEqual([])
  })

  test('is counted anew when the slot stands for another task', () => {
    results.free([source])
    const next = block()
    results.onSent(source, [])
    finish(source, [], { value: next })
    results.onSent(reader, [source])
    finish(reader, [source])
    results.free([source])
    expect(lent()).toEqual([next.buffers[0]!.buffer])
  })

  test('is not lent to recipes with results of another size, or that were forgotten', () => {
    finish(reader, [source])
    results.free([source])
    const memory: SharedArrayBuffer[] = []
    results.memory.takeFor(recipe + 1, memory)
    results.memory.forgetRecipes([recipe])
    results.memory.takeFor(recipe, memory)
    expect(memory).toEqual([])
  })

  test('is dropped beyond 256 MB', () => {
    for (let slot = 10; slot < 310; slot++) {
      results.onSent(slot, [])
      finish(slot, [], { value: block() })
    }
    results.free(Array.from({ length: 300 }, (_, i) => 10 + i))
    let count = 0
    while (lent().length > 0) count++
    expect(count).toBe(256)
  })
})
