/** The computations of `client.get`, without a connection. */
import { expect, test } from 'vitest'
import { makePlan } from '../../../core/graph/planning/make-plan.js'
import { AwaitedCount } from '../../../distributed/base/awaited-count.js'
import { Computations } from '../../../distributed/client/computations.js'
import { TaskSources } from '../../../distributed/client/futures/task-sources.js'
import { ClientChannel } from '../../../distributed/client/submission/client-channel.js'
import type { ClientToScheduler } from '../../../distributed/protocol/index.js'

test('a computation is not done while values of it are missing, which were lost with a session', async () => {
  const sent: ClientToScheduler[] = []
  const channel = new ClientChannel('me', (message) => sent.push(message))
  const computations = new Computations(channel, new TaskSources('me'), new AwaitedCount())
  const plan = makePlan({ x: 1, y: 2 }, ['x', 'y'])
  const about = { plan, targets: [0, 1], taskOf: [0, 1], options: {} }
  const result = computations.start(3, about, () => new Error('aborted'))
  const receive = (target: number, value: number) =>
    computations.onValues({
      op: 'values',
      run: 3,
      targets: Int32Array.of(target),
      values: [value],
      bundles: [],
    })
  receive(1, 2)
  // The scheduler sent `done` before it heard which values this client lacks.
  await computations.onDone(3)
  expect(sent).toEqual([])
  expect([...computations.missingValues(3)]).toEqual([0])
  receive(0, 1)
  await computations.onDone(3)
  expect(await result).toEqual([1, 2])
  expect(sent).toEqual([{ op: 'cancel-run', run: 3 }])
})
