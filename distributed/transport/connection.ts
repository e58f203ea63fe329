/**
 * How the envelopes of a guest get to the scheduler and back: as frames through a socket, or, where both
 * are in one process, as they are (the scheduler's door has the other end of that line).
 */

import type { MessageShapes } from '../protocol/field-kinds.js'
import type { Envelope } from '../protocol/index.js'
import { fromFrames, toFrames } from './framing.js'
import { DealerSocket } from './zmq.js'

/** The guest's end of a line. What was sent must not be changed afterwards. */
export interface Connection<Out> {
  send(envelope: Envelope<Out>): void
  /** Closes; without `lingering` what is not sent yet is dropped. */
  close(lingering?: boolean): Promise<void>
}

/** What a line tells the guest. */
export interface ConnectionEvents<In> {
  onEnvelope(envelope: Envelope<In>): void
  /** Something came that is no envelope. */
  onFault(fault: string): void
  onError(error: unknown): void
}

/** Makes the line of a guest of that name. */
export type OpenConnection<In, Out> = (
  name: string,
  events: ConnectionEvents<In>,
) => Connection<Out>

/** A line through a socket to an address, which need not be there yet. */
export function connectSocket<In, Out>(
  address: string,
  shapes: MessageShapes,
): OpenConnection<In, Out> {
  return (name, { onEnvelope, onFault, onError }) => {
    const socket = new DealerSocket(address, name, {
      onMessage: (frames) => {
        const envelope = fromFrames<In>(frames, shapes, onFault)
        if (envelope !== undefined) onEnvelope(envelope)
      },
      onError,
    })
    return {
      send: (envelope) => socket.send(toFrames(envelope)),
      close: (lingering) => socket.close(lingering),
    }
  }
}
