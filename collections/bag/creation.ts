/**
 * How bags begin: from items that are there, from numbers, from files, and from other bags.
 */

import { dataLayer } from '../../core/graph/layer.js'
import { arg } from '../../core/graph/recipe.js'
import { serializeParam } from '../../core/graph/serialized-params.js'
import { checkOptions, checkWholeNumber } from '../base/argument-checks.js'
import { describeValue } from '../base/describe-value.js'
import {
  aliasLayer,
  blockwiseLayer,
  indexedLayer,
  layerName,
  operationInfo,
} from '../base/layer-builders.js'
import { isLazy, type LazyOf, layerOfLazy } from '../base/lazy-arguments.js'
import { layerOfKind } from '../base/step-arguments.js'
import { Bag } from './bag.js'
import { planText, type ReadTextOptions } from './io/text-files.js'
import { readTextStep } from './io/text-steps.js'
import { zipStep } from './steps/item-steps.js'
import { listStep, rangeStep } from './steps/partition-steps.js'

/** How many partitions, or how many items in each; one of the two. */
export interface PartitionOptions {
  readonly npartitions?: number | undefined
  readonly partitionSize?: number | undefined
}

/**
 * A bag of items that are there already, in `npartitions` partitions of even size (100 by default),
 * or in partitions of `partitionSize` items. No partition is empty, unless there are no items.
 */
export function fromSequence<T>(items: Iterable<T>, options: PartitionOptions = {}): Bag<T> {
  checkOptions(options, ['npartitions', 'partitionSize'], 'fromSequence')
  if (items === null || items === undefined || typeof items[Symbol.iterator] !== 'function') {
    throw new TypeError(`fromSequence: the items must be an iterable, got ${describeValue(items)}`)
  }
  const list = Array.from(items)
  const { npartitions, partitionSize } = options
  if (npartitions !== undefined && partitionSize !== undefined) {
    throw new TypeError('fromSequence: give npartitions or partitionSize, not both')
  }
  let borders: (i: number) => number
  let count: number
  if (partitionSize !== undefined) {
    const size = checkWholeNumber(partitionSize, 1, 'fromSequence', 'partitionSize')
    count = Math.max(1, Math.ceil(list.length / size))
    borders = (i) => i * size
  } else {
    const wanted = checkWholeNumber(npartitions ?? 100, 1, 'fromSequence', 'npartitions')
    count = Math.max(1, Math.min(wanted, list.length))
    borders = (i) => Math.ceil((list.length * i) / count)
  }
  const parts = Array.from({ length: count }, (_, i) => list.slice(borders(i), borders(i + 1)))
  const frozen = parts.map((part) => serializeParam(part, ['fromSequence', 'items']))
  return new Bag(dataLayer(layerName('fromSequence', parts), [count], frozen))
}

/**
 * Whole numbers: `range(3)` has 0, 1, 2, and `range(5, 0, -2)` has 5, 3, 1. They are made where they
 * are used. `npartitions` is 100 by default, or as many as there are numbers.
 */
export function range(stop: number, options?: { readonly npartitions?: number }): Bag<number>
export function range(
  start: number,
  stop: number,
  options?: { readonly npartitions?: number },
): Bag<number>
export function range(
  start: number,
  stop: number,
  step: number,
  options?: { readonly npartitions?: number },
): Bag<number>
export function range(...given: unknown[]): Bag<number> {
  const last = given.at(-1)
  const hasOptions = given.length > 0 && (typeof last === 'object' || last === undefined)
  const options = hasOptions ? ((given.pop() ?? {}) as PartitionOptions) : {}
  checkOptions(options, ['npartitions'], 'range')
  if (given.length === 0 || given.length > 3) {
    throw new TypeError('range: give stop, or start and stop, or start, stop and step')
  }
  const names = given.length === 1 ? ['stop'] : ['start', 'stop', 'step']
  const numbers = given.map((value, i) => {
    return checkWholeNumber(value, Number.MIN_SAFE_INTEGER, 'range', names[i]!)
  })
  const [start, stop, step] =
    numbers.length === 1 ? [0, numbers[0]!, 1] : [numbers[0]!, numbers[1]!, numbers[2] ?? 1]
  if (step === 0) throw new RangeError('range: step must not be 0')
  const count = Math.max(0, Math.ceil((stop - start) / step))
  const wanted = options.npartitions ?? Math.min(100, Math.max(1, count))
  const npartitions = checkWholeNumber(wanted, 1, 'range', 'npartitions')
  const whole = { start, step, count, npartitions }
  const fn = { fn: rangeStep, args: [arg.param(0), arg.value(whole)] }
  const params = [{ kind: 'block' } as const]
  return new Bag(blockwiseLayer(operationInfo('range'), fn, [], { npartitions, params }))
}

/**
 * The lines of text files, read where they are used and never whole. Paths may be patterns (`*`,
 * `**`, `?`, `{a,b}`), whose files come in natural order; large files are cut into partitions.
 *
 * @example db.readText('logs/2024-*.log.gz')
 */
export function readText(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadTextOptions & { readonly includePath: true },
): Bag<[line: string, path: string]>
export function readText(
  patterns: string | URL | readonly (string | URL)[],
  options?: ReadTextOptions,
): Bag<string>
export function readText(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadTextOptions = {},
): unknown {
  const names = ['blocksize', 'filesPerPartition', 'compression', 'encoding', 'linedelimiter']
  checkOptions(options, [...names, 'keepLineEnds', 'includePath'], 'readText')
  const { files, partitions, format } = planText(patterns, options)
  const step = {
    fn: readTextStep,
    args: [arg.param(0), arg.value(format), arg.value(files.map(({ changed }) => changed))],
  }
  const params = [{ kind: 'values', values: partitions } as const]
  return new Bag(
    blockwiseLayer(operationInfo('readText'), step, [], { npartitions: partitions.length, params }),
  )
}

/** The partitions of several bags one after another; nothing is copied. */
export function concat<T>(bags: readonly Bag<T>[]): Bag<T> {
  if (!Array.isArray(bags)) {
    throw new TypeError(`concat: give an array of bags, got ${describeValue(bags)}`)
  }
  if (bags.length === 0) throw new RangeError('concat: give at least one bag')
  const layers = [...new Set(bags.map((bag, i) => bagLayer(bag, 'concat', i)))]
  const blocks = bags.flatMap(({ layer, npartitions }) =>
    Array.from({ length: npartitions }, (_, block) => [layers.indexOf(layer), block] as const),
  )
  return new Bag(aliasLayer('concat', layers, blocks))
}

/**
 * A bag of lazy lists, each a partition: delayed calls that give lists or other iterables, items, or
 * futures of such.
 * @example db.fromDelayed(files.map((file) => delayed(readRows)(file)))
 */
export function fromDelayed<T>(
  values: Iterable<LazyOf<Iterable<T>>> | LazyOf<Iterable<T>>,
): Bag<T> {
  const list = isLazy(values) ? [values] : listOf(values)
  const layers = list.map((value, i) => {
    if (isLazy(value)) return layerOfLazy(value)
    throw new TypeError(
      `fromDelayed: value ${i + 1} must be lazy, such as delayed(fn)(...), got ${describeValue(value)}`,
    )
  })
  if (layers.length === 0) throw new RangeError('fromDelayed: give at least one lazy value')
  const blocks = layers.map((_, i) => ({ inputs: [i, 0] }))
  return new Bag(indexedLayer(operationInfo('fromDelayed'), { fn: listStep }, layers, blocks))
}

function listOf(values: unknown): unknown[] {
  const isList = typeof values === 'object' && values !== null && Symbol.iterator in values
  if (isList) return [...(values as Iterable<unknown>)]
  throw new TypeError(`fromDelayed: give a list of lazy values, got ${describeValue(values)}`)
}

/** Items of several bags side by side, as arrays: the bags must have the same partitions. */
export function zip<T extends readonly unknown[]>(
  ...bags: { readonly [I in keyof T]: Bag<T[I]> }
): Bag<T> {
  if (bags.length === 0) throw new RangeError('zip: give at least one bag')
  const inputs = bags.map((bag, i) => ({ layer: bagLayer(bag, 'zip', i) }))
  const npartitions = inputs[0]!.layer.numblocks[0]!
  for (const { layer } of inputs) {
    if (layer.numblocks[0] === npartitions) continue
    throw new RangeError(
      `zip: the bags must have the same number of partitions, got ${npartitions} and ${layer.numblocks[0]}; see repartition`,
    )
  }
  const args = inputs.map((_, i) => arg.input(i))
  return new Bag(blockwiseLayer(operationInfo('zip'), { fn: zipStep, args }, inputs))
}

function bagLayer(bag: unknown, what: string, place: number) {
  const layer = layerOfKind(bag, 'bag')
  if (layer !== undefined) return layer
  throw new TypeError(`${what}: argument ${place + 1} must be a bag, got ${describeValue(bag)}`)
}
