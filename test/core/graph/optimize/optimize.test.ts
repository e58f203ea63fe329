import { describe, expect, test } from 'vitest'
import { MissingKeyError } from '../../../../core/base/errors.js'
import type { Graph } from '../../../../core/graph/graph.js'
import { cull, fuse, inline } from '../../../../core/graph/optimize/index.js'
import { toGraph } from '../../../../core/graph/planning/literal-layer.js'
import { order } from '../../../../core/graph/planning/order.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { below, seeded } from '../../../support/random.js'

const inc = (a: number) => a + 1
const double = (a: number) => a * 2
const add = (a: number, b: number) => a + b
const keysOf = (graph: Graph) => [...graph.keys()].sort()
const stepsOf = (graph: Graph, key: string) => {
  const node = graph.get(key)
  return node?.kind === 'task' ? node.recipe.steps.length : node?.kind
}

describe('cull', () => {
  test('keeps the nodes that the keys need', () => {
    const graph = toGraph({ x: 1, y: [inc, 'x'], z: [inc, 'x'], alone: 5 })
    expect(keysOf(cull(graph, ['y']))).toEqual(['x', 'y'])
    expect(keysOf(cull(graph, []))).toEqual([])
  })

  test('throws for a missing key', () => {
    expect(() => cull(toGraph({ x: 1 }), ['y'])).toThrow(MissingKeyError)
  })
})

describe('fuse', () => {
  test('fuses a linear chain into one task, under its last key', () => {
    const fused = fuse(toGraph({ x: 1, a: [inc, 'x'], b: [double, 'a'], c: [inc, 'b'] }), ['c'])
    expect(keysOf(fused)).toEqual(['c', 'x'])
    expect(stepsOf(fused, 'c')).toBe(3)
    expect(getSync(fused, 'c')).toBe(5)
  })

  test('keeps requested keys', () => {
    const fused = fuse(toGraph({ x: 1, a: [inc, 'x'], b: [double, 'a'], c: [inc, 'b'] }), [
      'c',
      'a',
    ])
    expect(keysOf(fused)).toEqual(['a', 'c', 'x'])
    expect(getSync(fused, ['a', 'c'])).toEqual([2, 5])
  })

  test('does not fuse a task with two dependents or two dependencies', () => {
    const graph = { x: 1, a: [inc, 'x'], b: [inc, 'a'], c: [double, 'a'], d: [add, 'b', 'c'] }
    const fused = fuse(toGraph(graph), ['d'])
    expect(keysOf(fused)).toEqual(['a', 'b', 'c', 'd', 'x'])
  })

  test('fuses a task that uses its only dependency twice, and computes it once', () => {
    let ran = 0
    const once = (n: number) => n + ++ran
    const fused = fuse(toGraph({ x: 1, a: [once, 'x'], b: [add, 'a', 'a'] }), ['b'])
    expect(keysOf(fused)).toEqual(['b', 'x'])
    expect(getSync(fused, 'b')).toBe(4)
  })

  test('equal chains share one recipe', () => {
    const graph: Record<string, unknown> = {}
    for (let i = 0; i < 4; i++) {
      graph[`x${i}`] = [inc, i]
      graph[`y${i}`] = [double, `x${i}`]
    }
    const fused = fuse(toGraph(graph), ['y0', 'y1', 'y2', 'y3'])
    expect(fused.size).toBe(4)
    const recipes = [...fused.values()].map((node) => node.kind === 'task' && node.recipe)
    expect(new Set(recipes).size).toBe(1)
    expect(getSync(fused, ['y0', 'y3'])).toEqual([2, 8])
  })

  test('does not modify the graph', () => {
    const graph = toGraph({ x: 1, a: [inc, 'x'], b: [inc, 'a'] })
    const before = new Map(graph)
    fuse(graph, ['b'])
    expect(graph).toEqual(before)
  })

  test('fuses a chain of 100,000 tasks into one', () => {
    const graph: Record<string, unknown> = { x0: [() => 0] }
    for (let i = 0; i < 100_000; i++) graph[`x${i + 1}`] = [inc, `x${i}`]
    const fused = fuse(toGraph(graph), ['x100000'])
    expect(fused.size).toBe(1)
    expect(getSync(fused, 'x100000')).toBe(100_000)
  })
})

describe('inline', () => {
  test('inlines data and follows aliases', () => {
    const graph = toGraph({ x: 1, y: 'x', z: [add, 'y', 2] })
    const inlined = inline(graph, ['z'])
    expect(keysOf(inlined)).toEqual(['z'])
    expect(getSync(inlined, 'z')).toBe(3)
  })

  test('keeps requested data and aliases', () => {
    const inlined = inline(toGraph({ x: 1, y: 'x', z: [add, 'y', 2] }), ['z', 'y'])
    expect(getSync(inlined, ['y', 'z'])).toEqual([1, 3])
  })

  test('inlines into lists of inputs', () => {
    const sum = (list: number[]) => list.reduce((a, b) => a + b, 0)
    const inlined = inline(toGraph({ a: 1, b: [inc, 5], c: 3, z: [sum, ['a', 'b', 'c']] }), ['z'])
    expect(keysOf(inlined)).toEqual(['b', 'z'])
    expect(getSync(inlined, 'z')).toBe(10)
  })

  test('does not inline data that more than maxReaders tasks read', () => {
    const graph = toGraph({ x: 1, y: [inc, 'x'], z: [inc, 'x'], q: 5, r: [inc, 'q'] })
    expect(keysOf(inline(graph, ['y', 'z', 'r'], { maxReaders: 1 }))).toEqual(['r', 'x', 'y', 'z'])
  })
})

test.each(Array.from({ length: 200 }, (_, seed) => seed))(
  'optimizing does not change results, seed %i',
  (seed) => {
    const random = seeded(seed)
    const sum = (...all: number[]) => all.reduce((a, b) => a + b, 1)
    const literalGraph: Record<string, unknown> = {}
    const count = 2 + below(random, 30)
    for (let i = 0; i < count; i++) {
      const chance = random()
      if (i === 0 || chance < 0.15) literalGraph[`k${i}`] = below(random, 100)
      else if (chance < 0.25) literalGraph[`k${i}`] = `k${below(random, i)}`
      else {
        const width = chance < 0.7 ? 1 : 1 + below(random, 3)
        const args = Array.from({ length: width }, () => `k${below(random, i)}`)
        literalGraph[`k${i}`] = [sum, ...args, below(random, 5)]
      }
    }
    const keys = Array.from({ length: 1 + below(random, 3) }, () => `k${below(random, count)}`)
    const graph = toGraph(literalGraph)
    const before = [...graph]
    const expected = getSync(literalGraph, keys)
    const culled = cull(graph, keys)
    expect(getSync(culled, keys)).toEqual(expected)
    expect(getSync(fuse(culled, keys), keys)).toEqual(expected)
    expect(getSync(inline(fuse(culled, keys), keys), keys)).toEqual(expected)
    expect(getSync(fuse(inline(culled, keys), keys), keys)).toEqual(expected)
    expect([...graph]).toEqual(before)
  },
)

describe('order', () => {
  test('inputs rank before their readers, and every key has its own rank', () => {
    const graph = toGraph({ x: 1, y: [inc, 'x'], z: [add, 'x', 'y'], q: 3 })
    const ranks = order(graph)
    expect([...ranks.values()].sort()).toEqual([0, 1, 2, 3])
    expect(ranks.get('x')!).toBeLessThan(ranks.get('y')!)
    expect(ranks.get('y')!).toBeLessThan(ranks.get('z')!)
  })

  test('a tree is computed branch by branch, the deepest branch first', () => {
    const graph = toGraph({
      a: [inc, 0],
      b: [inc, 0],
      ab: [add, 'a', 'b'],
      c: [inc, 0],
      root: [add, 'c', 'ab'],
    })
    const ranks = order(graph)
    expect(['a', 'b', 'ab', 'c', 'root'].map((key) => ranks.get(key))).toEqual([0, 1, 2, 3, 4])
  })
})
