/** The names that are kept of the last tasks of a thread. */
import { expect, test } from 'vitest'
import type { Recipe } from '../../../../core/graph/recipe.js'
import { describeTasks, sourceOf } from '../../../../core/run/threads/reported-tasks.js'

const at = (line: number) => ({ location: `/app/main.ts:${line}:1` })
const [first, second] = [at(1), at(2)]
const step = (label: string, site?: { location: string }) => ({
  fn: Math.abs,
  args: [],
  label,
  site,
})
const planOf = (recipe: Recipe) => ({
  recipe: () => recipe,
  key: (task: number) => `x-${task}`,
  site: at(9),
})

test('an operation that a task does for each of its blocks is kept once, in the order of the steps', () => {
  const block = [step('ones', first), step('add', first), step('hidden'), step('add', second)]
  const steps = Array.from({ length: 1000 }, () => block).flat()
  const plan = planOf({ steps: [...steps, step('sum', second)], inputs: 0, params: 0 })
  const source = sourceOf(plan, 3)
  expect(source).toEqual({
    key: 'x-3',
    operations: [
      { name: 'ones', site: first },
      { name: 'add', site: first },
      { name: 'add', site: second },
      { name: 'sum', site: second },
    ],
    site: at(9),
  })
  expect(describeTasks([source])).toBe(
    "task 'x-3' (add, added at /app/main.ts:1:1; add, added at /app/main.ts:2:1; sum, added at /app/main.ts:2:1)",
  )
})

test('tasks of one recipe share the list of their operations', () => {
  const plan = planOf({ steps: [step('ones', first)], inputs: 0, params: 0 })
  expect(sourceOf(plan, 2).operations).toBe(sourceOf(plan, 1).operations)
})
