/** TCP connections that write bytes of their own to a socket: HTTP requests, old versions of ZMTP. */
import { connect, type Socket } from 'node:net'
import { toFrames } from '../../../distributed/transport/framing.js'

/** A connection, and what became of it. */
export class RawConnection {
  readonly socket: Socket
  received = Buffer.alloc(0)
  isClosed = false

  constructor(address: string, bytes: Uint8Array) {
    this.socket = connect(portOf(address), '127.0.0.1')
    this.socket.on('error', () => {})
    this.socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, data])
    })
    this.socket.on('close', () => {
      this.isClosed = true
    })
    if (bytes.length > 0) this.socket.write(bytes)
  }
}

export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

/** The frames of an envelope outside of any session. */
export const sessionless = (...messages: object[]): Uint8Array[] =>
  toFrames({ session: '', number: 0, messages })

/** Frames as ZMTP 1.0 writes them: a length that includes the flags, the flags, the bytes. */
function zmtp1Frames(frames: readonly Uint8Array[]): Buffer {
  const parts = frames.flatMap((frame, i) => {
    const length = frame.byteLength + 1
    const long = Buffer.alloc(9, 0xff)
    if (length >= 255) long.writeBigUInt64BE(BigInt(length), 1)
    const head = length < 255 ? Buffer.of(length) : long
    return [head, Buffer.of(i < frames.length - 1 ? 1 : 0), frame]
  })
  return Buffer.concat(parts)
}

/** A connection of ZMTP 1.0 without a signature: the identity, then messages. */
export function zmtp1(identity: string, ...messages: Uint8Array[][]): Buffer {
  return Buffer.concat([zmtp1Frames([Buffer.from(identity)]), ...messages.map(zmtp1Frames)])
}

/** The greeting of ZMTP 1.0 with a signature (revision 0), as libzmq 2.2 sends it. */
export function zmtp1Signed(identity: string, ...messages: Uint8Array[][]): Buffer {
  const signature = Buffer.of(0xff, 0, 0, 0, 0, 0, 0, 0, identity.length + 1, 0x7f)
  const revision = Buffer.of(0, 5)
  return Buffer.concat([signature, revision, zmtp1(identity, ...messages)])
}

/** The greeting of ZMTP 2.0 as a DEALER, then messages. */
export function zmtp2(identity: string, ...messages: Uint8Array[][]): Buffer {
  const greeting = Buffer.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, 5, 0, identity.length)
  const parts = messages.flatMap((frames) =>
    frames.flatMap((frame, i) => {
      const more = i < frames.length - 1 ? 1 : 0
      const long = Buffer.alloc(9, more | 2)
      long.writeBigUInt64BE(BigInt(frame.byteLength), 1)
      return [frame.byteLength > 255 ? long : Buffer.of(more, frame.byteLength), frame]
    }),
  )
  return Buffer.concat([greeting, Buffer.from(identity), ...parts])
}

/**
 * The request that `fetch(url, { method: 'POST', mode: 'no-cors', body })` sends, with a path chosen so that
 * ZMTP 1.0 reads the head as an identity and a message, and the body as messages.
 */
export function httpPost(address: string, ...messages: Uint8Array[][]): Buffer {
  const body = Buffer.concat(messages.map(zmtp1Frames))
  const headWith = (path: string) =>
    [
      `POST /${path} HTTP/1.1`,
      `host: 127.0.0.1:${portOf(address)}`,
      'content-type: text/plain;charset=UTF-8',
      `content-length: ${body.length}`,
      '',
      '',
    ].join('\r\n')
  // The P says that 80 bytes follow, and the z after them, within the path, that the other 122 do.
  const length = 1 + 'P'.charCodeAt(0) + 1 + 'z'.charCodeAt(0)
  const head = headWith('z'.repeat(length - headWith('').length))
  if (head.length !== length || head[81] !== 'z') throw new Error('The head is too long')
  return Buffer.concat([Buffer.from(head), body])
}
