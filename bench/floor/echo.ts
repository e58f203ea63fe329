/**
 * The time of a bare ZeroMQ echo: one small message from a process to another and back. Run as a process,
 * this file is the other.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Dealer, Router } from 'zeromq'

const file = fileURLToPath(import.meta.url)
const payload = Buffer.alloc(100, 1)

/** A process that sends back what it receives. */
export interface Echo {
  roundTrip(): Promise<void>
  close(): void
}

/** Starts the other process. */
export async function startEcho(): Promise<Echo> {
  const child = fork(file, ['echo'])
  const address = await new Promise<string>((resolve) => {
    child.once('message', (message) => resolve(String(message)))
  })
  const socket = new Dealer()
  socket.connect(address)
  return {
    roundTrip: async () => {
      await socket.send(payload)
      await socket.receive()
    },
    close: () => {
      socket.close()
      child.kill()
    },
  }
}

async function echo(): Promise<void> {
  const socket = new Router()
  await socket.bind('tcp://127.0.0.1:*')
  process.send!(socket.lastEndpoint)
  for await (const [peer, body] of socket) await socket.send([peer!, body!])
}

if (process.argv[2] === 'echo') await echo()
