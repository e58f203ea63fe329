/**
 * Releases what a handle holds once the garbage collector has collected the handle. The simulation
 * replaces this file, because the collector's timing is not deterministic.
 */

interface Releasable {
  release(): void
}

/** The fewest that are released in one turn: the collector may find thousands at once. */
const minReleased = 10
/** The share that is released in one turn, if that is more. */
const releasedShare = 1 / 256

const collected: Releasable[] = []

const handles = new FinalizationRegistry<Releasable>((held) => {
  if (collected.push(held) === 1) scheduleRelease()
})

function scheduleRelease(): void {
  setImmediate(releaseSome).unref()
}

function releaseSome(): void {
  const count = Math.max(minReleased, Math.ceil(collected.length * releasedShare))
  for (const held of collected.splice(-count)) held.release()
  if (collected.length > 0) scheduleRelease()
}

/** Releases `held` after `handle` was collected. */
export function releaseWhenCollected(handle: object, held: Releasable): void {
  handles.register(handle, held, handle)
}

/** Stops watching a handle; false if it was not watched. */
export function stopWatching(handle: object): boolean {
  return handles.unregister(handle)
}
