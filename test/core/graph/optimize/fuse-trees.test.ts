import { describe, expect, test } from 'vitest'
import { TaskError } from '../../../../core/base/errors.js'
import { countBlocks } from '../../../../core/base/keys.js'
import { LayerGraph } from '../../../../core/graph/graph.js'
import { FusedTreeLayer, GroupLayer, groupRecipes } from '../../../../core/graph/group-layer.js'
import { BlockwiseLayer, countTasks, type Layer, layersOf } from '../../../../core/graph/layer.js'
import { fuseLayers } from '../../../../core/graph/optimize/fuse-layers.js'
import { arg, recipe } from '../../../../core/graph/recipe.js'
import { getSync } from '../../../../core/run/get-sync.js'

const same = (block: number) => block
const inc = (a: number) => a + 1
const join = (parts: readonly unknown[]) => parts.flat(9)

function leaves(numblocks: readonly number[], cost?: number): BlockwiseLayer {
  return new BlockwiseLayer({
    name: 'leaf',
    numblocks,
    recipe: recipe(same, [arg.param(0)]),
    params: [{ kind: 'block' }],
    cost,
  })
}

function mapped(layer: Layer, cost?: number, annotations = {}, fn: Function = inc): BlockwiseLayer {
  const { numblocks } = layer
  const own = recipe(fn, [arg.input(0)], { annotations, label: 'inc' })
  return new BlockwiseLayer({ name: 'inc', numblocks, recipe: own, inputs: [{ layer }], cost })
}

/** One level of a tree, or all of them. */
function level(source: Layer, fan: readonly number[], depth = 0): GroupLayer {
  const numblocks = source.numblocks.map((n, axis) => Math.ceil(n / fan[axis]!))
  const recipes = groupRecipes(source.numblocks, fan, (count) =>
    recipe(join, [arg.inputs(0, count)], { label: 'join' }),
  )
  return new GroupLayer({ name: `join-${depth}`, numblocks, source, fan, recipes })
}

function tree(source: Layer, fan: readonly number[]): GroupLayer {
  let top = level(source, fan)
  for (let depth = 1; countBlocks(top.numblocks) > 1; depth++) top = level(top, fan, depth)
  return top
}

function values(layer: Layer): unknown[] {
  const keys = Array.from({ length: countBlocks(layer.numblocks) }, (_, i) => layer.key(i))
  return getSync(LayerGraph.of(layer), keys) as unknown[]
}

const tasksOf = (layer: Layer): number => countTasks(layersOf([layer]))
const count = (n: number) => Array.from({ length: n }, (_, i) => i)

describe('a level of a tree', () => {
  test('reads groups of neighbours, along every axis', () => {
    expect(values(level(leaves([5]), [2]))).toEqual([[0, 1], [2, 3], [4]])
    expect(values(level(leaves([3, 3]), [2, 2]))).toEqual([[0, 1, 3, 4], [2, 5], [6, 7], [8]])
    expect(values(level(leaves([2, 3]), [1, 2]))).toEqual([[0, 1], [2], [3, 4], [5]])
  })
})

describe('fuseTrees', () => {
  test('blocks that are known to be small are computed by the task that merges them', () => {
    const whole = tree(mapped(leaves([1000], 1000), 1000), [8])
    const [fused] = fuseLayers([whole])
    // 64 leaves in a task: a third level would take more than 0.5 ms.
    expect(tasksOf(fused!)).toBe(16 + 2 + 1)
    expect(fused!.name).toBe(whole.name)
    expect(values(fused!)).toEqual([count(1000).map(inc)])
    expect(values(fused!)).toEqual(values(whole))
  })

  test('where many tasks are left, they compute more blocks', () => {
    const whole = tree(mapped(leaves([100_000], 1000), 1000), [8])
    // 512 leaves in a task.
    expect(tasksOf(fuseLayers([whole])[0]!)).toBe(196 + 25 + 4 + 1)
  })

  test('on grids of several axes, with groups of every size', () => {
    for (const numblocks of [
      [23, 31],
      [1, 600],
      [40, 5, 7],
    ]) {
      const fan = [3, 2, 4].slice(0, numblocks.length)
      const source = leaves(numblocks, 100)
      const [fused] = fuseLayers([tree(source, fan)])
      expect(tasksOf(fused!)).toBeLessThan(countBlocks(numblocks) / 50)
      expect(values(fused!)).toEqual(values(tree(source, fan)))
    }
  })

  test('inputs of the leaves are read by the task', () => {
    const outside = level(leaves([600]), [1])
    const [fused] = fuseLayers([tree(mapped(outside, 1000, {}, join), [8])])
    expect(tasksOf(fused!)).toBe(600 + 600 + 10 + 2 + 1)
    expect(layersOf([fused!]).some((layer) => layer.name === outside.name)).toBe(true)
    expect(values(fused!)).toEqual([count(600)])
  })

  test('other blocks stay tasks of their own', () => {
    const apart = (whole: Layer, requested: Layer[] = [whole]) => {
      const fused = fuseLayers(requested)[0]!
      expect(layersOf([fused]).some((layer) => layer instanceof FusedTreeLayer)).toBe(false)
      expect(values(fused)).toEqual(values(whole))
    }
    apart(tree(leaves([600]), [8]))
    apart(tree(mapped(leaves([600], 1000)), [8]))
    apart(tree(leaves([600], 80_000), [8]))
    apart(tree(leaves([511], 1000), [8]))
    apart(tree(leaves([600], 1000), [600]))
    apart(tree(mapped(leaves([600], 1000), 1000, { retries: 2 }), [8]))
    const leaf = leaves([600], 1000)
    apart(tree(leaf, [8]), [tree(leaf, [8]), leaf])
    const both = level(leaf, [8])
    const read = fuseLayers([tree(leaf, [8]), mapped(leaf)])
    expect(layersOf(read).some((layer) => layer instanceof FusedTreeLayer)).toBe(false)
    expect(values(both)).toHaveLength(75)
  })

  test('an error names the block that failed', () => {
    const fail = (a: number) => {
      if (a === 321) throw new RangeError('no')
      return a
    }
    const failing = mapped(leaves([1000], 1000), 1000, {}, fail)
    const errorOf = (layer: Layer): TaskError => {
      try {
        values(layer)
      } catch (error) {
        return error as TaskError
      }
      throw new Error('expected a failure')
    }
    const [fused] = fuseLayers([tree(failing, [8])])
    expect(tasksOf(fused!)).toBe(19)
    const error = errorOf(fused!)
    expect(error).toBeInstanceOf(TaskError)
    expect([error.key, error.operation]).toEqual(['inc:321', 'inc'])
    const tooLong = (parts: readonly unknown[]) => {
      const list = parts.flat(9)
      if (list.includes(321) && list.length === 8) throw new RangeError('no')
      return list
    }
    const bad = new GroupLayer({
      ...level(leaves([1000], 1000), [8]),
      recipes: new Map([[8, recipe(tooLong, [arg.inputs(0, 8)], { label: 'join' })]]),
    })
    const [top] = fuseLayers([tree(bad, [8])])
    expect([errorOf(top!).key, errorOf(top!).operation]).toEqual(['join-0:40', 'join'])
  })
})
