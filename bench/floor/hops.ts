/**
 * A lower bound for the latency of a call on a cluster: one small message from process to process to
 * process, to a thread of the last one, and back, over bare sockets and ports. Run as a process, this file
 * is the middle or the end of the route.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { Dealer, Router } from 'zeromq'
import { connectRoute, nextMessage, type Route } from './echo.js'

const file = fileURLToPath(import.meta.url)
const echo = 'echo of the bare hops'
const payload = Buffer.alloc(300, 1)

/** Starts the two other processes. */
export async function startHops(): Promise<Route> {
  const middle = fork(file, ['middle'])
  const [toClients, toEnds] = (await nextMessage(middle)) as [string, string]
  const end = fork(file, ['end', toEnds])
  await nextMessage(end)
  return connectRoute(toClients, payload, [middle, end])
}

async function middle(): Promise<void> {
  const clients = new Router()
  const ends = new Router()
  await clients.bind('tcp://127.0.0.1:*')
  await ends.bind('tcp://127.0.0.1:*')
  process.send!([clients.lastEndpoint, ends.lastEndpoint])
  const [end] = await ends.receive()
  process.send!('ready')
  const back = async (): Promise<void> => {
    for await (const [, client, body] of ends) await clients.send([client!, body!])
  }
  void back()
  for await (const [client, body] of clients) await ends.send([end!, client!, body!])
}

async function end(address: string): Promise<void> {
  const thread = new Worker(file, { workerData: echo })
  const socket = new Dealer()
  socket.connect(address)
  await socket.send('here')
  process.send!('ready')
  thread.on('message', ([client, body]) => void socket.send([client, body]))
  for await (const [client, body] of socket) thread.postMessage([client, body])
}

if (workerData === echo) {
  const port = parentPort!
  port.on('message', (message) => port.postMessage(message))
} else if (process.argv[2] === 'middle') await middle()
else if (process.argv[2] === 'end') await end(process.argv[3]!)
