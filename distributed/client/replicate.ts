/** Copies of results on several workers: chooses the workers and waits for the copies. */
import { assertAnnotations } from '../../core/graph/annotate.js'
import { assertOptions } from '../base/options.js'
import type { WorkerInfo } from '../protocol/info.js'
import type { ClusterInspection } from './cluster-inspection.js'
import type { Futures } from './futures/argument-types.js'
import type { Future } from './futures/future.js'
import { futuresOf, wait } from './futures/wait.js'

/** Options of `client.replicate`. */
export interface ReplicateOptions {
  /** Names or addresses of the workers to choose from. By default all. */
  readonly workers?: readonly string[] | undefined
  /**
   * The number of workers that are to have each result, those that have it already included. By
   * default all.
   */
  readonly n?: number | undefined
}

/** Submits a task that reads results on the worker at an address, where they then stay. */
type CopyResults = (address: string, results: readonly Future<unknown>[]) => Future<unknown>

/** Milliseconds between checks that the workers which get copies are still there. */
const checkInterval = 1000

/** Copies results to workers; fulfilled when the copies are there. */
export async function replicate(
  inspection: ClusterInspection,
  copyResults: CopyResults,
  futures: Futures,
  options: ReplicateOptions,
): Promise<void> {
  assertOptions(options, 'replicate', ['workers', 'n'])
  const { workers, n } = options
  if (workers !== undefined) assertAnnotations({ workers }, 'replicate')
  if (n !== undefined && !(Number.isInteger(n) && n >= 1))
    throw new RangeError(`replicate: n is a whole number from 1 on, got ${String(n)}`)
  const results = futuresOf(futures, 'replicate')
  if (results.length === 0) return
  const listWorkers = async (): Promise<readonly WorkerInfo[]> => {
    const found = await inspection.workers()
    if (workers === undefined) return found
    return found.filter(({ name, address }) => workers.includes(name) || workers.includes(address))
  }
  if (workers !== undefined) await inspection.workersNamed(workers, 'replicate')
  const chosen =
    n === undefined
      ? allResultsOn(await listWorkers(), results)
      : await chooseWorkers(inspection, results, n, listWorkers)
  const copies = [...chosen].map(([address, list]) => {
    return { address, future: copyResults(address, list) }
  })
  try {
    await waitForCopies(copies, listWorkers)
    for (const { future } of copies) if (future.status === 'error') throw await future.exception()
  } finally {
    for (const { future } of copies) future.release()
  }
}

/** Waits for the copies, except those on workers that leave meanwhile. */
async function waitForCopies(
  copies: readonly { readonly address: string; readonly future: Future<unknown> }[],
  listWorkers: () => Promise<readonly WorkerInfo[]>,
): Promise<void> {
  for (let pending = copies; ; ) {
    await wait(
      pending.map(({ future }) => future),
      { timeout: checkInterval },
    )
    pending = pending.filter(({ future }) => !future.done())
    if (pending.length === 0) return
    const present = new Set((await listWorkers()).map(({ address }) => address))
    pending = pending.filter(({ address }) => present.has(address))
  }
}

/** The results to copy, by the address of the worker. */
type ResultsByWorker = ReadonlyMap<string, readonly Future<unknown>[]>

function allResultsOn(
  workers: readonly WorkerInfo[],
  results: readonly Future<unknown>[],
): ResultsByWorker {
  return new Map(workers.map(({ address }) => [address, results]))
}

/** Chooses `n` workers for each result: those that have it first, then those that store least. */
async function chooseWorkers(
  inspection: ClusterInspection,
  results: readonly Future<unknown>[],
  n: number,
  listWorkers: () => Promise<readonly WorkerInfo[]>,
): Promise<ResultsByWorker> {
  // Before a result is computed, its holders and its size are not known.
  await wait(results)
  const [workers, holders] = await Promise.all([listWorkers(), inspection.whoHas(results)])
  const stored = new Map(workers.map(({ address, memory }) => [address, memory.stored]))
  const chosen = new Map<string, Future<unknown>[]>()
  for (const future of results) {
    const names = new Set(holders[future.key])
    const order = [...workers].sort((a, b) => {
      const byHolding = Number(names.has(b.name)) - Number(names.has(a.name))
      return byHolding === 0 ? stored.get(a.address)! - stored.get(b.address)! : byHolding
    })
    for (const { address, name } of order.slice(0, n)) {
      if (!names.has(name)) {
        stored.set(address, stored.get(address)! + (future.nbytes ?? 0) + 1)
      }
      const list = chosen.get(address)
      if (list === undefined) chosen.set(address, [future])
      else list.push(future)
    }
  }
  return chosen
}
