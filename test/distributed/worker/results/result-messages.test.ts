/** The messages with which a worker answers requests for results. */
import { expect, test } from 'vitest'
import {
  fetchReplies,
  gatherReplies,
} from '../../../../distributed/worker/results/result-messages.js'

const tasks = Int32Array.from({ length: 10_000 }, (_, i) => i)
const attempts = new Int32Array(10_000).fill(1)
const find = (task: number) => (task % 5000 === 7 ? undefined : { value: task })

test('many small results are sent to another worker in messages of bounded size', () => {
  const replies = [...fetchReplies(3, tasks, attempts, find)]
  expect(replies.map(({ request, tasks, last }) => [request, tasks.length, last])).toEqual([
    [3, 8192, false],
    [3, 1806, true],
  ])
  expect(replies.map(({ absent }) => [...absent])).toEqual([[], [7, 5007]])
  expect(replies.flatMap(({ values }) => values)).toEqual([...tasks].filter((i) => i % 5000 !== 7))
})

test('a request for no results is answered with one message', () => {
  const none = new Int32Array(0)
  expect([...fetchReplies(3, none, none, find)]).toMatchObject([{ values: [], last: true }])
  expect([...gatherReplies({ op: 'gather', to: -1, tasks: none, attempts: none }, find)]).toEqual(
    [],
  )
})

test('the scheduler gets each result, and the absent ones, once', () => {
  const replies = [...gatherReplies({ op: 'gather', to: 4, tasks, attempts }, find)]
  expect(replies.map(({ to }) => to)).toEqual([4, 4])
  expect(replies.flatMap(({ absent }) => [...absent])).toEqual([7, 5007])
  expect(replies.flatMap(({ tasks }) => [...tasks])).toEqual(
    [...tasks].filter((i) => i % 5000 !== 7),
  )
})
