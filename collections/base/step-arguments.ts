/**
 * Turns the arguments that users pass to operations into arguments of steps. Functions are captured
 * and values are copied here, when the operation is added, so later changes do not reach the graph.
 */

import { describeValue } from '../../core/base/describe-value.js'
import { capture } from '../../core/capture.js'
import { expressionFunction } from '../../core/expressions/expression.js'
import { isBeyondParameters } from '../../core/functions/source/parameter-count.js'
import type { BlockwiseInput, Layer } from '../../core/graph/layer.js'
import { extractLazyValues } from '../../core/graph/nested-values.js'
import { type Arg, arg } from '../../core/graph/recipe.js'
import { deepCopy } from '../../core/graph/serialized-params.js'
import { isArrayIndex } from './argument-checks.js'
import { layerOfKind } from './argument-kind.js'
import { Collection } from './collection.js'
import { delayedValueLayer } from './delayed-layers.js'
import { isLazy, type LazyOf, layerOfLazy } from './lazy-arguments.js'

/**
 * Captures a function, or the function of an expression. `operation` and `name` say in errors which
 * argument of which operation it is.
 */
export function functionArg(fn: unknown, operation: string, name: string): Arg {
  if (typeof fn === 'string') return arg.value(capture(expressionFunction(fn, operation)))
  if (typeof fn !== 'function') {
    throw new TypeError(
      `${operation}: ${name} must be a function, got ${describeValue(fn)}; an expression such as 'x * 2' is accepted too`,
    )
  }
  return arg.value(capture(fn))
}

/** Returns the argument for a key: a function of an item, the name of a field, or an index. */
export function keyArg(key: unknown, operation: string, name: string): Arg {
  if (typeof key === 'function') return functionArg(key, operation, name)
  if (typeof key === 'string' || isArrayIndex(key)) return arg.value(key)
  throw new TypeError(
    `${operation}: ${name} must be a function or the name of a field, got ${describeValue(key)}`,
  )
}

/** Returns the argument for a key that may be left out; the step then uses the item itself. */
export function optionalKeyArg(key: unknown, operation: string, name: string): Arg {
  return key === undefined ? arg.value(undefined) : keyArg(key, operation, name)
}

/**
 * Captures a function or copies a plain value. `path` says in errors which part of the call cannot
 * be sent.
 */
export function valueArg(value: unknown, path: readonly string[] = ['argument']): Arg {
  return arg.value(
    typeof value === 'function' ? capture(value, undefined, false) : deepCopy(value, path),
  )
}

/** The arguments that a user's function receives after the item or partition. */
interface ExtraArguments {
  /** One letter for each argument: `b` for a bag, `v` for a value, a lazy item or a future. */
  readonly layout: string
  readonly args: readonly Arg[]
  /** The inputs of the step after its first one. */
  readonly inputs: readonly BlockwiseInput[]
}

/**
 * Sorts the extra arguments of a function into bags, lazy items, futures and plain values. Lists and
 * plain objects may contain lazy items and futures, too.
 *
 * @param npartitions The number of partitions that bags must have. Undefined if no bag is allowed.
 * @throws RangeError for a bag with another number of partitions.
 */
export function extraArguments(
  operation: string,
  values: readonly unknown[],
  npartitions: number | undefined,
): ExtraArguments {
  const inputs: BlockwiseInput[] = []
  let layout = ''
  const args = values.map((value, i): Arg => {
    const bag = layerOfKind(value, 'bag')
    layout += bag === undefined ? 'v' : 'b'
    if (bag !== undefined) {
      assertPartitions(operation, bag, npartitions)
      return arg.input(inputs.push({ layer: bag }))
    }
    const item = layerOfKind(value, 'item')
    if (item !== undefined) return arg.input(inputs.push({ layer: item, axes: [] }))
    if (value instanceof Collection) {
      throw new TypeError(
        `${operation}: of collections, only bags and lazy items can be arguments, got ${describeValue(value)}`,
      )
    }
    const computed = layerOfValue(value)
    if (computed !== undefined) return arg.input(inputs.push({ layer: computed, axes: [] }))
    return valueArg(value, [operation, `argument ${i + 2}`])
  })
  return { layout, args, inputs }
}

/** Returns a layer of one block for a future, or for a list or object with lazy values in it. */
function layerOfValue(value: unknown): Layer | undefined {
  if (isLazy(value)) return layerOfLazy(value)
  const found: LazyOf<unknown>[] = []
  extractLazyValues(value, isLazy, found)
  return found.length === 0 ? undefined : delayedValueLayer(value, { name: 'argument' })
}

function assertPartitions(operation: string, bag: Layer, npartitions: number | undefined): void {
  if (npartitions === undefined) {
    throw new TypeError(
      `${operation}: a bag cannot be an argument here; give a lazy item or a value`,
    )
  }
  if (bag.numblocks[0] === npartitions) return
  throw new RangeError(
    `${operation}: the bags must have the same number of partitions, got ${npartitions} and ${bag.numblocks[0]}; see repartition`,
  )
}

/** A user's function with its extra arguments, as a step takes them. */
export interface FunctionCall {
  readonly fn: Arg
  readonly extra: ExtraArguments
}

/** Checks a user's function and its extra arguments; see `functionArg` and `extraArguments`. */
export function functionCall(
  operation: string,
  fn: unknown,
  values: readonly unknown[],
  npartitions: number | undefined,
): FunctionCall {
  // The items of an item, which `starmap` passes first, are not counted.
  if (operation !== 'starmap' && isBeyondParameters(fn, values.length + 1, values.at(-1))) {
    throw new TypeError(
      `${operation}: ${fn.name || 'the function'} has no parameter for ${describeValue(values.at(-1))}; arguments after the function are passed on to it, and there are no options`,
    )
  }
  return {
    fn: functionArg(fn, operation, 'fn'),
    extra: extraArguments(operation, values, npartitions),
  }
}
