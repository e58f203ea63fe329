import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { encodeRecipe } from '../../../../core/graph/encode-recipe.js'
import { arg, type Recipe, recipe } from '../../../../core/graph/recipe.js'
import { load, type StoredValue, store } from '../../../../core/graph/stored-value.js'
import { ExecutorPool } from '../../../../core/run/threads/executor-pool.js'

const wait: Recipe = recipe(
  (ms: number) => {
    const until = performance.now() + ms
    while (performance.now() < until);
    return ms
  },
  [arg.param(0)],
)
const call: Recipe = recipe(
  (argument: { f: (path: string) => string }) => argument.f('/a/b'),
  [arg.param(0)],
)
const sleep: Recipe = recipe(
  (ms: number) => new Promise((resolve) => setTimeout(resolve, ms, ms)),
  [arg.param(0)],
)

/** Starts a pool of one thread. `done` resolves with a task's result, `left` with the reason why the thread exited. */
function start() {
  let onLeft!: (reason: string) => void
  const left = new Promise<string>((resolve) => {
    onLeft = resolve
  })
  const results = new Map<number, StoredValue>()
  const waiting = new Map<number, (value: StoredValue) => void>()
  const pool = new ExecutorPool(1, {
    joined: () => {},
    left: (_thread, { reason }) => onLeft(reason),
    reported: (_thread, { tasks, values, failures }) => {
      if (failures.length > 0) throw new Error(String(load(failures[0]!.error)))
      tasks.forEach((task, i) => {
        results.set(task, values[i])
        waiting.get(task)?.(values[i])
      })
    },
  })
  pool.ref()
  for (const [id, each] of [wait, call, sleep].entries()) pool.defineRecipe(id, encodeRecipe(each))
  const done = (task: number) =>
    new Promise<StoredValue>((resolve) => {
      if (results.has(task)) resolve(results.get(task))
      else waiting.set(task, resolve)
    })
  return { pool, done, left }
}

const task = (number: number, recipeNumber: number, param: unknown, attempt = 1) => {
  return {
    task: number,
    attempt,
    recipe: recipeNumber,
    inputs: [],
    params: [store(param)],
    from: undefined,
  }
}

test('a batch whose first task is cancelled still prepares the bundles of the others', async () => {
  const { pool, done } = start()
  pool.run(0, [task(0, 0, 20)])
  await done(0)
  const f = (path: string) => basename(path)
  // The first task keeps the thread busy until the cancel message arrives, before the second batch.
  pool.run(0, [task(1, 0, 60)])
  pool.run(0, [task(2, 1, { f }), task(3, 1, { f })])
  pool.cancel(0, [2], [1])
  expect(await done(3)).toBe('b')
  await pool.close()
})

test('a finished task is reported before an asynchronous task behind it ends', async () => {
  const { pool, done } = start()
  pool.run(0, [task(0, 0, 0), task(1, 2, 60_000)])
  expect(await done(0)).toBe(0)
  await pool.close()
})

test('a cancelled task that does not end is ended even if its number was used again', async () => {
  const { pool, left } = start()
  pool.run(0, [task(0, 2, 600_000)])
  pool.cancel(0, [0], [1])
  pool.run(0, [task(0, 2, 600_000, 2)])
  pool.cancel(0, [0], [2])
  expect(await left).toBe('a cancelled task would not end')
  await pool.close()
})
