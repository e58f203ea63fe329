/** Steps of a task on a partition: chains of operations, failures, and promises. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SumAccumulator } from '../../../../collections/bag/engine/accumulators.js'
import { IterableSource } from '../../../../collections/bag/engine/item-source.js'
import { emptyChain } from '../../../../collections/bag/engine/operation-chain.js'
import {
  type Partition,
  PartitionStream,
} from '../../../../collections/bag/engine/partition-stream.js'
import {
  filterStep,
  flattenStep,
  mapPartitionsStep,
  mapStep,
  pluckAllStep,
  pluckStep,
  removeStep,
  starmapStep,
  zipStep,
} from '../../../../collections/bag/steps/elementwise-steps.js'
import { stringStep } from '../../../../collections/bag/steps/string-steps.js'
import { arg, type Recipe, type Step } from '../../../../core/graph/recipe.js'
import { compileRecipe, StepFailure } from '../../../../core/run/compile-recipe.js'

/** Runs steps as one task, each on the result of the one before. */
function runTask(input: unknown, ...steps: [Function, ...unknown[]][]): unknown {
  const list: Step[] = steps.map(([fn, ...args], i) => ({
    fn,
    args: [i === 0 ? arg.input(0) : arg.step(i - 1), ...args.map(arg.value)],
  }))
  const recipe: Recipe = { steps: list, inputs: 1, params: 0 }
  return compileRecipe(recipe)([input], [])
}

const inc = (x: number) => x + 1
const even = (x: number) => x % 2 === 0
const both = (x: number) => [x, -x]

describe('a chain of steps', () => {
  test('gives the same as methods of arrays, for random chains', () => {
    const steps: { step: [Function, ...unknown[]]; naive: (xs: number[]) => number[] }[] = [
      { step: [mapStep, inc], naive: (xs) => xs.map(inc) },
      { step: [filterStep, even], naive: (xs) => xs.filter(even) },
      { step: [removeStep, even], naive: (xs) => xs.filter((x) => !even(x)) },
    ]
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 30 }),
        fc.array(fc.nat(steps.length - 1), { minLength: 1, maxLength: 150 }),
        (items, choice) => {
          const chosen = choice.map((i) => steps[i]!)
          const expected = chosen.reduce((xs, { naive }) => naive(xs), items)
          expect(runTask(items, ...chosen.map(({ step }) => step))).toEqual(expected)
        },
      ),
      { numRuns: 60, seed: 7 },
    )
  })

  test('continues with the items of the items after a flatten in the middle', () => {
    const result = runTask(
      [1, 2, 3],
      [mapStep, both],
      [flattenStep],
      [filterStep, even],
      [mapStep, both],
      [flattenStep],
    )
    expect(result).toEqual([2, -2, -2, 2])
  })

  test('flattens strings and sets as well as arrays, and refuses numbers', () => {
    expect(runTask(['ab', new Set([1, 2])], [flattenStep])).toEqual(['a', 'b', 1, 2])
    expect(() => runTask([5], [flattenStep])).toThrow()
  })

  test('passes the items of an item as the arguments of starmap', () => {
    expect(
      runTask(
        [
          [1, 2],
          [3, 4],
        ],
        [starmapStep, (a: number, b: number) => a * 10 + b],
      ),
    ).toEqual([12, 34])
  })

  test('passes extra arguments: values, and items of other partitions', () => {
    const add = (a: number, b: number, c: number) => a + b + c
    expect(runTask([1, 2], [mapStep, add, 'bv', [10, 20], 100])).toEqual([111, 122])
    expect(
      runTask(
        [1, 2, 3],
        [filterStep, (a: number, b: boolean) => a > 1 && b, 'b', [true, true, false]],
      ),
    ).toEqual([2])
  })

  test('fails if partitions that are read together differ in length', () => {
    const add = (a: number, b: number) => a + b
    expect(() => runTask([1, 2], [mapStep, add, 'b', [1]])).toThrow(StepFailure)
    expect(() => runTask([1], [mapStep, add, 'b', [1, 2]])).toThrow(StepFailure)
  })

  test('combines a partition with itself', () => {
    const stream = mapStep([1, 2, 3], inc) as PartitionStream
    expect((zipStep(stream, stream) as PartitionStream).finish()).toEqual([
      [2, 2],
      [3, 3],
      [4, 4],
    ])
  })

  test('runs 100,000 steps', () => {
    let partition: Partition = [1, 2, 3]
    for (let i = 0; i < 100_000; i++) partition = mapStep(partition, inc) as PartitionStream
    expect((partition as PartitionStream).finish()).toEqual([100_001, 100_002, 100_003])
  })

  test('cuts long chains into segments without losing an item', () => {
    for (const length of [63, 64, 65, 127, 128, 129]) {
      const steps = Array.from({ length }, () => [mapStep, inc] as [Function, ...unknown[]])
      expect(runTask([0, 5], ...steps)).toEqual([length, length + 5])
      const sum = new SumAccumulator()
      let partition: Partition = Array.from({ length: 3000 }, (_, i) => i)
      for (let i = 0; i < length; i++) partition = mapStep(partition, inc) as PartitionStream
      PartitionStream.of(partition).end([{ kind: 'add' }], () => sum)
      expect(sum.total).toBe((2999 * 3000) / 2 + 3000 * length)
    }
  })

  test('runs nothing before the items are taken, and makes no array in between', () => {
    const seen: string[] = []
    const note = (letter: string) => (x: number) => {
      seen.push(`${letter}${x}`)
      return x
    }
    const stream = mapStep(
      mapStep([1, 2], note('a')) as PartitionStream,
      note('b'),
    ) as PartitionStream
    expect(seen).toEqual([])
    stream.finish()
    expect(seen).toEqual(['a1', 'b1', 'a2', 'b2'])
  })

  test('is one object for the same operations and functions', () => {
    const chain = () =>
      emptyChain.append({ kind: 'map', fn: inc }).append({ kind: 'pluck', detail: 'x' })
    expect(chain()).toBe(chain())
    expect(chain()).not.toBe(
      emptyChain.append({ kind: 'filter', fn: inc }).append({ kind: 'pluck', detail: 'x' }),
    )
  })
})

describe('pluck', () => {
  const rows = [{ a: 1, b: 2 }, { a: 3 }]
  test('selects a field, or a default if it is missing', () => {
    expect(runTask(rows, [pluckStep, 'a'])).toEqual([1, 3])
    expect(runTask(rows, [pluckStep, 'b', { value: 0 }])).toEqual([2, 0])
    expect(runTask([null, { b: 1 }], [pluckStep, 'b', { value: undefined }])).toEqual([
      undefined,
      1,
    ])
  })
  test('fails on a missing field, but not on one that is undefined', () => {
    expect(() => runTask(rows, [pluckStep, 'b'])).toThrow()
    expect(runTask([{ b: undefined }], [pluckStep, 'b'])).toEqual([undefined])
  })
  test('selects several fields, and indices of arrays', () => {
    expect(runTask(rows, [pluckAllStep, ['b', 'a'], { value: null }])).toEqual([
      [2, 1],
      [null, 3],
    ])
    expect(runTask([['x', 'y']], [pluckStep, 1])).toEqual(['y'])
  })
})

describe('string methods', () => {
  test('work on strings and name the method when they refuse other items', () => {
    expect(runTask(['a,b', 'c'], [stringStep, 'split', [',']])).toEqual([['a', 'b'], ['c']])
    expect(failureOf(() => runTask([5], [stringStep, 'trim', []])).cause).toMatchObject({
      message: 'str.trim: every item must be a string, got 5',
    })
  })
})

function failureOf(run: () => unknown): StepFailure {
  try {
    run()
  } catch (error) {
    if (error instanceof StepFailure) return error
    throw error
  }
  throw new Error('no failure was thrown')
}

describe('a failure', () => {
  const boom = new Error('boom')
  const fail = () => {
    throw boom
  }
  test('names the step of the task', () => {
    for (let at = 0; at < 4; at++) {
      const steps = Array.from(
        { length: 4 },
        (_, i) => [mapStep, i === at ? fail : inc] as [Function, ...unknown[]],
      )
      expect(failureOf(() => runTask([1], ...steps))).toEqual(new StepFailure(at, boom))
    }
  })
  test('names the step in long chains, after flatten, and through mapPartitions', () => {
    const many = Array.from(
      { length: 300 },
      (_, i) => [mapStep, i === 200 ? fail : inc] as [Function, ...unknown[]],
    )
    expect(failureOf(() => runTask([1], ...many)).step).toBe(200)
    expect(failureOf(() => runTask([[1]], [flattenStep], [mapStep, fail])).step).toBe(1)
    const copy = function* (items: Iterable<number>) {
      yield* items
    }
    expect(
      failureOf(() => runTask([1], [mapStep, fail], [mapPartitionsStep, copy], [mapStep, inc]))
        .step,
    ).toBe(0)
    const failing = function* () {
      yield 1
      throw boom
    }
    expect(
      failureOf(() => runTask([1], [mapStep, inc], [mapPartitionsStep, failing], [mapStep, inc]))
        .step,
    ).toBe(1)
  })
  test('of an iterator within flatten is attributed to flatten', () => {
    const items = function* () {
      yield 1
      throw boom
    }
    expect(
      failureOf(() => runTask([0], [mapStep, items], [flattenStep], [mapStep, inc])).step,
    ).toBe(1)
  })
})

describe('mapPartitions', () => {
  test('passes an iterable that can be read more than once', () => {
    const normalize = (items: Iterable<number>) => {
      let sum = 0
      for (const x of items) sum += x
      return Array.from(items, (x) => x / sum)
    }
    expect(runTask([1, 3], [mapStep, inc], [mapPartitionsStep, normalize])).toEqual([1 / 3, 2 / 3])
  })
  test('fails when a generator is read twice', () => {
    const source = new IterableSource([1, 2].values())
    expect([...PartitionStream.from(source)]).toEqual([1, 2])
    expect(() => [...PartitionStream.from(source)]).toThrow(StepFailure)
  })
  test('refuses a result that is not iterable', () => {
    for (const result of [5, undefined, 'text', {}]) {
      expect(failureOf(() => runTask([1], [mapPartitionsStep, () => result])).cause).toBeInstanceOf(
        TypeError,
      )
    }
  })
})

describe('functions that return promises', () => {
  const later = async (x: number) => x + 1
  const promising = (x: number) => Promise.resolve(x + 1)
  test('are awaited if they are declared async', async () => {
    expect(
      await runTask([1, 2, 3], [mapStep, later], [filterStep, async (x: number) => even(x)]),
    ).toEqual([2, 4])
  })
  test('are awaited if they return promises without being declared async', async () => {
    expect(await runTask([1, 2], [mapStep, inc], [mapStep, promising], [mapStep, inc])).toEqual([
      4, 5,
    ])
    const sometimes = (x: number) => (x > 2 ? Promise.resolve(x * 10) : x)
    expect(await runTask([1, 2, 3], [mapStep, sometimes], [mapStep, inc])).toEqual([2, 3, 31])
  })
  test('are awaited before a whole partition is passed to a function', async () => {
    const total = (items: Iterable<number>) => [Array.from(items).reduce((a, b) => a + b)]
    expect(await runTask([1, 2], [mapStep, later], [mapPartitionsStep, total])).toEqual([5])
    expect(
      await runTask([1, 2], [mapPartitionsStep, async (items: Iterable<number>) => [...items, 9]]),
    ).toEqual([1, 2, 9])
    const stream = async function* (items: Iterable<number>) {
      for (const x of items) yield await later(x)
    }
    expect(await runTask([1, 2], [mapPartitionsStep, stream], [mapStep, inc])).toEqual([3, 4])
  })
  test('fail with their step if a promise is rejected', async () => {
    const reject = async () => {
      throw new Error('no')
    }
    await expect(runTask([1], [mapStep, inc], [mapStep, reject])).rejects.toMatchObject({ step: 1 })
  })
  test('cannot be awaited during an iteration, and the error says what to do', () => {
    const failure = failureOf(() => [
      ...(mapStep([1], (x: number) => promising(x)) as PartitionStream),
    ])
    expect(String(failure.cause)).toContain('declare the function `async`')
  })
})
