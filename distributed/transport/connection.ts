/**
 * Connections of workers and clients to a scheduler endpoint. Envelopes are sent through a socket as frames,
 * or, if both sides are in one process, passed on as objects (`Endpoint.openConnection`).
 */
import type { AwaitedCount } from '../base/awaited-count.js'
import type { MessageShapes } from '../protocol/field-kinds.js'
import type { Envelope } from '../protocol/index.js'
import type { CurveClient, HandshakeFault } from './curve.js'
import { fromFrames, toFrames } from './framing.js'
import { DealerSocket } from './zmq.js'

/** A connection to an endpoint. An envelope must not be changed after it was sent. */
export interface Connection<Out> {
  send(envelope: Envelope<Out>): void
  /** Closes the connection. With `lingering`, the default, what was sent is still delivered. */
  close(lingering?: boolean): Promise<void>
}

/** The handlers of a connection. */
export interface ConnectionEvents<In> {
  onEnvelope(envelope: Envelope<In>): void
  /** Frames were received that are not a valid envelope. */
  onFault(fault: string): void
  /** The connection cannot be opened, which is tried again. */
  onHandshakeFault?(fault: HandshakeFault): void
  onError(error: unknown): void
}

/** Opens a connection; `name` identifies this side to the endpoint. */
export type OpenConnection<In, Out> = (
  name: string,
  events: ConnectionEvents<In>,
) => Connection<Out>

/**
 * Returns a function that connects to an address through a socket. Nothing need listen there yet. With
 * `awaited` the socket keeps the process alive only while something is awaited. With `curve` the connection is encrypted.
 */
export function connectSocket<In, Out>(
  address: string,
  shapes: MessageShapes,
  options: { readonly awaited?: AwaitedCount; readonly curve?: CurveClient | undefined } = {},
): OpenConnection<In, Out> {
  return (name, { onEnvelope, onFault, onHandshakeFault, onError }) => {
    const onMessage = (frames: Uint8Array[]): void => {
      const envelope = fromFrames<In>(frames, shapes, onFault)
      if (envelope !== undefined) onEnvelope(envelope)
    }
    const events = { onMessage, onError, ...(onHandshakeFault && { onHandshakeFault }) }
    const socket = new DealerSocket(address, name, events, options)
    return {
      send: (envelope) => socket.send(toFrames(envelope)),
      close: (lingering) => socket.close(lingering),
    }
  }
}
