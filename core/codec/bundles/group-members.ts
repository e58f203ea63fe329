/** Bundles of the single functions of a group: each leads to the bundle of its group. */
import { TokenHolder } from '../bytes/token-holder.js'
import { encodeValue } from '../encoding/encode-value.js'
import { noFunctions } from '../encoding/no-functions.js'
import type { BundleStore, StoredBundle } from './bundle-store.js'

/** A placeholder for a group of functions. */
class GroupPlaceholder extends TokenHolder {
  readonly token: string
  constructor(token: string) {
    super()
    this.token = token
  }
}

const memberToken = /^(group-[0-9a-f]+)\.(\d+)$/

/** Adds the bundle of one function of a group, and returns it. */
export function addMember(group: string, index: number, store: BundleStore): StoredBundle {
  const token = `${group}.${index}`
  const encoded = store.get(token)
  return store.add(
    token,
    encoded ?? encodeValue(new GroupPlaceholder(group), false, [], noFunctions),
  )
}

/**
 * Returns the group that a token belongs to, and the function's index in it; undefined for other
 * tokens.
 */
export function groupOf(token: string): { group: string; index: number } | undefined {
  const parts = memberToken.exec(token)
  return parts === null ? undefined : { group: parts[1]!, index: Number(parts[2]) }
}
