/**
 * A user's actions with names: it names results and collections over results, gets and deletes them,
 * and checks the answers against the world's name book.
 */

import { Bag } from '../../collections/bag/bag.js'
import { LayerGraph } from '../../core/graph/graph.js'
import { BlockwiseLayer, type Layer } from '../../core/graph/layer.js'
import { remoteLayer } from '../../core/graph/remote-value.js'
import {
  CollectionExistsError,
  SchedulerError,
  UnknownCollectionError,
} from '../../distributed/base/errors.js'
import type { Client } from '../../distributed/client/client.js'
import { Future } from '../../distributed/client/futures/future.js'
import { below } from '../support/random.js'
import { faultOfValue } from './checks.js'
import {
  type KnownFuture,
  type KnownTask,
  type NamedResult,
  namedResultsOf,
  recipeOf,
} from './graphs.js'
import type { Change, Found, KnownNamed } from './name-book.js'
import { sessionsOf } from './private-access.js'
import type { World } from './world.js'

/** The user that acts. */
export interface NamingHost {
  readonly client: Client | undefined
  readonly held: readonly KnownFuture[]
  hold(future: Future<unknown>, task: KnownTask, namedResults: readonly NamedResult[]): void
  /** Notes that an answer is awaited; the returned function notes that it came. */
  waitFor(what: string): () => void
  checkError(
    tasks: readonly KnownTask[],
    error: unknown,
    namedResults: readonly NamedResult[],
  ): void
}

export class Naming {
  private readonly world: World
  private readonly host: NamingHost
  /** How many names were set; every fourth time a name must be new. */
  private sets = 0

  constructor(world: World, host: NamingHost) {
    this.world = world
    this.host = host
  }

  private get client(): Client {
    return this.host.client!
  }

  /** Makes a random action with names, in a world where names outlive schedulers. */
  act(): void {
    const { world } = this
    const chance = world.random()
    if (chance < 0.35) this.setFuture(this.anyName(0.4))
    else if (chance < 0.55) this.setCollection(this.anyName(0.4))
    else if (chance < 0.8) this.get(this.anyName(0.95))
    else if (chance < 0.95) this.delete(this.anyName(0.9))
    else void this.list()
  }

  /** Returns a name that was used before, with a probability of `share`, or a new one. */
  private anyName(share: number): string {
    const { random, names } = this.world
    const { all } = names
    return all.length > 0 && random() < share ? this.world.choose(all) : this.world.nextId()
  }

  // Setting ------------------------------------------------------------------------------------------

  /** Names a result, so that other users find it. */
  setFuture(name?: string): void {
    const { held } = this.host
    if (held.length === 0 || !this.world.keepsNames) return
    const known = this.world.choose(held)
    const { task, future } = known
    this.set(name ?? this.world.nextId(), future, [known], {
      mark: future.key,
      tasks: [task],
      lazy: [],
    })
  }

  /** Names a collection over held results. */
  private setCollection(name: string): void {
    const { world } = this
    const { held } = this.host
    if (held.length === 0) return
    const chosen = new Set<KnownFuture>()
    for (let n = 1 + below(world.random, 4); n > 0; n--) chosen.add(world.choose(held))
    const all = [...chosen]
    const mark = `collection-${world.nextId()}`
    const futures = all.map(({ future }) => future)
    const layer = remoteLayer(`${mark}-kept`, [all.length], futures)
    const texts = all.map(() => world.nextText())
    const top = new BlockwiseLayer({
      name: mark,
      numblocks: [all.length],
      recipe: recipeOf(1),
      inputs: [{ layer }],
      params: [{ kind: 'values', values: texts.map(({ text }) => text) }],
    })
    const tasks = all.map(({ task }) => task)
    const lazy = texts.map((about, i) => {
      return { ...about, key: top.key(i), inputs: [tasks[i]!], retries: 0 }
    })
    this.set(name, new Bag(top), all, { mark, tasks, lazy })
  }

  private set(
    name: string,
    value: Bag<unknown> | Future<unknown>,
    of: readonly KnownFuture[],
    named: KnownNamed,
  ): void {
    const what = `setCollection ${name} of ${named.mark}`
    const wait = this.host.waitFor(what)
    const change = this.change(name, named)
    const override = this.sets++ % 4 > 0
    const look = this.world.names.look(name)
    this.client.setCollection(name, value, { override }).then(
      () => {
        wait()
        look.end()
        if (!override && !look.possible.has(undefined))
          this.world.failIf(`${what} replaced another one in spite of override: false`)
        change.end('done')
      },
      (error: Error) => {
        wait()
        look.end()
        change.end('undone')
        if (error instanceof CollectionExistsError) {
          const mayExist = [...look.possible].some(
            (found) => found !== undefined && found !== named,
          )
          if (override || !mayExist) this.world.failIf(`${what}: ${error.stack}`)
          return
        }
        // The results may have been released before the client had to send the request again.
        const isGone =
          of.some((one) => !this.host.held.includes(one)) ||
          namedResultsOf(of).some(({ isAtRisk }) => isAtRisk)
        if (!isGone && !this.isOfDisk(error)) this.world.failIf(`${what}: ${error.stack}`)
      },
    )
  }

  /** Begins a change, which counts as not made only if it was sent once: a first answer may be lost. */
  private change(name: string, after: Found): Change {
    const change = this.world.names.change(name, after)
    const session = sessionsOf(this.client)
    return {
      end: (how) => {
        const wasSentOnce = sessionsOf(this.client) === session
        change.end(how === 'undone' && !wasSentOnce ? 'unknown' : how)
      },
    }
  }

  private delete(name: string): void {
    const what = `deleteCollection ${name}`
    const wait = this.host.waitFor(what)
    const change = this.change(name, undefined)
    const look = this.world.names.look(name)
    this.client.deleteCollection(name).then(
      () => {
        wait()
        look.end()
        change.end('done')
      },
      (error: Error) => {
        wait()
        look.end()
        if (error instanceof UnknownCollectionError) change.end('done')
        else change.end('undone')
        if (!(error instanceof UnknownCollectionError) && !this.isOfDisk(error))
          this.world.failIf(`${what}: ${error.stack}`)
      },
    )
  }

  private isOfDisk(error: Error): boolean {
    const areDisksBad = this.world.conditions.chances.stateFault > 0
    return areDisksBad && error instanceof SchedulerError && /disk is full/.test(error.message)
  }

  // Getting ------------------------------------------------------------------------------------------

  /** Gets and holds the value of a name that has a single possible one. */
  getCertain(): void {
    const { certain } = this.world.names
    if (certain.size > 0) this.get(this.world.choose([...certain.keys()]))
  }

  /** Gets and holds the value of a name, if it has one. */
  private get(name: string): void {
    const { names } = this.world
    const wait = this.host.waitFor(`getCollection ${name}`)
    const look = names.look(name)
    const found = (mark: string | undefined): Found => {
      wait()
      look.end()
      for (const named of look.possible) if (named?.mark === mark) return named
      const marks = [...look.possible].map((named) => named?.mark ?? 'nothing')
      this.world.failIf(`'${name}' is ${mark ?? 'nothing'}, and not ${marks.join(' or ')}`)
      return undefined
    }
    this.client.getCollection<Future<unknown> | Bag<unknown>>(name).then(
      (value) => {
        if (value instanceof Future) {
          const named = found(value.key)
          if (named !== undefined) this.host.hold(value, named.tasks[0]!, [look.namedResult])
        } else {
          const named = found(value.name)
          if (named !== undefined) this.take(value.layer, named, look.namedResult)
        }
      },
      (error: Error) => {
        if (error instanceof UnknownCollectionError) found(undefined)
        else {
          wait()
          this.world.failIf(`getCollection ${name}: ${error.stack}`)
        }
      },
    )
  }

  /** Holds the results that a collection refers to, and computes it. */
  private take(layer: Layer, { tasks, lazy }: KnownNamed, namedResult: NamedResult): void {
    const { params } = layer.dependencies[0] as BlockwiseLayer
    const [param] = params
    const futures = param?.kind === 'values' ? (param.values as Future<unknown>[]) : []
    futures.forEach((future, i) => {
      this.host.hold(future, tasks[i]!, [namedResult])
    })
    const keys = lazy.map(({ key }) => key)
    const wait = this.host.waitFor(`get ${keys}`)
    this.client.get(LayerGraph.of(layer), keys).then(
      (values) => {
        wait()
        lazy.forEach((task, i) => {
          this.world.failIf(faultOfValue(task, (values as unknown[])[i]))
        })
      },
      (error) => {
        wait()
        this.host.checkError(lazy, error, [namedResult])
      },
    )
  }

  /** Lists the names and checks them. */
  private async list(): Promise<void> {
    const { names } = this.world
    const wait = this.host.waitFor('the list of names')
    const looks = names.all.map((name) => ({ name, ...names.look(name) }))
    const listed = new Set(await this.client.listCollections())
    wait()
    for (const { name, possible, end } of looks) {
      end()
      const isPossible = [...possible].some((found) => (found !== undefined) === listed.has(name))
      if (!isPossible)
        this.world.failIf(`'${name}' is ${listed.has(name) ? '' : 'not '}in the list of names`)
    }
  }

  // The end -----------------------------------------------------------------------------------------

  /** Gets the values of all names, when faults have ended. */
  getAll(): void {
    void this.list()
    for (const name of this.world.names.all) this.get(name)
  }

  /** Deletes all names. */
  async deleteAll(): Promise<void> {
    const wait = this.host.waitFor('the names to go')
    for (const name of await this.client.listCollections()) {
      await this.client.deleteCollection(name)
    }
    wait()
  }
}
