/**
 * What the processes of a cluster say to one another: message unions, one per direction, told apart
 * by `op`. Columns are typed arrays of equal length. Values travel as they are at rest; the scheduler
 * passes them on without decoding them.
 *
 * What goes to one peer in one turn of the event loop goes as one envelope: the session it belongs
 * to, its number in the session, and messages. Whoever misses a number knows that messages were
 * lost, and starts a new session; nothing ever waits for a message that will not come.
 */
export type * from './client-messages.js'
export * from './session-messages.js'
export type * from './worker-messages.js'
