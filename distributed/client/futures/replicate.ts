/** Copies of results on several workers: who is to have them, and that they come. */
import { assertAnnotations } from '../../../core/graph/annotate.js'
import { assertOptions } from '../../base/options.js'
import type { WhoHas, WorkerInfo } from '../../protocol/info.js'
import type { Futures } from './argument-types.js'
import type { Future } from './future.js'
import { futuresOf, wait } from './wait.js'

/** Which workers are to have copies. */
export interface ReplicateOptions {
  /** Names or addresses; by default all workers. */
  readonly workers?: readonly string[] | undefined
  /** How many of them; by default all. Those that have a result already are counted. */
  readonly n?: number | undefined
}

/** What copying needs of the client. */
export interface CopyHost {
  workers(): Promise<readonly WorkerInfo[]>
  whoHas(futures: readonly Future<unknown>[]): Promise<WhoHas>
  /** Runs a task on a worker that reads results, which then stay there. */
  acquire(address: string, results: readonly Future<unknown>[]): Future<unknown>
}

/** Has copies of results kept on workers; fulfilled when they are there. */
export async function replicate(
  host: CopyHost,
  futures: Futures,
  options: ReplicateOptions,
): Promise<void> {
  assertOptions(options, 'replicate', ['workers', 'n'])
  const { workers, n } = options
  if (workers !== undefined) assertAnnotations({ workers }, 'replicate')
  if (n !== undefined && !(Number.isInteger(n) && n >= 1))
    throw new RangeError(`replicate: n is a whole number from 1 on, got ${String(n)}`)
  const all = futuresOf(futures, 'replicate')
  if (all.length === 0) return
  const present = async (): Promise<readonly WorkerInfo[]> => {
    const found = await host.workers()
    if (workers === undefined) return found
    return found.filter(({ name, address }) => workers.includes(name) || workers.includes(address))
  }
  const chosen =
    n === undefined ? everywhere(await present(), all) : await some(host, all, n, present)
  const copies = [...chosen].map(([address, results]) => {
    return { address, future: host.acquire(address, results) }
  })
  try {
    await whileThere(copies, present)
    for (const { future } of copies) if (future.status === 'error') throw await future.exception()
  } finally {
    for (const { future } of copies) future.release()
  }
}

/** Waits for copies, as long as the workers are there that are to have them. */
async function whileThere(
  copies: readonly { readonly address: string; readonly future: Future<unknown> }[],
  present: () => Promise<readonly WorkerInfo[]>,
): Promise<void> {
  for (let pending = copies; ; ) {
    await wait(
      pending.map(({ future }) => future),
      { timeout: 1000 },
    )
    pending = pending.filter(({ future }) => !future.done())
    if (pending.length === 0) return
    const there = new Set((await present()).map(({ address }) => address))
    pending = pending.filter(({ address }) => there.has(address))
  }
}

type Chosen = ReadonlyMap<string, readonly Future<unknown>[]>

function everywhere(workers: readonly WorkerInfo[], all: readonly Future<unknown>[]): Chosen {
  return new Map(workers.map(({ address }) => [address, all]))
}

/** For each result so many workers: those that have it, and then those that hold least. */
async function some(
  host: CopyHost,
  all: readonly Future<unknown>[],
  n: number,
  present: () => Promise<readonly WorkerInfo[]>,
): Promise<Chosen> {
  // Until it is there nobody knows who has it, nor how large it is.
  await wait(all)
  const [workers, holders] = await Promise.all([present(), host.whoHas(all)])
  const load = new Map(workers.map(({ address, memory }) => [address, memory.stored]))
  const chosen = new Map<string, Future<unknown>[]>()
  for (const future of all) {
    const has = new Set(holders[future.key])
    const order = [...workers].sort((a, b) => {
      const first = Number(has.has(b.name)) - Number(has.has(a.name))
      return first === 0 ? load.get(a.address)! - load.get(b.address)! : first
    })
    for (const { address, name } of order.slice(0, n)) {
      if (!has.has(name)) load.set(address, load.get(address)! + (future.nbytes ?? 0) + 1)
      const list = chosen.get(address)
      if (list === undefined) chosen.set(address, [future])
      else list.push(future)
    }
  }
  return chosen
}
