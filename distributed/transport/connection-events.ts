/**
 * Interprets libzmq's connection events. A listening socket refuses connections of programs that do not speak
 * ZMTP 3, such as web pages and port scanners; a connecting socket loses its connection.
 *
 * When a timer fires, the event loop turns once more before the timer acts: after a pause of this process, the
 * events of the pause are handled first.
 */

import { type HandshakeFault, handshakeFaults } from './curve.js'

/** Milliseconds after which a connection without a handshake is reported. */
const handshakeWithin = 2000

/** Milliseconds after which a connection that libzmq does not try again is opened again. */
const reopenAfter = 1000

/** The events of a socket. */
interface SocketMonitor<E extends string> {
  on(event: E, listener: () => void): unknown
}

/** Calls `onRefused` with the number of connections whose handshake has not succeeded. */
export function watchHandshakes(
  monitor: SocketMonitor<'accept' | 'handshake' | 'handshake:error:auth' | 'end'>,
  onRefused: (count: number) => void,
): void {
  let accepted = 0
  /** Connections whose handshake succeeded, or that were reported. */
  let settled = 0
  let timer: NodeJS.Timeout | undefined
  const startTimer = (): void => {
    const acceptedBefore = accepted
    timer = setTimeout(() => setImmediate(() => check(acceptedBefore)), handshakeWithin)
    timer.unref()
  }
  const check = (acceptedBefore: number): void => {
    // The handshakes of later connections may be among the settled ones; then the rest is reported later.
    const count = acceptedBefore - settled
    if (count > 0) {
      settled += count
      onRefused(count)
    }
    timer = undefined
    if (accepted > settled) startTimer()
  }
  monitor.on('accept', () => {
    accepted++
    if (timer === undefined) startTimer()
  })
  monitor.on('handshake', () => {
    settled++
  })
  // Refused keys are reported where they are checked.
  monitor.on('handshake:error:auth', () => {
    settled++
  })
  monitor.on('end', () => clearTimeout(timer))
}

/** Calls `onFault` when the handshake of a socket that connects has failed, with the reason. */
export function watchFaults(
  monitor: SocketMonitor<keyof typeof handshakeFaults>,
  onFault: (fault: HandshakeFault) => void,
): void {
  for (const event of Object.keys(handshakeFaults) as (keyof typeof handshakeFaults)[])
    monitor.on(event, () => onFault(handshakeFaults[event]))
}

/**
 * Watches the connection of a socket that connects: `onBroken` is called when it was refused, broken or timed out
 * and is tried again, `onGivenUp` when libzmq does not try it again, because the other side speaks another protocol.
 */
export function watchConnection(
  monitor: SocketMonitor<'disconnect' | 'connect:retry' | 'end'>,
  { onBroken, onGivenUp }: { onBroken(): void; onGivenUp(): void },
): void {
  let timer: NodeJS.Timeout | undefined
  const stopTimer = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  monitor.on('disconnect', () => {
    stopTimer()
    const started = setTimeout(() => {
      setImmediate(() => {
        if (timer !== started) return
        timer = undefined
        onBroken()
        onGivenUp()
      })
    }, reopenAfter)
    timer = started
  })
  monitor.on('connect:retry', () => {
    stopTimer()
    onBroken()
  })
  monitor.on('end', stopTimer)
}
