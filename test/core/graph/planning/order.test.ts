/** The order of tasks that share inputs. */
import { describe, expect, test } from 'vitest'
import { orderTasks } from '../../../../core/graph/planning/order.js'

/** The inputs of each task, all with smaller numbers. */
type Inputs = readonly (readonly number[])[]

function ranksOf(inputs: Inputs, targets: readonly number[]): Int32Array {
  const inputStart = [0]
  for (const list of inputs) inputStart.push(inputStart.at(-1)! + list.length)
  return orderTasks({ count: inputs.length, inputStart, inputs: inputs.flat() }, targets)
}

/** Returns the most results without inputs that are in memory at once if tasks run by rank. */
function mostSources(inputs: Inputs, ranks: Int32Array): number {
  const order = inputs.map((_, task) => task).sort((a, b) => ranks[a]! - ranks[b]!)
  const waiting = inputs.map(() => 0)
  for (const list of inputs) for (const input of list) waiting[input]!++
  let [live, most] = [0, 0]
  for (const task of order) {
    if (inputs[task]!.length === 0) most = Math.max(most, ++live)
    for (const input of inputs[task]!)
      if (--waiting[input]! === 0 && inputs[input]!.length === 0) live--
  }
  return most
}

/** n by n sources, then n by n readers of the given sources, then one task that reads these. */
function grid(n: number, read: (i: number, j: number) => readonly (readonly [number, number])[]) {
  const inputs: number[][] = Array.from({ length: n * n }, () => [])
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) inputs.push([...new Set(read(i, j).map(([a, b]) => a * n + b))])
  inputs.push(Array.from({ length: n * n }, (_, block) => n * n + block))
  return inputs
}

describe('the order of tasks that share inputs', () => {
  test('finishes the readers of a few sources before it goes on along a row', () => {
    // Blocks of two thirds: groups of three by three sources, and of as many readers.
    const near = (i: number) => (i % 3 === 0 ? [i, i + 1] : i % 3 === 1 ? [i, i + 1] : [i])
    const inputs = grid(12, (i, j) => near(i).flatMap((a) => near(j).map((b) => [a, b] as const)))
    expect(mostSources(inputs, ranksOf(inputs, [inputs.length - 1]))).toBe(8)
  })

  test('computes a block of x + x.T with the block that reads the same', () => {
    const inputs = grid(12, (i, j) => [
      [i, j],
      [j, i],
    ])
    expect(mostSources(inputs, ranksOf(inputs, [inputs.length - 1]))).toBe(2)
  })

  test('adds up the parts of a matrix product before it begins many others', () => {
    // Blocks of two matrices, tasks that multiply four pairs, and sums of these.
    const n = 12
    const inputs: number[][] = Array.from({ length: 2 * n * n }, () => [])
    const sums: number[] = []
    for (let block = 0; block < n * n; block++) {
      const [i, j] = [Math.floor(block / n), block % n]
      const parts = [0, 4, 8].map((from) => {
        const ks = [0, 1, 2, 3].map((k) => from + k)
        return inputs.push([...ks.map((k) => i * n + k), ...ks.map((k) => n * n + k * n + j)]) - 1
      })
      sums.push(inputs.push(parts) - 1)
    }
    const ranks = ranksOf(inputs, [inputs.push(sums) - 1])
    // One matrix, a row of the other, and a few blocks more.
    expect(mostSources(inputs, ranks)).toBeLessThan(n * n + 2 * n)
    const order = inputs.map((_, task) => task).sort((a, b) => ranks[a]! - ranks[b]!)
    let [parts, most] = [0, 0]
    for (const task of order) {
      const list = inputs[task]!
      if (list.length === 8) most = Math.max(most, ++parts)
      if (list.length === 3) parts -= 3
    }
    expect(most).toBeLessThanOrEqual(2 * 3)
  })

  test('stays depth first where all read one source', () => {
    // Sums of four readers each: a, b, c, ... must not all run before the first sum.
    const inputs: number[][] = Array.from({ length: 17 }, () => [])
    for (let k = 0; k < 16; k++) inputs.push([0, k + 1])
    for (let k = 0; k < 4; k++) inputs.push([0, 1, 2, 3].map((i) => 17 + 4 * k + i))
    inputs.push([33, 34, 35, 36])
    const ranks = ranksOf(inputs, [37])
    expect(ranks[33]!).toBeLessThan(ranks[21]!)
  })

  test.each(Array.from({ length: 100 }, (_, seed) => seed))(
    'ranks every task once, after its inputs (seed %i)',
    (seed) => {
      let state = seed + 1
      const random = (n: number) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        return Math.floor((state / 2 ** 32) * n)
      }
      const inputs = Array.from({ length: 60 }, (_, task) => {
        const list = Array.from({ length: random(4) }, () => random(Math.max(1, task)))
        return task === 0 ? [] : [...new Set(list)]
      })
      const ranks = ranksOf(inputs, [59, 30, 58])
      expect(Array.from(ranks).sort((a, b) => a - b)).toEqual(inputs.map((_, task) => task))
      inputs.forEach((list, task) => {
        for (const input of list) expect(ranks[input]!).toBeLessThan(ranks[task]!)
      })
    },
  )
})

describe('tasks that divide results', () => {
  // Two sources, three pieces of each, and three tasks that each read a piece of both.
  const inputs = [[], [0], [], [2], [1, 3], [0], [2], [5, 6], [0], [2], [8, 9]]
  const targets = [4, 7, 10]
  const edges = () => {
    const inputStart = [0]
    for (const list of inputs) inputStart.push(inputStart.at(-1)! + list.length)
    return { count: inputs.length, inputStart, inputs: inputs.flat() }
  }
  const isPiece = Uint8Array.from(inputs, (list) => Number(list.length === 1))

  test('follow one another, so that no source waits for the last of them', () => {
    const ranks = orderTasks(edges(), targets, isPiece)
    expect(mostSources(inputs, ranks)).toBe(1)
    expect([...ranks].sort((a, b) => a - b)).toEqual(inputs.map((_, i) => i))
  })

  test('that are not known to do so wait for their readers', () => {
    expect(mostSources(inputs, orderTasks(edges(), targets))).toBe(2)
  })

  test('wait for their other inputs', () => {
    // A second input of the last piece of each source, which nothing else needs before.
    const late = inputs.map((list) => list.slice())
    late.push([], [0, 11], [2, 11], [12, 13])
    const inputStart = [0]
    for (const list of late) inputStart.push(inputStart.at(-1)! + list.length)
    const divides = Uint8Array.from(late, (list, i) =>
      Number(list.length === 1 || i === 12 || i === 13),
    )
    const ranks = orderTasks(
      { count: late.length, inputStart, inputs: late.flat() },
      [4, 7, 10, 14],
      divides,
    )
    late.forEach((list, task) => {
      for (const input of list) expect(ranks[input]).toBeLessThan(ranks[task]!)
    })
  })
})
