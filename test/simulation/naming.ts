/**
 * What a user does with names: gives them to results and to collections over results, looks what is
 * there, takes them away, and checks what comes of it against the world's book of names.
 */

import { Bag } from '../../collections/bag/bag.js'
import { LayerGraph } from '../../core/graph/graph.js'
import { BlockwiseLayer, type Layer } from '../../core/graph/layer.js'
import { remoteLayer } from '../../core/graph/remote-value.js'
import { SchedulerError, UnknownCollectionError } from '../../distributed/base/errors.js'
import type { Client } from '../../distributed/client/client.js'
import { Future } from '../../distributed/client/futures/future.js'
import { below } from '../support/random.js'
import { faultOfValue } from './check.js'
import { type KnownFuture, type KnownTask, type Loan, loansOf, recipeOf } from './graphs.js'
import { sessionsOf } from './insides.js'
import type { Change, Found, KnownNamed } from './name-book.js'
import type { World } from './world.js'

/** The user, as far as names are concerned. */
export interface NamingHost {
  readonly client: Client | undefined
  readonly held: readonly KnownFuture[]
  hold(future: Future<unknown>, task: KnownTask, loans: readonly Loan[]): void
  /** Notes that something is waited for; what it gives says that it came. */
  waitFor(what: string): () => void
  checkError(tasks: readonly KnownTask[], error: unknown, loans: readonly Loan[]): void
}

export class Naming {
  private readonly world: World
  private readonly host: NamingHost

  constructor(world: World, host: NamingHost) {
    this.world = world
    this.host = host
  }

  private get client(): Client {
    return this.host.client!
  }

  /** Does something with names where they outlive schedulers. */
  act(): void {
    const { world } = this
    const chance = world.random()
    if (chance < 0.35) this.setFuture(this.anyName(0.4))
    else if (chance < 0.55) this.setCollection(this.anyName(0.4))
    else if (chance < 0.8) this.get(this.anyName(0.95))
    else if (chance < 0.95) this.delete(this.anyName(0.9))
    else void this.list()
  }

  /** One that was used, by chance, or a new one. */
  private anyName(share: number): string {
    const { random, names } = this.world
    const { all } = names
    return all.length > 0 && random() < share ? this.world.choose(all) : this.world.nextId()
  }

  // Setting ------------------------------------------------------------------------------------------

  /** Gives a result a new name, under which others find it. */
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

  /** Names a collection that computes something of results that are kept. */
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
    this.client.setCollection(name, value).then(
      () => {
        wait()
        change.end('done')
      },
      (error: Error) => {
        wait()
        change.end('undone')
        // It may have been let go of before it was known that the word must be said again.
        const isGone =
          of.some((one) => !this.host.held.includes(one)) ||
          loansOf(of).some(({ isAtRisk }) => isAtRisk)
        if (!isGone && !this.isOfDisk(error)) this.world.failIf(`${what}: ${error.stack}`)
      },
    )
  }

  /** A change that counts as undone only if it was said once: the answer of the first time may be lost. */
  private change(name: string, after: Found): Change {
    const change = this.world.names.change(name, after)
    const session = sessionsOf(this.client)
    return {
      end: (how) => {
        const wasSaidOnce = sessionsOf(this.client) === session
        change.end(how === 'undone' && !wasSaidOnce ? 'unknown' : how)
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

  // Looking ------------------------------------------------------------------------------------------

  /** Holds what is under a name whose content is known. */
  getCertain(): void {
    const { certain } = this.world.names
    if (certain.size > 0) this.get(this.world.choose([...certain.keys()]))
  }

  /** Holds what is under a name, if there is something. */
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
          if (named !== undefined) this.host.hold(value, named.tasks[0]!, [look.loan])
        } else {
          const named = found(value.name)
          if (named !== undefined) this.take(value.layer, named, look.loan)
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

  /** Holds the results that a collection mentions, and has it computed. */
  private take(layer: Layer, { tasks, lazy }: KnownNamed, loan: Loan): void {
    const { params } = layer.dependencies[0] as BlockwiseLayer
    const [param] = params
    const futures = param?.kind === 'values' ? (param.values as Future<unknown>[]) : []
    futures.forEach((future, i) => {
      this.host.hold(future, tasks[i]!, [loan])
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
        this.host.checkError(lazy, error, [loan])
      },
    )
  }

  /** Looks which names there are. */
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

  // In the end ---------------------------------------------------------------------------------------

  /** Looks at all names, once nothing goes wrong any more. */
  getAll(): void {
    void this.list()
    for (const name of this.world.names.all) this.get(name)
  }

  /** Takes away all names. */
  async deleteAll(): Promise<void> {
    const wait = this.host.waitFor('the names to go')
    for (const name of await this.client.listCollections()) {
      await this.client.deleteCollection(name)
    }
    wait()
  }
}
