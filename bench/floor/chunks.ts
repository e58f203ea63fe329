/**
 * The least that it takes to bring large chunks from one process to another: bare sockets, each chunk
 * asked for by a small message and sent without a copy. Run as a process the file is who sends.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Dealer, Router } from 'zeromq'

const file = fileURLToPath(import.meta.url)
const unlimited = { sendHighWaterMark: 0, receiveHighWaterMark: 0 }

/** Who has the chunks. */
export interface Chunks {
  /** Brings so many chunks here. */
  bring(count: number): Promise<void>
  close(): void
}

/** Starts a process that has chunks of so many bytes. */
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
        if (chunk!.byteLength !== bytes) throw new Error('A chunk is not whole')
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
