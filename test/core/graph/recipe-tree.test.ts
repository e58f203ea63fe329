/** Recipes of fused trees are sent as their parts, and read as the same steps. */
import { expect, test } from 'vitest'
import { decode, prepare } from '../../../core/codec/index.js'
import { encodeRecipe, readRecipe } from '../../../core/graph/encode-recipe.js'
import { arg, portableRecipe, type Recipe, recipe } from '../../../core/graph/recipe.js'
import { joinTree } from '../../../core/graph/recipe-tree.js'
import { compileRecipe } from '../../../core/run/compile-recipe.js'

const add = recipe(Math.hypot, [arg.input(0), arg.input(1), arg.param(0)], { label: 'add' })
const merge = (count: number) => {
  const inputs = Array.from({ length: count }, (_, i) => arg.input(i))
  return recipe(Math.max, inputs)
}

const level = (...sizes: number[]) => new Map(sizes.map((size) => [size, merge(size)]))

/** A tree of two levels: groups of three leaves, and one of two. */
const tree = joinTree({ leaf: add, levels: [level(3, 2), level(4)], sizes: [4, 3, 3, 3, 2] })

async function received(sent: Recipe): Promise<Recipe> {
  const bytes = encodeRecipe(sent)
  await prepare(bytes.bundles)
  return readRecipe(decode(bytes))
}

test('the steps that are read are those that were joined', async () => {
  expect([tree.steps.length, tree.inputs, tree.params]).toEqual([11 + 5, 22, 11])
  const portable = portableRecipe(tree)
  expect(portableRecipe(await received(tree))).toEqual(portable)
  expect(portableRecipe(await received(await received(tree)))).toEqual(portable)
  expect(portableRecipe(await received(add))).toEqual(portableRecipe(add))
})

test('a task computes the same as without joining', async () => {
  const inputs = Array.from({ length: 22 }, (_, i) => (i * 7) % 11)
  const params = Array.from({ length: 11 }, (_, i) => (i * 5) % 7)
  const leaves = params.map((param, i) => Math.hypot(inputs[2 * i]!, inputs[2 * i + 1]!, param))
  const run = compileRecipe(await received(tree))
  expect(run(inputs, params)).toBe(Math.max(...leaves))
})

test('the bytes do not grow with the number of blocks below a group', () => {
  const size = (n: number) => {
    const joined = joinTree({
      leaf: add,
      levels: [level(2), level(n)],
      sizes: [n, ...new Array(n).fill(2)],
    })
    return encodeRecipe(joined).head.byteLength
  }
  // The sizes and the merge of `n` inputs grow.
  expect(size(200) - size(100)).toBeLessThan(100 * 16)
})

test('the error of a merge that cannot be sent names its operation', () => {
  const socket = new WeakSet()
  const bad = recipe(Math.max, [arg.input(0), arg.value(socket)], { label: 'topping' })
  const joined = joinTree({ leaf: add, levels: [new Map([[1, bad]])], sizes: [1] })
  expect(() => encodeRecipe(joined)).toThrow(/topping/)
  const leaf = recipe(Math.max, [arg.input(0), arg.value(socket)], { label: 'bottom' })
  expect(() => encodeRecipe(joinTree({ leaf, levels: [level(1)], sizes: [1] }))).toThrow(/bottom/)
})
