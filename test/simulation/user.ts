/**
 * A program that uses a client: it runs graphs, keeps results, reads earlier ones, lets go of them,
 * cancels, tries again and aborts, by chance, and checks all that comes back.
 */

import { CancelledError } from '../../core/base/errors.js'
import { getSync } from '../../core/run/get-sync.js'
import { Client } from '../../distributed/client/client.js'
import type { Future } from '../../distributed/client/futures/future.js'
import { schedulerToClient } from '../../distributed/protocol/message-shapes.js'
import { connectSocket } from '../../distributed/transport/connection.js'
import { below } from '../support/random.js'
import { faultOfError, faultOfValue } from './check.js'
import {
  type KnownFuture,
  type KnownGraph,
  type KnownTask,
  type Loan,
  loansOf,
  makeGraph,
} from './graphs.js'
import { keep, runCountsOf } from './insides.js'
import { Naming } from './naming.js'
import { collect } from './stand-ins.js'
import { calculate } from './tasks.js'
import type { Process } from './virtual-time.js'
import type { World } from './world.js'

interface Held extends KnownFuture {
  /** Futures of tasks that it reads, which are held for as long: what failed before it can be tried again. */
  isAsked: boolean
}

export class User {
  readonly process: Process
  client: Client | undefined
  /** What it waits for. */
  readonly open = new Set<string>()
  private readonly world: World
  readonly held: Held[] = []
  readonly naming: Naming
  private nextWait = 0

  constructor(world: World, process: Process) {
    this.world = world
    this.process = process
    this.naming = new Naming(world, this)
  }

  /** Connects; runs in the name of its process. */
  async begin(address: string): Promise<void> {
    const options = { timeout: 600_000, schedulerTimeout: 120_000 }
    this.client = await new Promise<Client>((resolve, reject) => {
      // What it imports takes no time: it has a socket at once, which is this process's own.
      const hasSocket = new Promise<void>((dialled) => {
        const dial = connectSocket(address, schedulerToClient)
        const dialNoting: typeof dial = (name, events) => {
          dialled()
          return dial(name, events)
        }
        Client.dial(address, dialNoting, options).then(resolve, reject)
      })
      void this.world.time.wait(hasSocket)
    })
    this.wait()
  }

  /** Asks for what it holds and has not asked for. */
  askForAll(): void {
    for (const held of this.held) this.ask(held)
  }

  /** Lets go of all. */
  releaseAll(): void {
    for (const { future } of this.held.splice(0)) future.release()
  }

  /** What of it is left; empty when nothing is. */
  leftovers(): string {
    const { client } = this
    if (client === undefined) return 'it never connected'
    const left = runCountsOf(client)
    return left.submitted + left.held === 0 ? '' : JSON.stringify(left)
  }

  private wait(): void {
    if (this.world.isEnding) return
    const { world } = this
    world.time.after(5 + world.random() * world.conditions.pace, this.process, () => {
      if (this.world.isEnding) return
      this.act()
      this.wait()
    })
  }

  private act(): void {
    const { world } = this
    if (world.hasState && world.random() < 0.2) {
      this.naming.act()
      return
    }
    const chance = world.random()
    if (chance < 0.3) this.get()
    else if (chance < 0.45) this.keep()
    else if (chance < 0.65) this.submit()
    else if (chance < 0.75) this.askOne()
    else if (chance < 0.86) this.letGo()
    else if (chance < 0.88) this.replicate()
    else if (chance < 0.92) this.cancel()
    else if (chance < 0.96) this.retry()
    else if (chance < 0.98) this.naming.setFuture()
    else this.naming.getCertain()
  }

  private get(): void {
    const { world, client } = this
    const isShared = world.random() < 0.4
    const known = isShared ? world.choose(world.shared) : this.graph()
    const tasks = this.chooseTargets(known)
    const keys = tasks.map(({ key }) => key)
    this.compareWithSync(known, tasks)
    const controller = new AbortController()
    if (world.random() < 0.1) {
      world.time.after(world.random() * 300, this.process, () => controller.abort())
    }
    const options = isShared ? {} : optionsOf(known)
    const wait = this.waitFor(`get ${keys}`)
    client!.get(known.graph, keys, { ...options, signal: controller.signal }).then(
      (values) => {
        wait()
        tasks.forEach((task, i) => {
          world.failIf(faultOfValue(task, (values as unknown[])[i]))
        })
      },
      (error) => {
        wait()
        if (controller.signal.aborted && error instanceof CancelledError) return
        this.checkError(tasks, error, known.loans)
      },
    )
  }

  /** What `getSync` gives is what is expected of the cluster. */
  private compareWithSync(known: KnownGraph, tasks: readonly KnownTask[]): void {
    const isPlain = known.tasks.every(
      ({ deed }) => deed === '' || deed === 'big' || deed === 'fail',
    )
    if (known.reads.length > 0 || !isPlain || !this.world.happens('sync')) return
    const keys = tasks.map(({ key }) => key)
    try {
      const values = getSync(known.graph, keys) as unknown[]
      tasks.forEach((task, i) => {
        this.world.failIf(faultOfValue(task, values[i]))
      })
    } catch (error) {
      this.checkError(tasks, error, [])
    }
  }

  checkError(tasks: readonly KnownTask[], error: unknown, loans: readonly Loan[]): void {
    const isLost = error instanceof CancelledError && /is not kept any more/.test(error.message)
    if (isLost && loans.some(({ isAtRisk }) => isAtRisk)) return
    const areDisksBad = this.world.conditions.chances.diskFault > 0
    this.world.failIf(faultOfError(tasks, error, areDisksBad))
  }

  private keep(): void {
    const known = this.world.random() < 0.3 ? this.world.choose(this.world.shared) : this.graph()
    const tasks = this.chooseTargets(known)
    const keys = tasks.map(({ key }) => key)
    const options = this.world.shared.includes(known) ? {} : optionsOf(known)
    const futures = keep(this.client!, known.graph, keys, options)
    futures.forEach((future, i) => {
      this.hold(future, tasks[i]!, known.loans)
    })
  }

  private submit(): void {
    const { world } = this
    // Calls of one turn are one run, which is refused as a whole.
    const loans: Loan[] = []
    for (let n = 1 + below(world.random, 5); n > 0; n--) {
      const earlier = this.earlier(3)
      loans.push(...loansOf(earlier))
      const text = world.nextText()
      const retries = world.random() < 0.3 ? 1 : 0
      const place = world.placeOptions()
      const inputs = earlier.map(({ task }) => task)
      const future = this.client!.submitWith(
        { ...place, ...(retries === 0 ? {} : { retries }) },
        calculate,
        text.text,
        ...earlier.map(({ future }) => future),
      )
      this.hold(future, { ...text, key: future.key, inputs, retries }, loans)
    }
  }

  hold(future: Future<unknown>, task: KnownTask, loans: readonly Loan[]): void {
    const held = { future, task, loans, isAsked: false }
    this.held.push(held)
    if (this.world.random() < 0.5) this.ask(held)
  }

  private askOne(): void {
    if (this.held.length > 0) this.ask(this.world.choose(this.held))
  }

  private ask(held: Held): void {
    if (held.isAsked) return
    held.isAsked = true
    const { future, task, loans } = held
    const wait = this.waitFor(`result of ${task.key}`)
    future.result().then(
      (value) => {
        wait()
        this.world.failIf(faultOfValue(task, value))
      },
      (error) => {
        wait()
        if (future.cancelled() && error instanceof CancelledError) return
        this.checkError([task], error, loans)
      },
    )
  }

  private letGo(): void {
    if (this.held.length === 0) return
    const [held] = this.held.splice(below(this.world.random, this.held.length), 1)
    // Some are not released but forgotten, and collected some time later.
    const { future } = held!
    if (this.world.random() < 0.7) future.release()
    else this.world.time.after(this.world.random() * 300, this.process, () => collect(future))
  }

  private cancel(): void {
    if (this.held.length === 0) return
    this.world.choose(this.held).future.cancel()
    this.forgetCancelled()
  }

  private forgetCancelled(): void {
    for (let i = this.held.length - 1; i >= 0; i--) {
      if (this.held[i]!.future.cancelled()) this.held.splice(i, 1)
    }
  }

  private retry(): void {
    const failed = this.held.filter(({ future }) => future.status === 'error')
    if (failed.length === 0) return
    const held = this.world.choose(failed)
    held.future.retry()
    held.isAsked = false
    if (this.world.hasState && this.world.random() < 0.5) this.waitUntilDone(held)
    else this.ask(held)
  }

  /** Waits for a result without its value. */
  private waitUntilDone({ future, task }: Held): void {
    const wait = this.waitFor(`the end of ${task.key}`)
    this.client!.wait([future]).then(wait, (error: Error) => {
      this.world.failIf(`wait: ${error.stack}`)
    })
  }

  /** Has copies of a result kept on some workers. */
  private replicate(): void {
    if (this.held.length === 0) return
    const { world } = this
    const { future, task, loans } = world.choose(this.held)
    const wait = this.waitFor(`copies of ${task.key}`)
    this.client!.replicate(future, { n: 1 + below(world.random, 3) }).then(wait, (error) => {
      wait()
      // It may have been let go of meanwhile.
      if (!(error instanceof CancelledError)) this.checkError([task], error, loans)
    })
  }

  private graph(): KnownGraph {
    const { world } = this
    return makeGraph(world.random, {
      ...world.graphForm(),
      contentNamed: false,
      retries: world.random() < 0.3 ? 1 : 0,
      earlier: world.random() < 0.4 ? this.earlier(3) : [],
    })
  }

  /** Some results that it holds. */
  private earlier(most: number): KnownFuture[] {
    this.forgetCancelled()
    const all = new Set<KnownFuture>()
    for (let n = below(this.world.random, most + 1); n > 0 && this.held.length > 0; n--) {
      all.add(this.world.choose(this.held))
    }
    return [...all]
  }

  private chooseTargets({ tasks }: KnownGraph): KnownTask[] {
    const chosen = new Set([tasks.at(-1)!])
    for (let n = below(this.world.random, 3); n > 0; n--) chosen.add(this.world.choose(tasks))
    return [...chosen]
  }

  /** Notes that something is waited for; what it gives says that it came. */
  waitFor(what: string): () => void {
    const name = `${this.nextWait++}: ${what}`
    this.open.add(name)
    this.world.note(this.process, `waits for ${name}`)
    return () => {
      this.open.delete(name)
      this.world.note(this.process, `has ${name}`)
    }
  }
}

function optionsOf({ tasks }: KnownGraph): { retries?: number } {
  const { retries } = tasks[0]!
  return retries === 0 ? {} : { retries }
}
