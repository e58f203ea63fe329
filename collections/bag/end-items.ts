/** The first and last items of a bag, for which no more partitions are computed than are needed. */
import { inspect } from 'node:util'
import type { Layer } from '../../core/graph/layer.js'
import { typeNameOf } from './item-type-names.js'

/** Computes some items of partitions `from` up to, but not including, `to`: `k` at most. */
type ComputeItems<T> = (k: number, from: number, to: number) => Promise<readonly T[]>

/** Returns the first `k` items. The number of partitions that are computed at once doubles. */
export async function firstItems<T>(
  k: number,
  npartitions: number,
  compute: ComputeItems<T>,
): Promise<T[]> {
  const items: T[] = []
  for (let from = 0; from < npartitions && items.length < k; ) {
    const to = Math.min(npartitions, from === 0 ? 1 : 2 * from)
    for (const item of await compute(k - items.length, from, to)) items.push(item)
    from = to
  }
  return items
}

/** Returns the last `k` items. The number of partitions that are computed at once doubles. */
export async function lastItems<T>(
  k: number,
  npartitions: number,
  compute: ComputeItems<T>,
): Promise<T[]> {
  let items: T[] = []
  for (let done = 0; done < npartitions && items.length < k; ) {
    const next = Math.min(npartitions, done === 0 ? 1 : 2 * done)
    const found = await compute(k - items.length, npartitions - next, npartitions - done)
    items = [...found, ...items]
    done = next
  }
  return items
}

/** The most items of a description's sample that are shown. */
const SHOWN_ITEMS = 5

/** Writes the description of a bag: its partitions, the chain, the type of its items, and some of them. */
export function descriptionOf(
  name: string,
  npartitions: number,
  layers: readonly Layer[],
  tasks: number,
  sample: readonly unknown[],
): string {
  const operations = layers.map((layer) => layer.name.slice(0, layer.name.lastIndexOf('-')))
  const shown = sample.slice(0, SHOWN_ITEMS).map((item) => `  ${shortened(item)}`)
  return [
    `${name}: ${npartitions} partition${npartitions === 1 ? '' : 's'}`,
    `chain:   ${operations.join(' → ')} (${tasks} task${tasks === 1 ? '' : 's'})`,
    `items:   ${typeNameOf(sample)} (of the first ${sample.length})`,
    ...shown,
  ].join('\n')
}

function shortened(item: unknown): string {
  const options = { depth: 2, maxArrayLength: 10, maxStringLength: 80 }
  const line = inspect(item, { ...options, breakLength: Number.POSITIVE_INFINITY, compact: true })
  return line.length > 160 ? `${line.slice(0, 160)}...` : line
}
