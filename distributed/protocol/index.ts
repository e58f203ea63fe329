/**
 * The messages between the processes of a cluster: one union for each direction, discriminated by `op`.
 * Columns are typed arrays of equal length. Values are sent in encoded form; the scheduler passes them
 * on without decoding them.
 *
 * The messages that are sent to one peer in one turn of the event loop form one envelope: the session,
 * the envelope's number in that session, and the messages. A receiver that misses a number knows that
 * messages were lost and ends the session; nothing waits for a message that will not come.
 */
export type * from './client-messages.js'
export * from './session-messages.js'
export type * from './worker-messages.js'
