/** Sending a value to a receiver that has none of its functions. */
import { BundleStore, decode, encode, Functions } from '../../../../core/codec/index.js'

/** Decodes a value with a new store that received the bundles as bytes. */
export async function decodedCopy<T>(value: T): Promise<T> {
  const here = new Functions(new BundleStore())
  const bytes = encode(value, { functions: here })
  const store = new BundleStore()
  for (const token of here.store.closure(bytes.bundles)) {
    const { head, buffers, bundles } = here.store.get(token)!
    store.add(token, { head: head.slice(), buffers: buffers.map((b) => b.slice()), bundles })
  }
  const there = new Functions(store)
  await there.prepare(bytes.bundles)
  return decode(bytes, there) as T
}
