import { test, vi } from 'vitest'
import { playAll, seedGroups } from './seeds.js'

vi.mock('../../distributed/zmq.js', () => import('./network.js'))
vi.mock('../../distributed/wire.js', () => import('./wire.js'))
vi.mock('../../distributed/worker/executors.js', () => import('./threads.js'))
vi.mock('../../distributed/storage/chest.js', () => import('./disk.js'))
vi.mock('../../distributed/storage/folder.js', () => import('./stand-ins.js'))
vi.mock('../../distributed/log.js', () => import('./stand-ins.js'))
vi.mock('node:crypto', async (original) => ({
  ...(await original<object>()),
  ...(await import('./stand-ins.js')),
}))

test.each(seedGroups(0, 2))(
  'whatever goes wrong, every answer is right and nothing is left: seeds %i to %i',
  playAll,
)
