/** The submissions that a client repeats in a new session. */
import { expect, test } from 'vitest'
import { SubmittedRuns } from '../../../../distributed/client/submission/submitted-runs.js'
import type { Submit } from '../../../../distributed/protocol/index.js'

const none = new Int32Array(0)

/** A submission of a client called `me`, with the fields that matter here. */
function submission(run: number, ...reads: string[]): Submit {
  const externals = { runs: reads, runOf: none, targets: none }
  return { op: 'submit', run, externals } as Partial<Submit> as Submit
}

function runs(...messages: Submit[]): SubmittedRuns {
  const submitted = new SubmittedRuns('me')
  for (const message of messages) submitted.add(message)
  return submitted
}

const handover = (submitted: SubmittedRuns, ...known: number[]) =>
  submitted.handover(new Set(known))

test('a scheduler that knows no runs gets all runs that are not over, in order', () => {
  const submitted = runs(submission(3), submission(5, 'me/3'), submission(4))
  expect(handover(submitted)).toEqual({ submit: [3, 5, 4], resume: [], cancel: [] })
})

test('known runs are resumed, and known runs that are over are cancelled', () => {
  const submitted = runs(submission(1), submission(2), submission(3))
  submitted.end(2)
  expect(handover(submitted, 1, 2, 9)).toEqual({ submit: [3], resume: [1], cancel: [2, 9] })
})

test('a run that is over is submitted again and then cancelled if another run reads it', () => {
  const submitted = runs(
    submission(1),
    submission(2, 'me/1', 'other/7', 'collection/1'),
    submission(3, 'me/2'),
  )
  submitted.end(1)
  submitted.end(2)
  expect(submitted.size).toBe(3)
  expect(handover(submitted)).toEqual({ submit: [1, 2, 3], resume: [], cancel: [1, 2] })
  // The reading run is known, so the others are not needed.
  expect(handover(submitted, 3)).toEqual({ submit: [], resume: [3], cancel: [] })
  // The scheduler still knows runs whose end it has not received.
  expect(handover(submitted, 2, 3)).toEqual({ submit: [], resume: [3], cancel: [2] })
  submitted.end(3)
  expect(submitted.size).toBe(0)
})

test('a long chain of runs is forgotten with the last one', () => {
  const submitted = runs(submission(0))
  for (let run = 1; run <= 20_000; run++) {
    submitted.add(submission(run, `me/${run - 1}`))
    submitted.end(run - 1)
  }
  expect(submitted.size).toBe(20_001)
  expect(handover(submitted).submit).toHaveLength(20_001)
  submitted.end(20_000)
  expect(submitted.size).toBe(0)
})

test('a run with several readers is forgotten when none of them is left', () => {
  const submitted = runs(submission(1), submission(2, 'me/1'), submission(3, 'me/1', 'me/2'))
  for (const run of [1, 3]) submitted.end(run)
  expect(handover(submitted).submit).toEqual([1, 2])
  submitted.end(2)
  submitted.end(2)
  expect(submitted.size).toBe(0)
})

test('a run that several runs read ends once', () => {
  const submitted = runs(
    submission(1),
    submission(2, 'me/1'),
    submission(3, 'me/2'),
    submission(4, 'me/2', 'me/3'),
    submission(5, 'me/1'),
  )
  for (const run of [1, 2, 3, 4]) submitted.end(run)
  expect(handover(submitted)).toEqual({ submit: [1, 5], resume: [], cancel: [1] })
})
