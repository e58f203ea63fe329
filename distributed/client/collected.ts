/**
 * What is let go of because nobody can reach its handle any more. When that happens is the garbage
 * collector's choice, so this is a file of its own: a simulation has another in its place.
 */

interface Releasable {
  release(): void
}

const handles = new FinalizationRegistry<Releasable>((held) => held.release())

/** Has something released once its handle was collected. */
export function releaseWhenCollected(handle: object, held: Releasable): void {
  handles.register(handle, held, handle)
}

/** The handle is not watched any more; false if it was not. */
export function stopWatching(handle: object): boolean {
  return handles.unregister(handle)
}
