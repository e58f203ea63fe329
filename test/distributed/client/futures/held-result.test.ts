/** The client's view of one result that the cluster keeps. */
import { expect, test } from 'vitest'
import { CancelledError } from '../../../../core/base/errors.js'
import { HeldResult } from '../../../../distributed/client/futures/held-result.js'

const ignoreRequests = {
  ...{ fetch: () => {}, release: () => {}, retry: () => {} },
  ...{ beginAwaiting: () => {}, endAwaiting: () => {}, findGet: () => undefined },
}

test('releasing a finished future rejects the promise for its value', async () => {
  const held = new HeldResult(ignoreRequests, { target: 0, key: 'x' })
  const value = held.result({})
  held.setFinished(8)
  held.release()
  await expect(value).rejects.toThrow(CancelledError)
  expect(held.status).toBe('cancelled')
})

test('a future whose value has come stays finished when it is released', async () => {
  const held = new HeldResult(ignoreRequests, { target: 0, key: 'x' })
  const value = held.result({})
  held.setValue(Promise.resolve(5))
  held.release()
  expect(await value).toBe(5)
  expect(held.status).toBe('finished')
})
