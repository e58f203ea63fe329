/**
 * The time of a bare ZeroMQ echo: one small message from a process to another and back. Run as a process,
 * this file is the other.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Dealer, Router } from 'zeromq'

const file = fileURLToPath(import.meta.url)
const payload = Buffer.alloc(100, 1)

/** A route over which every message comes back. */
export interface Route {
  roundTrip(): Promise<void>
  close(): void
}

/** Starts the other process. */
export async function startEcho(): Promise<Route> {
  const child = fork(file, ['echo'])
  return connectRoute(String(await nextMessage(child)), payload, [child])
}

/** Connects to a route, over which `payload` is sent; `processes` are those on it. */
export function connectRoute(
  address: string,
  payload: Buffer,
  processes: readonly ChildProcess[],
): Route {
  const socket = new Dealer()
  socket.connect(address)
  return {
    roundTrip: async () => {
      await socket.send(payload)
      await socket.receive()
    },
    close: () => {
      socket.close()
      for (const child of processes) child.kill()
    },
  }
}

export function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve))
}

async function echo(): Promise<void> {
  const socket = new Router()
  await socket.bind('tcp://127.0.0.1:*')
  process.send!(socket.lastEndpoint)
  for await (const [peer, body] of socket) await socket.send([peer!, body!])
}

if (process.argv[2] === 'echo') await echo()
