/** The lower bound of a call: a small message to another process and back, over bare sockets. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Dealer } from 'zeromq'
import { roundTrips } from './work.js'

const file = fileURLToPath(import.meta.url)
const asEcho = 'echo'

export async function open() {
  const child = fork(file, [asEcho])
  const address = await new Promise<string>((resolve) => {
    child.once('message', (message) => resolve(String(message)))
  })
  const socket = new Dealer()
  socket.connect(address)
  const call = async (x: number): Promise<number> => {
    await socket.send(String(x))
    const [body] = await socket.receive()
    return Number(body) + 1
  }
  return {
    rows: roundTrips(call),
    close: () => {
      socket.close()
      child.kill()
    },
  }
}

/** Sends back what arrives, until the parent process ends. */
async function echo(): Promise<void> {
  const socket = new Dealer()
  await socket.bind('tcp://127.0.0.1:*')
  process.once('disconnect', () => process.exit())
  process.send!(socket.lastEndpoint)
  for await (const message of socket) await socket.send(message)
}

if (process.argv[2] === asEcho) await echo()
