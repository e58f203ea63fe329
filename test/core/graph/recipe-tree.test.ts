/** Recipes of fused trees are sent as their parts, and read as the same steps. */
import { expect, test } from 'vitest'
import { decode, prepare } from '../../../core/codec/index.js'
import { encodeRecipe, readRecipe } from '../../../core/graph/encode-recipe.js'
import { LazyValue } from '../../../core/graph/lazy-value.js'
import { arg, portableRecipe, type Recipe, recipe } from '../../../core/graph/recipe.js'
import { joinTree } from '../../../core/graph/recipe-tree.js'
import { compileRecipe, StepFailure } from '../../../core/run/compile-recipe.js'

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

test('a failure has the step that failed, as without a tree', () => {
  const check = (a: number, param: number) => {
    if (a === param) throw new RangeError('no')
    return a
  }
  const steps = [
    { fn: Math.abs, args: [arg.input(0)] },
    { fn: check, args: [arg.step(0), arg.param(0)] },
  ]
  const failing = { steps, inputs: 1, params: 1 }
  const parts = { leaf: failing, levels: [level(3, 2), level(4)], sizes: [4, 3, 3, 3, 2] }
  const joined = joinTree(parts)
  const inputs = Array.from({ length: 11 }, (_, i) => i)
  const failureOf = (own: Recipe, params: readonly number[]): unknown => {
    try {
      return compileRecipe(own)(inputs, params)
    } catch (error) {
      return error
    }
  }
  for (let leaf = 0; leaf < 11; leaf++) {
    const params = inputs.map((i) => (i === leaf ? i : -1))
    const failure = failureOf(joined, params)
    expect(failure).toBeInstanceOf(StepFailure)
    // Each three leaves, of two steps, are followed by their merge.
    const step = 2 * leaf + 1 + Math.floor(leaf / 3)
    expect(failure).toMatchObject({ step, cause: { message: 'no' } })
    expect(failure).toEqual(failureOf({ ...joined }, params))
  }
  expect(failureOf(joined, new Array(11).fill(-1))).toBe(10)
})

test('a lazy value is shared by the steps of a merge, and finished at the end of the task', () => {
  let shared = 0
  class Lazy extends LazyValue {
    constructor(readonly value: number) {
      super()
    }
    override share() {
      shared++
      return this
    }
    finish() {
      return this.value
    }
  }
  const make = recipe((x: number) => new Lazy(x), [arg.input(0)])
  const sum = (...values: Lazy[]) => new Lazy(values.reduce((a, { value }) => a + value, 0))
  const once = recipe(sum, [arg.input(0), arg.input(1)])
  const twice = recipe(sum, [arg.input(0), arg.input(1), arg.input(1)])
  const run = (merge: Recipe) =>
    compileRecipe(joinTree({ leaf: make, levels: [new Map([[2, merge]])], sizes: [2] }))(
      [1, 10],
      [],
    )
  expect([run(once), shared]).toEqual([11, 0])
  expect([run(twice), shared]).toEqual([21, 2])
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
