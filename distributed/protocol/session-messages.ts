/** What is said to and by all guests of a scheduler: envelopes, introductions, heartbeats, farewells. */
import type { Encoded } from '../../core/codec/index.js'

/** What a process says about itself when it introduces itself. */
export interface Versions {
  readonly protocol: number
  readonly skein: string
  readonly node: string
}

/** Messages on their way. A session is empty until the scheduler has given one. */
export interface Envelope<M> {
  readonly session: string
  /** Counts the envelopes of a session in one direction, from 0. */
  readonly number: number
  readonly messages: readonly M[]
}

/** A function bundle with its token. */
export type Bundle = readonly [token: string, bytes: Encoded]

/** A recipe with its number at the scheduler. */
export type NumberedRecipe = readonly [number: number, bytes: Encoded]

// Both kinds of guests of a scheduler ---------------------------------------------------------------

/** How a process introduces itself; repeated until it is answered. */
export interface Hello {
  readonly op: 'hello'
  readonly versions: Versions
  /** Chosen anew for every session, so that repeats are recognised. */
  readonly nonce: string
  readonly pid: number
  readonly hostname: string
  /** Which of the scheduler's doors it means to knock at. */
  readonly role?: 'worker' | 'client'
}

export interface Heartbeat {
  readonly op: 'heartbeat'
  /** Bytes of memory that a worker's process holds. */
  readonly rss?: number
}

/** The sender goes away, and knows it. */
export interface Goodbye {
  readonly op: 'goodbye'
  /** Of a scheduler: another is expected in its place, with what it keeps on disk. */
  readonly returns?: boolean
}

/** A word to the scheduler, outside of any session, from who started a worker's process: it has ended. */
export interface Obituary {
  readonly op: 'obituary'
  readonly pid: number
  readonly hostname: string
  readonly code: number | null
  readonly signal: string | null
}

/** The scheduler's word to a guest that it has no session with: introduce yourself anew. */
export interface Unknown {
  readonly op: 'unknown'
  /** The session that is not known. */
  readonly session: string
}

/** The guest is not let in, since it is of another version or came to the wrong door. */
export interface Refused {
  readonly op: 'refused'
  readonly nonce: string
  readonly versions: Versions
  /** For who came to the wrong door: the address of the right one. */
  readonly rightAddress?: string
}
