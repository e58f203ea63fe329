import { expect, test } from 'vitest'
import { CancelledError } from '../../../core/base/errors.js'
import { makePlan } from '../../../core/graph/make-plan.js'
import { Computations } from '../../../distributed/client/computations.js'
import { Target } from '../../../distributed/client/futures/held-result.js'

const nobody = { want: () => {}, release: () => {}, retry: () => {} }

test('who waits for the value of a finished future is told when it is released', async () => {
  const target = new Target(nobody, { place: 0, key: 'x' })
  const value = target.result({})
  target.done(8)
  target.release()
  await expect(value).rejects.toThrow(CancelledError)
  expect(target.status).toBe('cancelled')
})

test('a future whose value has come stays finished when it is released', async () => {
  const target = new Target(nobody, { place: 0, key: 'x' })
  const value = target.result({})
  target.arrived(Promise.resolve(5))
  target.release()
  expect(await value).toBe(5)
  expect(target.status).toBe('finished')
})

test('a computation is not done as long as values of it were lost with a connection', async () => {
  const over: number[] = []
  const computations = new Computations({ find: () => undefined, onOver: (run) => over.push(run) })
  const plan = makePlan({ x: 1, y: 2 }, ['x', 'y'])
  const about = { plan, targets: [0, 1], taskOf: [0, 1], options: {} }
  const result = computations.start(3, about, () => new Error('aborted'))
  const values = (place: number, value: number) =>
    computations.onValues({
      op: 'values',
      run: 3,
      targets: Int32Array.of(place),
      values: [value],
      bundles: [],
    })
  values(1, 2)
  // Said before the scheduler heard what this client lacks.
  await computations.onDone(3)
  expect(over).toEqual([])
  expect([...computations.lacking(3)]).toEqual([0])
  values(0, 1)
  await computations.onDone(3)
  expect(await result).toEqual([1, 2])
  expect(over).toEqual([3])
})
