/**
 * Sorted lists of items with their keys. Items with equal keys keep their order, and NaN comes last, whether the
 * order is ascending or descending.
 */
import { assertComparable, compareItems } from './compare-items.js'

/**
 * Items in the order of their keys. `keys` and `items` are the same list if items are their own keys: a typed array
 * if they are numbers.
 */
export interface SortedItems {
  readonly keys: readonly unknown[] | Float64Array
  readonly items: readonly unknown[] | Float64Array
}

/** Returns items as a list. */
export function listOfItems({ items }: SortedItems): readonly unknown[] {
  return items instanceof Float64Array ? Array.from(items) : items
}

/** Compares two keys: negative if the first one comes first. */
export type KeyOrder = (a: unknown, b: unknown) => number

/** Returns the order of keys. */
export function keyOrder(descending: boolean): KeyOrder {
  const sign = descending ? -1 : 1
  return (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') {
      if (a < b) return -sign
      if (a > b) return sign
      return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    }
    return sign * compareItems(a, b, 'sort')
  }
}

/** Sorts items by their keys. The lists may be changed. */
export function sortItems(
  { keys, items }: { readonly keys: readonly unknown[]; readonly items: readonly unknown[] },
  descending: boolean,
): SortedItems {
  if (keys.length > 0) assertComparable(keys[0], 'sort')
  if (keys === items) {
    const sorted = sortedKeys(keys, descending)
    return { keys: sorted, items: sorted }
  }
  const order = keyOrder(descending)
  const positions = Array.from(keys, (_, i) => i)
  if (keys.every((key) => typeof key === 'number')) sortNumbers(positions, keys, descending)
  else positions.sort((a, b) => order(keys[a], keys[b]))
  return { keys: positions.map((i) => keys[i]), items: positions.map((i) => items[i]) }
}

/** Sorts positions by numbers, which a typed array holds while they are compared. */
function sortNumbers(positions: number[], keys: readonly number[], descending: boolean): void {
  const numbers = Float64Array.from(keys, (key) => {
    return Number.isNaN(key) ? Number.POSITIVE_INFINITY : descending ? -key : key
  })
  const compare = (a: number, b: number): number => {
    const x = numbers[a]!
    const y = numbers[b]!
    return x < y ? -1 : x > y ? 1 : 0
  }
  const hasNaN = keys.some((key) => Number.isNaN(key))
  if (!hasNaN) positions.sort(compare)
  else {
    const nanLast = (a: number, b: number): number => {
      return compare(a, b) || Number(Number.isNaN(keys[a])) - Number(Number.isNaN(keys[b]))
    }
    positions.sort(nanLast)
  }
}

/** Sorts keys by themselves. Equal ones look alike, so the order of descending keys is that of ascending ones reversed. */
function sortedKeys(keys: readonly unknown[], descending: boolean): SortedItems['keys'] {
  const numbers = numbersWithoutSigns(keys)
  if (numbers !== undefined) {
    numbers.sort()
    if (descending) numbers.subarray(0, endOfNumbers(numbers)).reverse()
    return numbers
  }
  if (keys.every((key) => typeof key === 'string')) {
    const sorted = keys.toSorted()
    return descending ? sorted.reverse() : sorted
  }
  return keys.toSorted(keyOrder(descending))
}

/** Returns numbers as a typed array, which sorts them faster. Undefined for other keys, and for -0, which it puts before 0. */
function numbersWithoutSigns(keys: readonly unknown[]): Float64Array | undefined {
  const numbers = new Float64Array(keys.length)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]
    if (typeof key !== 'number' || Object.is(key, -0)) return undefined
    numbers[i] = key
  }
  return numbers
}

/** Merges sorted runs into one. Of equal keys, those of earlier runs come first. */
export function mergeSortedItems(runs: readonly SortedItems[], descending: boolean): SortedItems {
  if (runs.length === 1) return runs[0]!
  const numbers = runs.map((run) => run.keys).filter((keys) => keys instanceof Float64Array)
  if (numbers.length === runs.length) {
    const merged = mergeAllNumbers(numbers, descending)
    return { keys: merged, items: merged }
  }
  // The sort of the engine finds the sorted runs and merges them.
  const keys = runs.flatMap((run) => Array.from(run.keys))
  if (runs.every((run) => run.keys === run.items))
    return sortItems({ keys, items: keys }, descending)
  return sortItems({ keys, items: runs.flatMap(listOfItems) }, descending)
}

/** Returns the number of numbers before the NaN at the end of a sorted list. */
function endOfNumbers(numbers: Float64Array): number {
  let end = numbers.length
  while (end > 0 && Number.isNaN(numbers[end - 1]!)) end--
  return end
}

/** Merges sorted lists of numbers, two at a time. */
function mergeAllNumbers(runs: readonly Float64Array[], descending: boolean): Float64Array {
  if (runs.length === 1) return runs[0]!
  const half = runs.length >> 1
  const [a, b] = [runs.slice(0, half), runs.slice(half)].map((some) => {
    return mergeAllNumbers(some, descending)
  })
  return mergeNumbers(a!, b!, descending)
}

function mergeNumbers(a: Float64Array, b: Float64Array, descending: boolean): Float64Array {
  const merged = new Float64Array(a.length + b.length)
  const [endA, endB] = [endOfNumbers(a), endOfNumbers(b)]
  let [i, j, at] = [0, 0, 0]
  while (i < endA && j < endB) {
    const [x, y] = [a[i]!, b[j]!]
    if (descending ? x >= y : x <= y) {
      merged[at++] = x
      i++
    } else {
      merged[at++] = y
      j++
    }
  }
  merged.set(a.subarray(i, endA), at)
  merged.set(b.subarray(j, endB), at + endA - i)
  return merged.fill(Number.NaN, endA + endB)
}

/** A position in the sorted whole: that of an item of one of the runs. */
export interface SortBorder {
  readonly key: unknown
  readonly run: number
  readonly position: number
}

/** Every `stride`-th item of a run, as borders at which the whole may be cut. */
export function sampledBorders(run: SortedItems, number: number, most: number): SortBorder[] {
  const stride = Math.max(1, Math.ceil(run.keys.length / most))
  const borders: SortBorder[] = []
  for (let position = stride >> 1; position < run.keys.length; position += stride) {
    borders.push({ key: run.keys[position], run: number, position })
  }
  return borders
}

/**
 * Chooses the `count - 1` borders that cut the sorted whole into parts of about equal size, however often a key
 * occurs: equal keys are told apart by their run and position.
 *
 * @param samples The borders sampled of each run, each of which stands for `weight` items.
 */
export function chooseBorders(
  samples: readonly { readonly borders: readonly SortBorder[]; readonly weight: number }[],
  count: number,
  descending: boolean,
): SortBorder[] {
  const order = keyOrder(descending)
  const all = samples.flatMap(({ borders, weight }) =>
    borders.map((border) => ({ border, weight })),
  )
  all.sort((a, b) => {
    return (
      order(a.border.key, b.border.key) ||
      a.border.run - b.border.run ||
      a.border.position - b.border.position
    )
  })
  const total = all.reduce((sum, { weight }) => sum + weight, 0)
  const chosen: SortBorder[] = []
  let before = 0
  for (const { border, weight } of all) {
    while (
      chosen.length < count - 1 &&
      before + weight / 2 >= ((chosen.length + 1) * total) / count
    ) {
      chosen.push(border)
    }
    before += weight
  }
  while (all.length > 0 && chosen.length < count - 1) chosen.push(all.at(-1)!.border)
  return chosen
}

/** Returns where a run is cut by borders: the number of its items before each of them. */
export function cutsOfRun(
  keys: SortedItems['keys'],
  run: number,
  borders: readonly SortBorder[],
  descending: boolean,
): number[] {
  const order = keyOrder(descending)
  return borders.map((border) => {
    if (border.run === run) return border.position
    const includeEqual = run < border.run
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const compared = order(keys[middle], border.key)
      if (compared < 0 || (compared === 0 && includeEqual)) low = middle + 1
      else high = middle
    }
    return low
  })
}
