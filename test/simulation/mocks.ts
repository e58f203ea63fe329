/**
 * Replaces the modules that use sockets, threads, disks and random ids with simulated ones. A test file
 * that plays simulations imports this before anything else.
 */
import { vi } from 'vitest'

vi.mock('../../distributed/transport/zmq.js', () => import('./network.js'))
vi.mock('../../distributed/transport/framing.js', () => import('./envelopes.js'))
vi.mock('../../distributed/worker/executor-threads.js', () => import('./executor-threads.js'))
vi.mock('../../distributed/storage/spill-folder.js', () => import('./disk.js'))
vi.mock('../../distributed/storage/temporary-folder.js', () => import('./replacements.js'))
vi.mock('../../distributed/storage/scheduler-state-folder.js', () => import('./state-folder.js'))
vi.mock('../../distributed/client/futures/release-collected.js', () => import('./replacements.js'))
vi.mock('../../distributed/base/log.js', async (original) => ({
  ...(await original<object>()),
  ...(await import('./replacements.js')),
}))
// Few functions are kept, so that they are dropped while messages that need them are on their way.
vi.mock('../../distributed/client/submission/sent-bundles.js', async (original) => {
  const sent =
    await original<typeof import('../../distributed/client/submission/sent-bundles.js')>()
  class SentBundles extends sent.SentBundles {
    constructor() {
      super({ count: 4, bytes: 1 << 20 })
    }
  }
  return { ...sent, SentBundles }
})
vi.mock('../../distributed/scheduler/computations/recipe-numbers.js', async (original) => {
  const numbers =
    await original<typeof import('../../distributed/scheduler/computations/recipe-numbers.js')>()
  class RecipeNumbers extends numbers.RecipeNumbers {
    constructor(cache: ConstructorParameters<typeof numbers.RecipeNumbers>[0]) {
      super(cache, 4)
    }
  }
  return { ...numbers, RecipeNumbers }
})
vi.mock('../../distributed/worker/worker-bundles.js', async (original) => {
  const bundles = await original<typeof import('../../distributed/worker/worker-bundles.js')>()
  const { currentWorld } = await import('./current-world.js')
  class WorkerBundles extends bundles.WorkerBundles {
    override hold(values: Parameters<InstanceType<typeof bundles.WorkerBundles>['hold']>[0]): void {
      currentWorld().guard(() => this.validate(values))
      super.hold(values)
    }
  }
  return { ...bundles, WorkerBundles }
})
// A short story, since each scheduler that is started allocates the whole of it.
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
  ...(await import('./replacements.js')),
}))
// Imports take no virtual time, so that it does not matter whether a module was imported before.
vi.mock('../../core/base/operations.js', async (original) => {
  const operation = await original<typeof import('../../core/base/operations.js')>()
  const { inNoTime } = await import('./replacements.js')
  return { ...operation, loadOperations: inNoTime(operation.loadOperations) }
})
vi.mock('../../core/functions/modules/resolve-references.js', async (original) => {
  const load = await original<typeof import('../../core/functions/modules/resolve-references.js')>()
  const { inNoTime } = await import('./replacements.js')
  return { ...load, loadReference: inNoTime(load.loadReference) }
})
