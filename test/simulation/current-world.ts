/** The world of the current simulation, for simulated sockets, threads and disks. */
import type { World } from './world.js'

let world: World | undefined

/** Returns the world of the current simulation. */
export function currentWorld(): World {
  if (world === undefined) throw new Error('nothing is being simulated')
  return world
}

/** Sets the world of the current simulation. */
export function setWorld(next: World | undefined): void {
  world = next
}
