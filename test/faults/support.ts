/**
 * Helpers for tests of faults: clusters of real processes, relays that can stall or break connections,
 * and a check that no process of a test is left when it ends.
 *
 * Tests wait for conditions with a deadline, and never for time to pass.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'
import { Client, type ClientOptions } from '../../distributed/client/client.js'
import { Command, isAlive, until } from '../distributed/support.js'

export { Command, isAlive, until }

/** The functions to call after a test, the last one first. */
const cleanUps: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
  await until('no process of the test is left', () => childrenOf(process.pid).length === 0)
})

/** Calls a function after the test. */
export function afterwards(cleanUp: () => unknown): void {
  cleanUps.push(cleanUp)
}

/** The running child processes of a process. */
export function childrenOf(pid: number): number[] {
  const children: number[] = []
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8')
      if (Number(parent) === pid && state !== 'Z' && command.includes('distributed/cli/cli'))
        children.push(Number(entry))
    } catch {
      // The process has just ended.
    }
  }
  return children
}

/** The numbers of threads and open files of a process. */
export function footprint(pid: number): { threads: number; files: number; rss: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const figure = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1])
  return {
    threads: figure('Threads'),
    files: readdirSync(`/proc/${pid}/fd`).length,
    rss: figure('VmRSS') * 1024,
  }
}

/** A folder in which the tasks of a test and the test itself leave files as signals. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'skein-faults-'))

  constructor() {
    afterwards(() => rmSync(this.path, { recursive: true, force: true }))
  }

  has(name: string): boolean {
    return existsSync(join(this.path, name))
  }

  write(name: string): void {
    writeFileSync(join(this.path, name), '')
  }

  names(prefix = ''): string[] {
    return readdirSync(this.path).filter((name) => name.startsWith(prefix))
  }
}

/** A scheduler and workers, each in a process of the command `skein`. */
export class Cluster {
  scheduler: Command
  private readonly args: readonly string[]
  addressToWorkers = ''
  addressToClients = ''
  readonly workers: Command[] = []

  private constructor(args: readonly string[]) {
    this.args = args
    this.scheduler = new Command('scheduler', ...args)
    afterwards(() => this.close())
  }

  /** Starts a scheduler and workers, and waits until the workers are connected. */
  static async start(nworkers: number, ...args: string[]): Promise<Cluster> {
    const cluster = new Cluster(args)
    const line = /workers at (\S+), clients at (\S+)/
    const [, workers, clients] = await cluster.scheduler.waitForOutput(line)
    cluster.addressToWorkers = workers!
    cluster.addressToClients = clients!
    await Promise.all(Array.from({ length: nworkers }, () => cluster.addWorker()))
    return cluster
  }

  /** Restarts the scheduler at the same addresses, after the former one has ended. */
  async restart(): Promise<void> {
    const port = (address: string): string => address.slice(address.lastIndexOf(':') + 1)
    this.scheduler = new Command(
      'scheduler',
      ...this.args,
      '--port-to-workers',
      port(this.addressToWorkers),
      '--port-to-clients',
      port(this.addressToClients),
    )
    await this.scheduler.waitForOutput(/workers at (\S+), clients at (\S+)/)
  }

  /** Starts one more worker, and waits until it listens. */
  async addWorker(...args: string[]): Promise<Command> {
    const worker = new Command('worker', this.addressToWorkers, '--no-nanny', ...args)
    this.workers.push(worker)
    await worker.waitForOutput(/Worker: data at/)
    return worker
  }

  /** A client in this process, closed after the test. */
  async client(options: ClientOptions = {}): Promise<Client> {
    const client = await Client.connect(this.addressToClients, options)
    afterwards(() => client.close())
    return client
  }

  /** Starts a worker with flags of Node, for its process and its threads. */
  addWorkerWith(flags: string, ...args: string[]): Promise<Command> {
    const { NODE_OPTIONS } = process.env
    process.env.NODE_OPTIONS = flags
    try {
      return this.addWorker(...args)
    } finally {
      if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS
      else process.env.NODE_OPTIONS = NODE_OPTIONS
    }
  }

  /** Waits until the scheduler has `count` workers. */
  async workersAre(client: Client, count: number): Promise<void> {
    await until(`there are ${count} workers`, async () => {
      return (await client.schedulerInfo()).workers.length === count
    })
  }

  worker(pid: number): Command {
    const found = this.workers.find((worker) => worker.pid === pid)
    if (found === undefined) throw new Error(`No worker is process ${pid}`)
    return found
  }

  /** Kills one process. */
  async kill(command: Command): Promise<void> {
    command.process.kill('SIGKILL')
    await command.ended
  }

  private async close(): Promise<void> {
    for (const command of [...this.workers, this.scheduler]) {
      // A stopped process reacts to SIGKILL only.
      command.process.kill('SIGKILL')
      await command.ended
    }
  }
}

/** Waits until no run is left. */
export async function isQuiet(client: Client): Promise<void> {
  await until('nothing is being computed', async () => (await client.schedulerInfo()).runs === 0)
}

/** Relays TCP connections, perhaps slowly, or accepts them and sends nothing. */
export class Passage {
  /** Bytes that came back from the target. */
  answered = 0
  private readonly target: number
  private readonly server: Server
  private readonly sockets = new Set<Socket>()
  private readonly stopAfter: number
  private isOpen = true

  private readonly delay: number

  private constructor(target: number, stopAfter: number, delay: number) {
    this.target = target
    this.stopAfter = stopAfter
    this.delay = delay
    this.server = createServer((socket) => this.onConnection(socket))
    afterwards(() => this.close())
  }

  /**
   * Leads to a port; after so many bytes came back, or none at all if it is 0, nothing passes. What
   * passes takes `delay` milliseconds each way.
   */
  static async to(
    target: number,
    stopAfter = Number.POSITIVE_INFINITY,
    delay = 0,
  ): Promise<Passage> {
    const passage = new Passage(target, stopAfter, delay)
    await new Promise<void>((resolve) => passage.server.listen(0, '127.0.0.1', resolve))
    return passage
  }

  get address(): string {
    const address = this.server.address()
    if (address === null || typeof address === 'string') throw new Error('the passage is closed')
    return `tcp://127.0.0.1:${address.port}`
  }

  /** Breaks all connections, and new ones, until `mend` is called. */
  cut(): void {
    this.isOpen = false
    for (const socket of this.sockets) socket.destroy()
  }

  mend(): void {
    this.isOpen = true
  }

  get isStalled(): boolean {
    return this.answered >= this.stopAfter
  }

  private onConnection(near: Socket): void {
    this.keep(near)
    if (this.stopAfter === 0 || !this.isOpen) return
    const far = connect(this.target, '127.0.0.1')
    this.keep(far)
    near.on('data', (data) => {
      if (!this.isStalled) this.pass(data, far)
    })
    far.on('data', (data) => {
      this.answered += data.length
      if (this.isStalled) far.pause()
      else this.pass(data, near)
    })
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  }

  private pass(data: Buffer, to: Socket): void {
    if (this.delay === 0) to.write(data)
    else setTimeout(() => to.writable && to.write(data), this.delay)
  }

  /** Breaks all connections, and new ones, until the relay is opened again. */
  shut(): void {
    this.isOpen = false
    this.breakAll()
  }

  open(): void {
    this.isOpen = true
  }

  /** Breaks all connections; new ones can be made. */
  breakAll(): number {
    const broken = this.sockets.size
    for (const socket of this.sockets) socket.destroy()
    return broken
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.sockets.delete(socket))
    if (!this.isOpen) socket.destroy()
  }

  close(): void {
    this.isOpen = false
    this.server.close()
    this.breakAll()
  }
}

/** A port on which nothing listens now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** The error that a promise is rejected with, which must come within a time limit. */
export async function errorOf(promise: Promise<unknown>, within = 600_000): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not settled within ${within} ms`)), within)
  })
  const settled = promise.then(
    (value) => expect.fail(`There should be an error, and there is ${String(value)}`),
    (error: unknown) => error,
  )
  try {
    return await Promise.race([settled, late])
  } finally {
    clearTimeout(timer)
  }
}
