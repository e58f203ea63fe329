/**
 * Decides which keys a scheduler accepts. `refresh` reads the list again if it has changed. Keys for the clients of tasks
 * are made for each worker and are not in the list.
 */
import { isProof, type KeyPair, newKeyPair } from '../base/curve-keys.js'
import type { Role } from './allowed-keys.js'
import { allowedVersion, readAllowed } from './key-files.js'
import type { SchedulerKeys } from './read-security.js'

/** What a hello says about its sender's key. */
export interface KeyClaim {
  readonly nonce: string
  readonly publicKey?: string
  readonly proof?: string
}

interface KeyGuardEvents {
  /** The list has changed. */
  onChange(): void
  /** The changed list cannot be read; the last one stays in use. */
  onFault(error: unknown): void
}

export class KeyGuard {
  /** The scheduler's own keys. */
  readonly pair: KeyPair
  private readonly folder: string
  private readonly events: KeyGuardEvents
  private version = ''
  private readonly listed = new Map<string, ReadonlySet<Role>>()
  private readonly names = new Map<string, string>()
  /** The keys of the clients of tasks. */
  private readonly ofTasks = new Set<string>()

  /** Throws TypeError if the list cannot be read now. */
  constructor({ pair, folder }: SchedulerKeys, events: KeyGuardEvents) {
    this.pair = pair
    this.folder = folder
    this.events = events
    this.read()
  }

  /** Whether a key is accepted in a role. */
  allows(publicKey: string, role: Role): boolean {
    if (role === 'client' && this.ofTasks.has(publicKey)) return true
    return this.listed.get(publicKey)?.has(role) === true
  }

  /** The name of a listed key, or the beginning of another one. */
  nameOf(publicKey: string): string {
    return this.names.get(publicKey) ?? `${publicKey.slice(0, 8)}...`
  }

  /** Whether a hello is of the owner of an accepted key. */
  accepts({ publicKey, proof, nonce }: KeyClaim, role: Role): boolean {
    if (typeof publicKey !== 'string' || typeof proof !== 'string') return false
    return this.allows(publicKey, role) && isProof(proof, { own: this.pair, publicKey, nonce })
  }

  /** Makes the keys of the clients of a worker's tasks. */
  issueTaskKeys(): KeyPair {
    const pair = newKeyPair()
    this.ofTasks.add(pair.publicKey)
    return pair
  }

  /** The worker with these keys has left. */
  revokeTaskKeys(publicKey: string): void {
    this.ofTasks.delete(publicKey)
  }

  /** Reads the list again if it has changed. */
  refresh(): void {
    if (allowedVersion(this.folder) === this.version) return
    try {
      this.read()
    } catch (error) {
      this.events.onFault(error)
      return
    }
    this.events.onChange()
  }

  private read(): void {
    this.version = allowedVersion(this.folder)
    const keys = readAllowed(this.folder)
    this.listed.clear()
    this.names.clear()
    for (const { name, publicKey, roles } of keys) {
      this.listed.set(publicKey, new Set(roles))
      this.names.set(publicKey, name)
    }
  }
}
