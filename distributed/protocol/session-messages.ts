/**
 * What workers and clients have in common when they talk to the scheduler: envelopes, the messages
 * that begin, keep and end a session, and encoded functions and recipes.
 */
import type { Encoded } from '../../core/codec/index.js'

/** The versions of a process, which it states in its `hello`. */
export interface Versions {
  readonly protocol: number
  readonly skein: string
  readonly node: string
}

/** Messages that are sent together. The session is empty before the scheduler has assigned one. */
export interface Envelope<M> {
  readonly session: string
  /** Counts the envelopes of a session in one direction, from 0. */
  readonly number: number
  readonly messages: readonly M[]
}

/** A function bundle with its token. */
export type Bundle = readonly [token: string, bytes: Encoded]

/** A recipe with the number that the scheduler has given it. */
export type NumberedRecipe = readonly [number: number, bytes: Encoded]

/** Opens a session; repeated until it is answered. */
export interface Hello {
  readonly op: 'hello'
  readonly versions: Versions
  /** A new random string for each session, by which repeated hellos are recognized. */
  readonly nonce: string
  readonly pid: number
  readonly hostname: string
  /**
   * A random string that only the sender and its parent process know. A client's name is its hash, so that no other
   * client can use that name; the exit report of a worker's process must repeat it.
   */
  readonly secret: string
  /** The kind of endpoint that the process means to connect to. */
  readonly role?: 'worker' | 'client'
  /** The sender's public key, if the scheduler has keys. */
  readonly publicKey?: string
  /** Shows that the sender owns that key. */
  readonly proof?: string
}

/** Shows that the sender is alive. */
export interface Heartbeat {
  readonly op: 'heartbeat'
  /** From workers: the process's resident memory, in bytes. */
  readonly rss?: number
}

/** The sender closes and ends the session. */
export interface Goodbye {
  readonly op: 'goodbye'
  /** From a scheduler with a state folder: another one is expected to start in its place. */
  readonly willRestart?: boolean
}

/** A worker's process has ended. Sent by the process that started it, outside of any session. */
export interface ExitReport {
  readonly op: 'exit-report'
  /** The secret of the worker's hello. Reports with other ones are ignored. */
  readonly secret: string
  readonly code: number | null
  readonly signal: string | null
}

/** The scheduler does not know the session of an envelope: its sender must say hello again. */
export interface Unknown {
  readonly op: 'unknown'
  /** The session that is not known. */
  readonly session: string
}

/** The answer to a hello of another version, with a name that is taken or a key that is not accepted, or to the wrong endpoint. */
export interface Refused {
  readonly op: 'refused'
  readonly nonce: string
  readonly versions: Versions
  /** After a hello to the wrong endpoint: the address of the right one. */
  readonly rightAddress?: string
  /** After a hello with the name of another worker: which one that is. */
  readonly namesake?: { readonly name: string; readonly pid: number; readonly hostname: string }
  /** After a hello of a key that is not accepted (any more): that key. */
  readonly refusedKey?: string
}
