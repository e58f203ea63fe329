/**
 * `delayed(fn)(...args)`: calls as lazy values, for graphs that are neither bags nor arrays.
 */

import { checkArguments } from '../../core/base/argument-checks.js'
import { describeValue } from '../../core/base/describe-value.js'
import { capture } from '../../core/capture.js'
import { isBeyondParameters } from '../../core/functions/source/parameter-count.js'
import { assertAnnotations } from '../../core/graph/annotate.js'
import type { Layer } from '../../core/graph/layer.js'
import type { Annotations } from '../../core/graph/recipe.js'
import { DelayedCalls, delayedValueLayer, singleBlockLayers } from './delayed-layers.js'
import { Delayed } from './item.js'
import { isLazy, type LazyOf, layerOfLazy } from './lazy-arguments.js'

/** The options of `delayed`: the name and purity of its calls, and annotations of their tasks. */
export interface DelayedOptions extends Annotations {
  /** Whether equal calls are one task, computed once. True by default. */
  readonly pure?: boolean | undefined
  /** The name of the tasks in keys, errors and drawings. The function's own name by default. */
  readonly name?: string | undefined
}

/** An argument of type `T`: a value, a lazy value, or lists and plain objects that contain lazy values. */
export type DelayedArgument<T> =
  | T
  | LazyOf<T>
  | (T extends (...args: never[]) => unknown
      ? never
      : T extends object
        ? { readonly [K in keyof T]: DelayedArgument<T[K]> }
        : never)

/** `DelayedArgument` for each parameter. */
export type DelayedArguments<A extends readonly unknown[]> = {
  [K in keyof A]: DelayedArgument<A[K]>
}

/** A type with the lazy values in it replaced by what they compute to. */
export type Computed<T> =
  T extends LazyOf<infer R>
    ? R
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Computed<T[K]> }
      : T extends Record<string, unknown>
        ? { [K in keyof T]: Computed<T[K]> }
        : T

/** A function whose calls are delayed. */
export type DelayedFunction<A extends readonly unknown[], R> = (
  ...args: DelayedArguments<A>
) => Delayed<Awaited<R>>

/**
 * Delays the calls of a function. A call returns a lazy value at once; the function runs when that
 * value is computed. Arguments may be lazy values or contain them in lists and plain objects: delayed
 * calls, items, bags (passed as lists), arrays (passed with their elements), and futures. A value that
 * is no function becomes a lazy value itself.
 *
 * The function and its arguments are copied when the call is made. Equal calls are one task unless
 * `pure` is false; set that for functions that do not always return the same. Note that Dask's default
 * is the other way round.
 *
 * @throws NotPortableError for a value that cannot be sent, with the path to it.
 * @example
 * const add = delayed((a: number, b: number) => a + b)
 * await add(add(1, 2), 3).compute() // 6
 */
export function delayed<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options?: DelayedOptions,
): DelayedFunction<A, R>
export function delayed<const T>(value: T, options?: DelayedOptions): Delayed<Computed<T>>
export function delayed(value: unknown, options: DelayedOptions = {}): unknown {
  checkArguments('delayed', arguments, 2, 'delayed(fn, options)')
  assertDelayedOptions(options)
  const { pure = true, name, ...rest } = options
  const annotations = Object.keys(rest).length === 0 ? undefined : rest
  if (typeof value !== 'function') {
    if (value instanceof Delayed) return value
    if (isLazy(value)) return new Delayed(layerOfLazy(value))
    return new Delayed(delayedValueLayer(value, { name: name ?? 'data', pure, annotations }))
  }
  if (/^class\b/.test(Function.prototype.toString.call(value)))
    throw new TypeError(
      `delayed: ${value.name || 'this'} is a class, and delayed calls have no \`new\`; write \`delayed((x) => new ${value.name || 'Class'}(x))\``,
    )
  const fn = capture(value)
  const label = name ?? (fn.name || 'delayed')
  const calls = new DelayedCalls({ fn, name: label, pure, annotations })
  const call = (...args: unknown[]) => {
    if (isBeyondParameters(value, args.length, args.at(-1)))
      throw new TypeError(
        `delayed: ${label} has no parameter for ${describeValue(args.at(-1))}; options come first: delayed(fn, { retries: 2 })(...args)`,
      )
    return new Delayed(calls.layer(args, call))
  }
  return call
}

/** Returns each block of a layer as a lazy value. */
export function delayedBlocks<T>(layer: Layer): Delayed<T>[] {
  return singleBlockLayers(layer).map((block) => new Delayed<T>(block))
}

function assertDelayedOptions(options: unknown): asserts options is DelayedOptions {
  assertAnnotations(options, 'delayed', ['pure', 'name'])
  const { pure, name } = options as DelayedOptions
  if (pure !== undefined && typeof pure !== 'boolean')
    throw new TypeError(`delayed: pure is true or false, got ${describeValue(pure)}`)
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw new TypeError(
      `delayed: name must be a string that is not empty, got ${describeValue(name)}`,
    )
}
