/** The world that is being simulated: what stands in for sockets, threads and disks finds it here. */
import type { World } from './world.js'

let world: World | undefined

/** The world that is being simulated. */
export function currentWorld(): World {
  if (world === undefined) throw new Error('nothing is being simulated')
  return world
}

/** Says which world it is. */
export function setWorld(next: World | undefined): void {
  world = next
}
