/**
 * What is let go of because nobody can reach its handle any more. When that happens is the garbage
 * collector's choice, so this is a file of its own: a simulation has another in its place.
 */

interface Releasable {
  release(): void
}

/** The collector finds thousands at once; released in one go they would hold up what is under way. */
const fewest = 10
/** And this part of them in one turn, if that is more. */
const part = 1 / 256

const found: Releasable[] = []

const handles = new FinalizationRegistry<Releasable>((held) => {
  if (found.push(held) === 1) releaseLater()
})

function releaseLater(): void {
  setImmediate(releaseSome).unref()
}

function releaseSome(): void {
  const count = Math.max(fewest, Math.ceil(found.length * part))
  for (const held of found.splice(-count)) held.release()
  if (found.length > 0) releaseLater()
}

/** Has something released once its handle was collected. */
export function releaseWhenCollected(handle: object, held: Releasable): void {
  handles.register(handle, held, handle)
}

/** The handle is not watched any more; false if it was not. */
export function stopWatching(handle: object): boolean {
  return handles.unregister(handle)
}
