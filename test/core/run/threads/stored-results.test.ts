/** The results of a pool, and when their memory is free for others. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Encoded } from '../../../../core/codec/index.js'
import {
  GIVEN,
  RETAINED,
  REUSABLE,
  UNREAD,
} from '../../../../core/run/threads/executor-protocol.js'
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
  test('is never lent if it belongs to the graph', () => {
    results.put(other, recipe, [], block(), GIVEN)
    results.free([other])
    expect(results.get(other)).toBe(undefined)
    expect(lent()).toEqual([])
  })

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

describe('results above the limit', () => {
  let uses: Map<number, number | undefined>
  let limited: StoredResults
  let originals: Encoded[]

  /** Stores results of 1 MiB, each with its number as bytes, and the rank of its reader. */
  function putAll(ranks: readonly (number | undefined)[]): void {
    originals = ranks.map((rank, slot) => {
      const made = block()
      made.buffers[0]!.fill(slot + 1)
      uses.set(slot, rank)
      limited.onSent(slot, [])
      limited.put(slot, recipe, [], made, REUSABLE)
      return made
    })
    limited.makeRoom()
  }

  const firstByte = (slot: number) => (limited.get(slot) as Encoded).buffers[0]![0]
  /** Returns the results that have left memory; those are read back. */
  const left = () => [0, 1, 2, 3].filter((slot) => limited.get(slot) !== originals[slot])

  beforeEach(() => {
    uses = new Map()
    limited = new StoredResults(3.5 * bytes, (slot) => uses.get(slot))
  })
  afterEach(() => limited.close())

  test('are written to disk, those that are needed last first, and are read back', () => {
    putAll([5, 1, 9, 3])
    // Four fifths of the limit stay: two results.
    expect(left()).toEqual([0, 2])
    expect([0, 1, 2, 3].map(firstByte)).toEqual([1, 2, 3, 4])
  })

  test('stay while tasks read them', () => {
    putAll([undefined, undefined, undefined, undefined])
    expect(left()).toEqual([])
    uses.set(3, 1)
    limited.makeRoom()
    expect(left()).toEqual([3])
  })

  test('are written once, however often they are read back', () => {
    putAll([5, 1, 9, 3])
    expect(left()).toEqual([0, 2])
    // A change in memory shows that it is not written again; nothing but this test changes results.
    ;(limited.get(2) as Encoded).buffers[0]!.fill(77)
    limited.makeRoom()
    expect(firstByte(2)).toBe(3)
  })

  test('are gone when they are freed, with their space on disk', () => {
    putAll([5, 1, 9, 3])
    limited.free([0, 1, 2, 3])
    expect([0, 1, 2, 3].map((slot) => limited.get(slot))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})
