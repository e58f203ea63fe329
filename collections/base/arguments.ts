/**
 * What users hand to operations: the checks, which fail at the call that got the argument, and how
 * an argument becomes part of a task.
 */

import { capture } from '../../core/capture.js'
import { expressionFunction } from '../../core/expressions/expression.js'
import type { BlockwiseInput, Layer } from '../../core/graph/layer.js'
import { type Arg, arg } from '../../core/graph/recipe.js'
import { deepCopy } from '../../core/graph/serialized-params.js'
import { Collection } from './collection.js'
import { show } from './options.js'

export { checkOptions } from './options.js'

/**
 * The function as it is now, or the function of an expression; `what` and `name` say which argument
 * of which operation it is.
 */
export function functionArg(fn: unknown, what: string, name: string): Arg {
  if (typeof fn === 'string') return arg.value(capture(expressionFunction(fn, what)))
  if (typeof fn !== 'function') {
    throw new TypeError(
      `${what}: ${name} must be a function, got ${show(fn)}; an expression such as 'x * 2' will do too`,
    )
  }
  return arg.value(capture(fn))
}

/** A key of an operation: a function of an item, or the name or place of a field. */
export function keyArg(key: unknown, what: string, name: string): Arg {
  if (typeof key === 'function') return functionArg(key, what, name)
  if (typeof key === 'string' || isPlace(key)) return arg.value(key)
  throw new TypeError(
    `${what}: ${name} must be a function or the name of a field, got ${show(key)}`,
  )
}

/** A key, or the item itself if there is none. */
export function optionalKeyArg(key: unknown, what: string, name: string): Arg {
  return key === undefined ? arg.value(undefined) : keyArg(key, what, name)
}

/** A plain value or a function as it is now; `path` says how an error names what cannot travel. */
export function valueArg(value: unknown, path: readonly string[] = ['argument']): Arg {
  return arg.value(
    typeof value === 'function' ? capture(value, undefined, false) : deepCopy(value, path),
  )
}

/** An initial value, if one was given: the steps take it in an object, or nothing. */
export function initialArg(value: unknown): Arg {
  return arg.value(value === undefined ? undefined : { value: deepCopy(value, ['initial']) })
}

/** Whether this is a place in an array. */
export function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A whole number of at least `least`. */
export function wholeNumber(value: unknown, least: number, what: string, name: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number
  throw new RangeError(
    `${what}: ${name} must be a whole number of at least ${least}, got ${show(value)}`,
  )
}

/** How many partial values are joined at a time; `false` is all at once. */
export function fanIn(splitEvery: unknown, what: string): number {
  if (splitEvery === undefined) return 8
  if (splitEvery === false) return Number.POSITIVE_INFINITY
  if (Number.isSafeInteger(splitEvery) && (splitEvery as number) >= 2) return splitEvery as number
  throw new RangeError(
    `${what}: splitEvery must be a whole number of at least 2, or false, got ${show(splitEvery)}`,
  )
}

/** Says of a collection whether it is a bag or a lazy value; other collections have no kind. */
export const kind: unique symbol = Symbol('skein.bag.kind')

/** The layer of a bag or of a lazy value; undefined if the value is not one. */
export function layerOf(value: unknown, wanted: 'bag' | 'item'): Layer | undefined {
  if (!(value instanceof Collection)) return undefined
  return (value as { [kind]?: string })[kind] === wanted ? value.layer : undefined
}

/** Arguments that stand beside a function, as a step takes them. */
export interface MixedArguments {
  /** `b` for each bag, `v` for each value or lazy value; empty if all are missing. */
  readonly layout: string
  readonly args: readonly Arg[]
  /** What the step reads besides its first input. */
  readonly inputs: readonly BlockwiseInput[]
}

/** Sorts out other bags (of as many partitions), lazy values and plain ones. */
export function mixedArguments(
  what: string,
  values: readonly unknown[],
  npartitions: number | undefined,
): MixedArguments {
  const inputs: BlockwiseInput[] = []
  let layout = ''
  const args = values.map((value, i): Arg => {
    const bag = layerOf(value, 'bag')
    layout += bag === undefined ? 'v' : 'b'
    if (bag !== undefined) {
      assertPartitions(what, bag, npartitions)
      return arg.input(inputs.push({ layer: bag }))
    }
    const item = layerOf(value, 'item')
    if (item !== undefined) return arg.input(inputs.push({ layer: item, axes: [] }))
    if (value instanceof Collection) {
      throw new TypeError(
        `${what}: of collections, only bags and lazy items can be arguments, got ${show(value)}`,
      )
    }
    return valueArg(value, [what, `argument ${i + 2}`])
  })
  return { layout, args, inputs }
}

function assertPartitions(what: string, bag: Layer, npartitions: number | undefined): void {
  if (npartitions === undefined) {
    throw new TypeError(`${what}: a bag cannot be an argument here; give a lazy item or a value`)
  }
  if (bag.numblocks[0] === npartitions) return
  throw new RangeError(
    `${what}: bags that are worked on together must have the same number of partitions, got ${npartitions} and ${bag.numblocks[0]}; see repartition`,
  )
}
