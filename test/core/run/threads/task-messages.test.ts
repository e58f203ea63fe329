/** Messages between a pool and its threads: unpacking returns what was packed, in either form. */
import { describe, expect, test } from 'vitest'
import type { ExecutorTask } from '../../../../core/run/threads/executor-protocol.js'
import {
  isSmallBatch,
  maxSmallBatch,
  packFewTasks,
  packReport,
  packTasks,
  unpackFewTasks,
  unpackReport,
} from '../../../../core/run/threads/task-messages.js'

const tasks: ExecutorTask[] = [
  { task: 7, attempt: 1, recipe: 3, inputs: [], params: [], from: undefined },
  {
    task: 2 ** 31 - 1,
    attempt: 4,
    recipe: 0,
    inputs: ['a', undefined],
    params: [5],
    from: undefined,
  },
  { task: 0, attempt: 2, recipe: 9, inputs: [null], params: [-0, 1n, Number.NaN], from: undefined },
]

function reportOf(count: number) {
  const numbers = Array.from({ length: count }, (_, i) => i)
  return {
    tasks: numbers,
    attempts: numbers.map(() => 1),
    durations: numbers.map((i) => i / 4),
    values: numbers.map((i) => (i % 2 === 0 ? undefined : `value ${i}`)),
    uses: numbers.map((i) => i % 3),
    failures: [],
    bundles: [],
  }
}

describe('a few tasks', () => {
  test.each([0, 1, 2, 3])('%i of them are the same from a flat list and from columns', (count) => {
    const batch = tasks.slice(0, count)
    const {
      tasks: numbers,
      from,
      ...columns
    } = unpackFewTasks(structuredClone(packFewTasks(batch)))
    expect(columns).toMatchObject({ kind: 'run', bundles: [], recipes: [], needs: [] })
    expect({ ...columns, tasks: numbers, from }).toMatchObject(packTasks(batch))
    expect([...numbers]).toEqual(batch.map(({ task }) => task))
    expect([...from]).toEqual([])
  })
})

describe('a report', () => {
  test('of a few results is a flat list with the same content', () => {
    const report = reportOf(maxSmallBatch)
    const sent = structuredClone(packReport(report))
    if (!isSmallBatch(sent)) throw new Error('Expected a flat list')
    expect(unpackReport(sent)).toEqual({
      ...report,
      tasks: Int32Array.from(report.tasks),
      attempts: Int32Array.from(report.attempts),
      durations: Float32Array.from(report.durations),
      uses: Uint8Array.from(report.uses),
    })
  })

  test('of many results, or with failures, is not a flat list', () => {
    expect(isSmallBatch(packReport(reportOf(maxSmallBatch + 1)))).toBe(false)
    const failure = { task: 1, attempt: 1, step: 0, error: 'x' }
    expect(isSmallBatch(packReport({ ...reportOf(1), failures: [failure] }))).toBe(false)
  })
})
