/**
 * Puts what is simulated in the place of what reaches outside of the program. A test file that plays
 * simulations imports this before anything else.
 */
import { vi } from 'vitest'

vi.mock('../../distributed/transport/zmq.js', () => import('./network.js'))
vi.mock('../../distributed/transport/framing.js', () => import('./wire.js'))
vi.mock('../../distributed/worker/executor-threads.js', () => import('./threads.js'))
vi.mock('../../distributed/storage/chest.js', () => import('./disk.js'))
vi.mock('../../distributed/storage/temporary-folder.js', () => import('./stand-ins.js'))
vi.mock('../../distributed/storage/scheduler-state-folder.js', () => import('./state-folder.js'))
vi.mock('../../distributed/client/futures/release-collected.js', () => import('./stand-ins.js'))
vi.mock('../../distributed/base/log.js', () => import('./stand-ins.js'))
// Of fewer transitions, since every scheduler that is started takes the room for all.
vi.mock('../../core/scheduling/tables/story.js', async (original) => {
  const story = await original<typeof import('../../core/scheduling/tables/story.js')>()
  class Story extends story.Story {
    constructor(length: number) {
      super(Math.min(length, 2 ** 12))
    }
  }
  return { ...story, Story }
})
vi.mock('node:crypto', async (original) => ({
  ...(await original<object>()),
  ...(await import('./stand-ins.js')),
}))
// What is imported is there in no time, whether it was imported before or not.
vi.mock('../../core/base/operations.js', async (original) => {
  const operation = await original<typeof import('../../core/base/operations.js')>()
  const { inNoTime } = await import('./stand-ins.js')
  return { ...operation, loadOperations: inNoTime(operation.loadOperations) }
})
vi.mock('../../core/functions/modules/resolve-references.js', async (original) => {
  const load = await original<typeof import('../../core/functions/modules/resolve-references.js')>()
  const { inNoTime } = await import('./stand-ins.js')
  return { ...load, loadReference: inNoTime(load.loadReference) }
})
