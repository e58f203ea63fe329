import { describe, expect, test } from 'vitest'
import { LayerGraph } from '../../../../core/graph/graph.js'
import {
  BlockwiseLayer,
  countTasks,
  dataLayer,
  IndexedLayer,
  type Layer,
  layersOf,
} from '../../../../core/graph/layer.js'
import { fuseLayers } from '../../../../core/graph/optimize/fuse-layers.js'
import { ALIAS, arg, recipe } from '../../../../core/graph/recipe.js'
import { getSync } from '../../../../core/run/get-sync.js'

const inc = (a: number) => a + 1
const add = (a: number, b: number) => a + b
const sum = (list: number[]) => list.reduce((a, b) => a + b, 0)

function source(n: number, name = 'data'): Layer {
  return dataLayer(
    name,
    [n],
    Array.from({ length: n }, (_, i) => i),
  )
}

function mapped(layer: Layer, name: string, annotations = {}): BlockwiseLayer {
  const { numblocks } = layer
  return new BlockwiseLayer({
    name,
    numblocks,
    recipe: recipe(inc, [arg.input(0)], { annotations }),
    inputs: [{ layer }],
  })
}

/** Returns the number of steps in all layers that a layer needs. */
function countSteps(layer: Layer): number {
  return layersOf([layer]).reduce((sum, each) => sum + each.node(0).recipe.steps.length, 0)
}

function sumOf(left: Layer, right: Layer): BlockwiseLayer {
  return new BlockwiseLayer({
    name: 'both',
    numblocks: left.numblocks,
    recipe: recipe(add, [arg.input(0), arg.input(1)]),
    inputs: [{ layer: left }, { layer: right }],
  })
}

function total(layer: Layer, name: string): IndexedLayer {
  const n = layer.numblocks[0]!
  const inputs = Array.from({ length: n }, (_, i) => [0, i]).flat()
  return new IndexedLayer({
    name,
    numblocks: [],
    dependencies: [layer],
    nodes: [{ recipe: recipe(sum, [arg.inputs(0, n)]), inputs, params: [] }],
  })
}

function run(layer: Layer): unknown {
  const n = layer.numblocks.reduce((a, b) => a * b, 1)
  const keys = Array.from({ length: n }, (_, i) => layer.key(i))
  return getSync(LayerGraph.of(layer), keys)
}

describe('fuseLayers', () => {
  test('a chain over n partitions becomes n tasks under the last name', () => {
    const chain = mapped(mapped(mapped(source(5), 'a'), 'b'), 'c')
    const [fused] = fuseLayers([chain])
    expect(countTasks(layersOf([fused!]))).toBe(5)
    expect(fused!.name).toBe('c')
    expect(run(fused!)).toEqual(run(chain))
    expect(run(fused!)).toEqual([3, 4, 5, 6, 7])
  })

  describe('a chain that begins with an indexed layer', () => {
    /** Block i merges blocks i and i + 1 of the source; the last one is an alias. */
    function neighbours(layer: Layer, annotations = {}, name = 'pairs'): IndexedLayer {
      const n = layer.numblocks[0]!
      const pair = recipe(add, [arg.input(0), arg.input(1)], { annotations })
      const nodes = Array.from({ length: n }, (_, i) =>
        i < n - 1
          ? { recipe: pair, inputs: [0, i, 0, i + 1], params: [] }
          : { recipe: ALIAS, inputs: [0, i], params: [] },
      )
      return new IndexedLayer({ name, numblocks: [n], dependencies: [layer], nodes })
    }

    test('over n blocks becomes n tasks of two recipes', () => {
      const chain = mapped(mapped(neighbours(source(4)), 'a'), 'b')
      const [fused] = fuseLayers([chain])
      expect(countTasks(layersOf([fused!]))).toBe(8)
      expect(fused!.name).toBe('b')
      expect(fused!.node(0).recipe).toBe(fused!.node(1).recipe)
      expect([0, 3].map((block) => fused!.node(block).recipe.steps.length)).toEqual([3, 2])
      expect([0, 3].map((block) => fused!.node(block).inputs)).toEqual([
        [0, 0, 0, 1],
        [0, 3],
      ])
      expect(run(fused!)).toEqual(run(chain))
    })

    test('may join several of them', () => {
      const data = source(4)
      const chain = sumOf(
        neighbours(data),
        mapped(neighbours(mapped(data, 'x'), {}, 'others'), 'y'),
      )
      const [fused] = fuseLayers([chain])
      expect(layersOf([fused!]).map(({ name }) => name)).toEqual(['data', 'x', 'both'])
      expect(run(fused!)).toEqual(run(chain))
    })

    test('is not joined if something else reads it, if it is requested, or if annotations differ', () => {
      const pairs = neighbours(source(4))
      const both = [mapped(pairs, 'a'), total(pairs, 'sum')]
      expect(fuseLayers(both).map((layer) => layer.dependencies[0]!.name)).toEqual([
        'pairs',
        'pairs',
      ])
      const [, reader] = fuseLayers([pairs, mapped(pairs, 'a')])
      expect(reader!.dependencies[0]!.name).toBe('pairs')
      const [differs] = fuseLayers([mapped(neighbours(source(4), { priority: 1 }), 'a')])
      expect(differs!.dependencies[0]!.name).toBe('pairs')
    })

    test('is not joined if its blocks read each other', () => {
      const nodes = [
        { recipe: recipe(inc, [arg.input(0)]), inputs: [0, 0], params: [] },
        { recipe: recipe(inc, [arg.input(0)]), inputs: [-1, 0], params: [] },
      ]
      const scan = new IndexedLayer({
        name: 'scan',
        numblocks: [2],
        dependencies: [source(2)],
        nodes,
      })
      const [fused] = fuseLayers([mapped(scan, 'a')])
      expect(fused!.dependencies[0]!.name).toBe('scan')
      expect(run(fused!)).toEqual([2, 3])
    })
  })

  test('an indexed layer reads the fused layer', () => {
    const chain = total(mapped(mapped(source(4), 'a'), 'b'), 'sum')
    const [fused] = fuseLayers([chain])
    expect(countTasks(layersOf([fused!]))).toBe(5)
    expect(run(fused!)).toEqual([0 + 1 + 2 + 3 + 8])
    expect(run(chain)).toEqual([14])
  })

  test('a layer whose two readers become one task is computed once, in that task', () => {
    const base = mapped(source(3), 'base')
    const [fused] = fuseLayers([sumOf(mapped(base, 'left'), mapped(base, 'right'))])
    expect(layersOf([fused!]).map((layer) => layer.name)).toEqual(['both'])
    expect(countSteps(fused!)).toBe(4)
    expect(run(fused!)).toEqual([4, 6, 8])
  })

  test('a layer whose readers stay apart is not fused', () => {
    const base = mapped(source(3), 'base')
    const sum = total(base, 'sum')
    const both = new BlockwiseLayer({
      name: 'both',
      numblocks: [3],
      recipe: recipe(add, [arg.input(0), arg.input(1)]),
      inputs: [{ layer: base }, { layer: sum, axes: [] }],
    })
    const [fused] = fuseLayers([both])
    expect(layersOf([fused!]).map((layer) => layer.name)).toEqual(['base', 'sum', 'both'])
    expect(run(fused!)).toEqual([7, 8, 9])
  })

  test('layers of equal content, written twice, are computed once', () => {
    const make = () => mapped(mapped(source(3), 'base'), 'more')
    const [fused] = fuseLayers([sumOf(make(), make())])
    expect(layersOf([fused!]).length).toBe(1)
    expect(countSteps(fused!)).toBe(3)
    expect(run(fused!)).toEqual([4, 6, 8])
  })

  test('equal layers below indexed layers are computed once', () => {
    const sum = (name: string) => total(mapped(mapped(source(2), 'base'), 'more'), name)
    const both = sumOf(sum('a'), sum('b'))
    const [fused] = fuseLayers([both])
    expect(countSteps(both)).toBe(7)
    expect(countSteps(fused!)).toBe(5)
    expect(run(fused!)).toEqual([10])
  })

  test('requested layers are not fused into others', () => {
    const a = mapped(source(3), 'a')
    const b = mapped(a, 'b')
    const fused = fuseLayers([a, b])
    expect(fused.map((layer) => layer.name)).toEqual(['a', 'b'])
    expect(run(fused[1]!)).toEqual([2, 3, 4])
  })

  test('a layer that is read along other axes is not fused', () => {
    const row = mapped(dataLayer('row', [1, 2], [10, 20]), 'row1')
    const table = new BlockwiseLayer({
      name: 'table',
      numblocks: [2, 2],
      recipe: recipe(add, [arg.input(0), arg.param(0)]),
      inputs: [{ layer: row, axes: [-1, 1] }],
      params: [{ kind: 'block' }],
    })
    const [fused] = fuseLayers([table])
    expect(layersOf([fused!]).map((layer) => layer.name)).toEqual(['row1', 'table'])
    expect(run(fused!)).toEqual([11, 22, 13, 24])
  })

  test('layers with different annotations are not fused', () => {
    const chain = mapped(mapped(source(2), 'a', { retries: 2 }), 'b')
    const [fused] = fuseLayers([chain])
    expect(layersOf([fused!]).map((layer) => layer.name)).toEqual(['data', 'a', 'b'])
    expect(run(fused!)).toEqual([2, 3])
  })

  test('parameters of the fused layers are concatenated', () => {
    const a = new BlockwiseLayer({
      name: 'a',
      numblocks: [2],
      recipe: recipe(add, [arg.param(0), arg.param(1)]),
      params: [{ kind: 'block' }, { kind: 'values', values: [100, 200] }],
    })
    const b = new BlockwiseLayer({
      name: 'b',
      numblocks: [2],
      recipe: recipe(add, [arg.input(0), arg.param(0)]),
      inputs: [{ layer: a }],
      params: [{ kind: 'values', values: [5, 6] }],
    })
    const [fused] = fuseLayers([b])
    expect(layersOf([fused!]).length).toBe(1)
    expect(run(fused!)).toEqual([105, 207])
  })

  test('a chain of 100,000 layers becomes one', () => {
    let layer: Layer = source(2)
    for (let i = 0; i < 100_000; i++) layer = mapped(layer, `m${i}`)
    const [fused] = fuseLayers([layer])
    expect(countTasks(layersOf([fused!]))).toBe(2)
    expect(run(fused!)).toEqual([100_000, 100_001])
  })
})

describe('cheap layers', () => {
  const make = (block: number) => block + 1
  const generated = (isCheap: boolean) =>
    new BlockwiseLayer({
      name: 'generated',
      numblocks: [4],
      recipe: recipe(make, [arg.param(0)]),
      params: [{ kind: 'block' }],
      isCheap,
    })
  /** Returns `x - total(x)`, whose two readers of x are in two chains. */
  const centred = (x: Layer) =>
    new BlockwiseLayer({
      name: 'centred',
      numblocks: [4],
      recipe: recipe((a: number, b: number) => a - b, [arg.input(0), arg.input(1)]),
      inputs: [{ layer: x }, { layer: total(mapped(x, 'a'), 'total'), axes: [] }],
    })
  const expected = [1, 2, 3, 4].map((v) => v - (2 + 3 + 4 + 5))

  test.each([
    [true, 9, 5],
    [false, 13, 4],
  ])(
    'are part of both chains, others (%s) are not: %i tasks of %i kinds of steps',
    (isCheap, tasks, steps) => {
      const [fused] = fuseLayers([centred(generated(isCheap))])
      expect(countTasks(layersOf([fused!]))).toBe(tasks)
      expect(countSteps(fused!)).toBe(steps)
      expect(run(fused!)).toEqual(expected)
    },
  )

  test('are made once in a chain that reads them twice', () => {
    const x = generated(true)
    const [fused] = fuseLayers([sumOf(x, mapped(x, 'a'))])
    expect(countTasks(layersOf([fused!]))).toBe(4)
    expect(countSteps(fused!)).toBe(3)
    expect(run(fused!)).toEqual([3, 5, 7, 9])
  })

  test('are kept for readers of other blocks, and if they are requested', () => {
    const x = generated(true)
    const all = total(x, 'all')
    const [both] = fuseLayers([
      sumOf(
        x,
        new BlockwiseLayer({
          name: 'wide',
          numblocks: [4],
          recipe: recipe(inc, [arg.input(0)]),
          inputs: [{ layer: all, axes: [] }],
        }),
      ),
    ])
    expect(run(both!)).toEqual([12, 13, 14, 15])
    const [kept, reader] = fuseLayers([x, mapped(x, 'a')])
    expect(run(kept!)).toEqual([1, 2, 3, 4])
    expect(run(reader!)).toEqual([2, 3, 4, 5])
  })
})
