/**
 * Stores of files by keys, as Zarr arrays and groups use them.
 */

/** The part of the bytes of a key: `count` from `start` on, or the last ones. */
export interface ByteRange {
  /** The position of the first byte; undefined for the last `count` ones. */
  readonly start?: number | undefined
  readonly count: number
}

/** The names in a folder of a store. */
export interface FolderNames {
  readonly files: readonly string[]
  readonly folders: readonly string[]
}

/** A store, as arrays use it. Keys have no slash at their ends. */
export interface KeyStore {
  get(key: string, range?: ByteRange): Promise<Uint8Array | undefined>
  set(key: string, bytes: Uint8Array): Promise<void>
  has(key: string): Promise<boolean>
  /** Returns the names below a key. Stores that cannot be listed have no such method. */
  list?(key: string): Promise<FolderNames>
  /** Removes all that is below a key. Stores that cannot be listed have no such method. */
  removeAll?(key: string): Promise<void>
}

/** The number of requests that are sent at a time. */
const AT_A_TIME = 16

/** Calls an asynchronous function for each of some items, a few at a time. */
export async function inGroups<T>(
  items: readonly T[],
  use: (item: T) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < items.length; i += AT_A_TIME) {
    await Promise.all(items.slice(i, i + AT_A_TIME).map(use))
  }
}

/** Joins parts of a key. */
export function storeKey(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/')
}

/** Returns the value of the header `Range`. */
export function rangeHeader({ start, count }: ByteRange): string {
  return start === undefined ? `bytes=-${count}` : `bytes=${start}-${start + count - 1}`
}

/** Returns a part of bytes. */
export function bytesIn(bytes: Uint8Array, { start, count }: ByteRange): Uint8Array {
  const first = start ?? bytes.length - count
  return bytes.subarray(first, first + count)
}
