/**
 * A lower bound for transfers of large chunks between processes: bare sockets, each chunk requested by a
 * small message and sent without a copy. Run as a process, this file is the sender.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Dealer, Router } from 'zeromq'

const file = fileURLToPath(import.meta.url)
const unlimited = { sendHighWaterMark: 0, receiveHighWaterMark: 0 }

/** A process that sends chunks. */
export interface Chunks {
  /** Receives that many chunks. */
  bring(count: number): Promise<void>
  close(): void
}

/** Starts a process that sends chunks of that many bytes. */
export async function startChunks(bytes: number): Promise<Chunks> {
  const child = fork(file, ['chunks', String(bytes)])
  const address = await new Promise<string>((resolve) => {
    child.once('message', (message) => resolve(String(message)))
  })
  const socket = new Dealer(unlimited)
  socket.connect(address)
  return {
    bring: async (count) => {
      for (let i = 0; i < count; i++) await socket.send('next')
      for (let i = 0; i < count; i++) {
        const [chunk] = await socket.receive()
        if (chunk!.byteLength !== bytes) throw new Error('A chunk is incomplete')
      }
    },
    close: () => {
      socket.close()
      child.kill()
    },
  }
}

async function send(bytes: number): Promise<void> {
  const socket = new Router(unlimited)
  await socket.bind('tcp://127.0.0.1:*')
  process.send!(socket.lastEndpoint)
  const chunk = Buffer.alloc(bytes, 1)
  for (;;) {
    const [peer] = await socket.receive()
    await socket.send([peer!, chunk])
  }
}

if (process.argv[2] === 'chunks') await send(Number(process.argv[3]))
