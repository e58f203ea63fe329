/**
 * A program that uses a client: at random it runs graphs, holds results, reads earlier ones, releases,
 * cancels, retries and aborts, and checks all values and errors that it gets.
 */

import { CancelledError } from '../../core/base/errors.js'
import { getSync } from '../../core/run/get-sync.js'
import { Client } from '../../distributed/client/client.js'
import type { Future } from '../../distributed/client/futures/future.js'
import { schedulerToClient } from '../../distributed/protocol/message-shapes.js'
import { connectSocket } from '../../distributed/transport/connection.js'
import { below } from '../support/random.js'
import { faultOfError, faultOfValue } from './checks.js'
import {
  type KnownFuture,
  type KnownGraph,
  type KnownTask,
  makeGraph,
  type NamedResult,
  namedResultsOf,
} from './graphs.js'
import { keep, runCountsOf } from './private-access.js'
import { collect } from './replacements.js'
import { calculate } from './task-behavior.js'
import { Naming } from './user-names.js'
import type { Process } from './virtual-time.js'
import type { World } from './world.js'

interface Held extends KnownFuture {
  /** Whether its value was asked for. */
  isAsked: boolean
}

export class User {
  readonly process: Process
  client: Client | undefined
  /** The answers that it waits for. */
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

  /** Connects, as its process. */
  async begin(address: string): Promise<void> {
    const options = { timeout: 600_000, schedulerTimeout: 120_000 }
    this.client = await new Promise<Client>((resolve, reject) => {
      // Imports take no virtual time: the socket is opened at once, by this process.
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

  /** Asks for the values of all held futures. */
  askForAll(): void {
    for (const held of this.held) this.ask(held)
  }

  /** Releases all held futures. */
  releaseAll(): void {
    for (const { future } of this.held.splice(0)) future.release()
  }

  /** Describes what the client still has; empty if nothing. */
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
    else if (chance < 0.86) this.release()
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
        this.checkError(tasks, error, known.namedResults)
      },
    )
  }

  /** Checks that `getSync` gives the results that are expected of the cluster. */
  private compareWithSync(known: KnownGraph, tasks: readonly KnownTask[]): void {
    const isPlain = known.tasks.every(
      ({ behavior }) => behavior === '' || behavior === 'big' || behavior === 'fail',
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

  checkError(
    tasks: readonly KnownTask[],
    error: unknown,
    namedResults: readonly NamedResult[],
  ): void {
    const isLost = error instanceof CancelledError && /is not kept any more/.test(error.message)
    if (isLost && namedResults.some(({ isAtRisk }) => isAtRisk)) return
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
      this.hold(future, tasks[i]!, known.namedResults)
    })
  }

  private submit(): void {
    const { world } = this
    // Calls of one turn of the event loop are one run, which is refused as a whole.
    const namedResults: NamedResult[] = []
    for (let n = 1 + below(world.random, 5); n > 0; n--) {
      const earlier = this.earlier(3)
      namedResults.push(...namedResultsOf(earlier))
      const text = world.nextText()
      const retries = world.random() < 0.3 ? 1 : 0
      const restriction = world.restrictionOptions()
      const inputs = earlier.map(({ task }) => task)
      const future = this.client!.submitWith(
        { ...restriction, ...(retries === 0 ? {} : { retries }) },
        calculate,
        text.text,
        ...earlier.map(({ future }) => future),
      )
      this.hold(future, { ...text, key: future.key, inputs, retries }, namedResults)
    }
  }

  hold(future: Future<unknown>, task: KnownTask, namedResults: readonly NamedResult[]): void {
    const held = { future, task, namedResults, isAsked: false }
    this.held.push(held)
    if (this.world.random() < 0.5) this.ask(held)
  }

  private askOne(): void {
    if (this.held.length > 0) this.ask(this.world.choose(this.held))
  }

  private ask(held: Held): void {
    if (held.isAsked) return
    held.isAsked = true
    const { future, task, namedResults } = held
    const wait = this.waitFor(`result of ${task.key}`)
    future.result().then(
      (value) => {
        wait()
        this.world.failIf(faultOfValue(task, value))
      },
      (error) => {
        wait()
        if (future.cancelled() && error instanceof CancelledError) return
        this.checkError([task], error, namedResults)
      },
    )
  }

  private release(): void {
    if (this.held.length === 0) return
    const [held] = this.held.splice(below(this.world.random, this.held.length), 1)
    // Some are not released by the user, but collected some time later.
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

  /** Replicates a result to some workers. */
  private replicate(): void {
    if (this.held.length === 0) return
    const { world } = this
    const { future, task, namedResults } = world.choose(this.held)
    const wait = this.waitFor(`copies of ${task.key}`)
    this.client!.replicate(future, { n: 1 + below(world.random, 3) }).then(wait, (error) => {
      wait()
      // It may have been released meanwhile.
      if (!(error instanceof CancelledError)) this.checkError([task], error, namedResults)
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

  /** Returns some held results. */
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

  /** Notes that an answer is awaited; the returned function notes that it came. */
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
