/** Items, arguments and initial values are copied when they are passed, so later changes have no effect. */
import { afterAll, expect, test } from 'vitest'
import { fromSequence } from '../../../collections/bag/index.js'
import { NotPortableError } from '../../../core/base/errors.js'
import { getSync } from '../../../core/run/get-sync.js'
import { closeThreads, getThreads } from '../../../core/run/threads/get-threads.js'

afterAll(closeThreads)

test.each([
  ['getSync', getSync],
  ['getThreads', getThreads],
])('items are copied when the bag is created, with %s', async (_, get) => {
  const items = [{ n: 1 }, { n: 2 }]
  const bag = fromSequence(items, { npartitions: 2 })
  items[0]!.n = 100
  const changed = bag.map((item) => {
    item.n += 1
    return item
  })
  expect(await changed.compute({ get })).toEqual([{ n: 2 }, { n: 3 }])
  expect(await changed.compute({ get })).toEqual([{ n: 2 }, { n: 3 }])
  expect(await bag.compute({ get })).toEqual([{ n: 1 }, { n: 2 }])
  expect(items).toEqual([{ n: 100 }, { n: 2 }])
})

test('items that cannot be sent are refused when the bag is created', () => {
  expect(() => fromSequence([1, new WeakMap()], { npartitions: 1 })).toThrow(NotPortableError)
  expect(() => fromSequence([1, new WeakMap()], { npartitions: 1 })).toThrow(
    /fromSequence -> items -> 1/,
  )
})

test('arguments and initial values are copied when the method is called', async () => {
  const extra = { n: 1 }
  const start = { sum: 0 }
  const numbers = fromSequence([1, 2, 3], { npartitions: 1 })
  const mapped = numbers.map((x, more) => x + more.n, extra)
  const folded = numbers.fold((total, x: number) => ({ sum: total.sum + x }), {
    initial: start,
    combine: (a, b) => ({ sum: a.sum + b.sum }),
  })
  extra.n = 100
  start.sum = 100
  expect(await mapped.compute({ get: getSync })).toEqual([2, 3, 4])
  expect(await folded.compute({ get: getSync })).toEqual({ sum: 6 })
  expect(() => numbers.map((x, more) => x + Number(more), new WeakMap())).toThrow(
    /map -> argument 2/,
  )
})
