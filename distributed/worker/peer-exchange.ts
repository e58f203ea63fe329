/**
 * Data between workers: a ROUTER that answers other workers, and a connection to each worker that
 * something is fetched from, opened when it is first needed.
 *
 * One request asks for everything that is wanted from a worker in one turn; the answer comes in
 * messages of bounded size. A worker that refuses the connection, breaks it, or leaves a request
 * without any answer for too long is unreachable, until it is tried again.
 */
import { bundles as knownBundles } from '../../core/codec/index.js'
import { isEncoded, type StoredValue, storedSize } from '../../core/graph/stored-value.js'
import { logEvent } from '../base/log.js'
import { isStored } from '../protocol/field-kinds.js'
import type { FetchReply, FetchResults } from '../protocol/index.js'
import { betweenWorkers } from '../protocol/message-shapes.js'
import { isAddress } from '../transport/address.js'
import { DroppedMessages } from '../transport/dropped-messages.js'
import { fromFrames, toFrames } from '../transport/framing.js'
import { DealerSocket, RouterSocket } from '../transport/zmq.js'
import { bundlesBehind } from './results/result-messages.js'

/** A message of data is closed when it holds so many bytes, or so many values. */
const bytesAtOnce = 4 * 1024 * 1024
const valuesAtOnce = 8192

/** Milliseconds after which a worker that could not be reached is tried again. */
const retryAfter = 60_000

/** What peers need of the worker, and tell it. */
export interface PeerHost {
  /** The result of an attempt at a task, if it is here. */
  find(task: number, attempt: number): { value: StoredValue } | undefined
  onData(tasks: Int32Array, attempts: Int32Array, values: readonly StoredValue[]): void
  onAbsent(peer: number, tasks: Int32Array): void
  /** The scheduler says that a worker is gone. */
  onPeerLeft(peer: number): void
  onPeerUnreachable(peer: number): void
  /** A worker that was unreachable may be asked again. */
  onRetry(peer: number): void
}

interface Connection {
  readonly socket: DealerSocket
  /** Requests under way. */
  readonly requests: Set<number>
  lastHeard: number
}

export class Peers {
  /** Messages that made no sense. */
  readonly drops = new DroppedMessages('worker', 'another worker')
  private readonly host: PeerHost
  private readonly name: string
  private readonly timeout: number
  private readonly addresses = new Map<number, string>()
  private readonly connections = new Map<number, Connection>()
  /** For workers that could not be reached: when that was found. */
  private readonly unreachable = new Map<number, number>()
  private router: RouterSocket | undefined
  private scheduler = ''
  private nextRequest = 0

  /** `timeout` is how many milliseconds another worker may leave a request without any answer. */
  constructor(host: PeerHost, { name, timeout }: { name: string; timeout: number }) {
    this.host = host
    this.name = name
    this.timeout = timeout
  }

  /** Starts to listen; gives the bound address. */
  async open(address: string): Promise<string> {
    this.router = await RouterSocket.bind(address, {
      onMessage: (frames, peer) => this.onRequest(frames, peer),
      onError: (error) => logEvent('worker', 'answering another worker failed', error),
    })
    return this.router.bound
  }

  /** A session with a scheduler begins: nothing of the former one counts. */
  start(scheduler: string): void {
    this.scheduler = scheduler
    for (const peer of [...this.connections.keys()]) this.disconnect(peer)
    this.addresses.clear()
    this.unreachable.clear()
  }

  join(peer: number, address: string): void {
    this.addresses.set(peer, address)
  }

  leave(peer: number): void {
    this.addresses.delete(peer)
    this.unreachable.delete(peer)
    this.disconnect(peer)
    this.host.onPeerLeft(peer)
  }

  /** Asks a worker for results. */
  fetch(peer: number, tasks: readonly number[], attempts: readonly number[]): void {
    const connection = this.connect(peer)
    if (connection === undefined) {
      // Of a worker whose address is none the scheduler may still get it.
      const isKnown = this.addresses.has(peer)
      setImmediate(() => {
        if (isKnown) this.host.onPeerUnreachable(peer)
        else this.host.onPeerLeft(peer)
      })
      return
    }
    const request = this.nextRequest++
    if (connection.requests.size === 0) connection.lastHeard = performance.now()
    connection.requests.add(request)
    const message: FetchResults = {
      op: 'fetch-results',
      scheduler: this.scheduler,
      request,
      tasks: Int32Array.from(tasks),
      attempts: Int32Array.from(attempts),
    }
    connection.socket.send(toFrames({ session: '', number: 0, messages: [message] }))
  }

  /** Gives up workers that do not answer, and tries those again that were given up a while ago. */
  tick(now: number): void {
    for (const [peer, { requests, lastHeard }] of this.connections) {
      if (requests.size === 0 || now - lastHeard < this.timeout) continue
      this.giveUp(peer, `does not answer within ${this.timeout / 1000} s`)
    }
    for (const [peer, since] of this.unreachable) {
      if (now - since < retryAfter) continue
      this.unreachable.delete(peer)
      this.host.onRetry(peer)
    }
  }

  private giveUp(peer: number, why: string): void {
    const address = this.addresses.get(peer)
    const isWaitedFor = this.connections.get(peer)!.requests.size > 0
    this.disconnect(peer)
    // A connection that is lost while nothing is asked for is opened anew when it is needed.
    if (!isWaitedFor) return
    logEvent('worker', `worker ${peer} ${why} at ${address}: its data is asked of the scheduler`)
    this.unreachable.set(peer, performance.now())
    this.host.onPeerUnreachable(peer)
  }

  async close(): Promise<void> {
    const closing = [...this.connections.values()].map(({ socket }) => socket.close())
    this.connections.clear()
    await Promise.all([...closing, this.router?.close()])
  }

  private connect(peer: number): Connection | undefined {
    const known = this.connections.get(peer)
    if (known !== undefined) return known
    const address = this.addresses.get(peer)
    if (address === undefined || !isAddress(address)) return undefined
    const socket: DealerSocket = new DealerSocket(address, this.name, {
      onMessage: (frames) => this.onAnswer(peer, frames),
      onBroken: () => {
        if (this.connections.get(peer)?.socket === socket) this.giveUp(peer, 'cannot be reached')
      },
      onError: (error) => logEvent('worker', `fetching from ${address} failed`, error),
    })
    const connection = { socket, requests: new Set<number>(), lastHeard: performance.now() }
    this.connections.set(peer, connection)
    return connection
  }

  private disconnect(peer: number): void {
    const connection = this.connections.get(peer)
    this.connections.delete(peer)
    void connection?.socket.close(false)
  }

  private onAnswer(peer: number, frames: readonly Uint8Array[]): void {
    const connection = this.connections.get(peer)
    const envelope = fromFrames<FetchReply | FetchResults>(frames, betweenWorkers, this.drops.add)
    if (envelope === undefined || connection === undefined) return
    connection.lastHeard = performance.now()
    for (const message of envelope.messages) {
      if (message.op !== 'fetch-reply' || !connection.requests.has(message.request)) continue
      if (message.last) connection.requests.delete(message.request)
      const { tasks, attempts, values, bundles, absent } = message
      const count = tasks.length
      if (values.length !== count || attempts.length !== count || !values.every(isStored)) {
        this.drops.add('has columns that do not fit together')
        continue
      }
      for (const [token, bytes] of bundles) knownBundles.add(token, bytes)
      if (tasks.length > 0) this.host.onData(tasks, attempts, values)
      if (absent.length > 0) this.host.onAbsent(peer, absent)
    }
  }

  private onRequest(frames: readonly Uint8Array[], peer: string): void {
    const envelope = fromFrames<FetchReply | FetchResults>(frames, betweenWorkers, this.drops.add)
    if (envelope === undefined) return
    for (const message of envelope.messages) {
      if (message.op === 'fetch-results') this.answer(message, peer)
    }
  }

  private answer({ scheduler, request, tasks, attempts }: FetchResults, peer: string): void {
    const isOurs = scheduler === this.scheduler
    let parcel = new Parcel()
    const absent: number[] = []
    for (let i = 0; i < tasks.length; i++) {
      const found = isOurs ? this.host.find(tasks[i]!, attempts[i]!) : undefined
      if (found === undefined) absent.push(tasks[i]!)
      else parcel.add(tasks[i]!, attempts[i]!, found.value)
      if (parcel.bytes < bytesAtOnce && parcel.values.length < valuesAtOnce) continue
      this.send(peer, parcel.message(request, [], false))
      parcel = new Parcel()
    }
    this.send(peer, parcel.message(request, absent, true))
  }

  private send(peer: string, message: FetchReply): void {
    this.router?.send(peer, toFrames({ session: '', number: 0, messages: [message] }))
  }
}

/** Results that go together. */
class Parcel {
  readonly tasks: number[] = []
  readonly attempts: number[] = []
  readonly values: StoredValue[] = []
  private readonly tokens = new Set<string>()
  bytes = 0

  add(task: number, attempt: number, value: StoredValue): void {
    this.tasks.push(task)
    this.attempts.push(attempt)
    this.values.push(value)
    this.bytes += storedSize(value)
    if (isEncoded(value)) for (const token of value.bundles) this.tokens.add(token)
  }

  message(request: number, absent: readonly number[], last: boolean): FetchReply {
    return {
      op: 'fetch-reply',
      request,
      tasks: Int32Array.from(this.tasks),
      attempts: Int32Array.from(this.attempts),
      values: this.values,
      bundles: bundlesBehind([...this.tokens]),
      absent: Int32Array.from(absent),
      last,
    }
  }
}
