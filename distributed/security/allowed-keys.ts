/** The list of the keys that a scheduler accepts, each with a name and roles. It is a file, which may change at any time. */
import { isKey } from '../base/curve-keys.js'

/** What the owner of a key may be. */
export type Role = 'client' | 'worker'

export const roles: readonly Role[] = ['client', 'worker']

/** An accepted key. */
export interface AllowedKey {
  readonly name: string
  readonly publicKey: string
  readonly roles: readonly Role[]
}

/** Reads the list from the text of its file. Throws with what is wrong. */
export function parseAllowedKeys(text: string): AllowedKey[] {
  const entries: unknown = JSON.parse(text)
  if (!Array.isArray(entries)) throw new Error('a list of keys is expected')
  return entries.map((entry: Partial<AllowedKey> | null) => {
    const { name, publicKey, roles: given } = entry ?? {}
    if (typeof name !== 'string' || !isKey(publicKey))
      throw new Error(`the entry ${JSON.stringify(name)} has no name or no valid publicKey`)
    if (!Array.isArray(given) || given.length === 0 || !given.every((role) => roles.includes(role)))
      throw new Error(`the roles of '${name}' must be some of ${roles.join(' and ')}`)
    return { name, publicKey, roles: given }
  })
}

/** Writes the list as the text of its file. */
export function formatAllowedKeys(keys: readonly AllowedKey[]): string {
  return `${JSON.stringify(keys, null, 2)}\n`
}

/** Returns the list with a key and a role added. A name has one key: another one under the name is replaced. */
export function withKey(
  keys: readonly AllowedKey[],
  { name, publicKey, role }: { name: string; publicKey: string; role: Role },
): AllowedKey[] {
  const known = keys.find((key) => key.name === name && key.publicKey === publicKey)
  const all = new Set([...(known?.roles ?? []), role])
  const others = keys.filter((key) => key.name !== name && key.publicKey !== publicKey)
  return [...others, { name, publicKey, roles: roles.filter((r) => all.has(r)) }]
}
