/**
 * Delayed calls: `delayed(fn)(...args)` is a lazy value that is made of other lazy values, for graphs
 * that are neither bags nor arrays.
 *
 * A call is one task, a layer of one block. One that reads a single lazy value joins the task that makes
 * it, where nobody else reads that; calls that read several stay apart, so that they can run side by side.
 */

import { captureCallSite } from '../../core/base/call-site.js'
import { countBlocks } from '../../core/base/keys.js'
import { operationReference, operations } from '../../core/base/operations.js'
import { CapturedFunction, capture } from '../../core/capture.js'
import { assertAnnotations, withScopeAnnotations } from '../../core/graph/annotate.js'
import { BlockwiseLayer, dataLayer, IndexedLayer, type Layer } from '../../core/graph/layer.js'
import { extractLazyValues, insertValues } from '../../core/graph/nested-values.js'
import { ALIAS, type Annotations, type Arg, arg, type Step } from '../../core/graph/recipe.js'
import { SerializedParam, serializeParam } from '../../core/graph/serialized-params.js'
import { tokenize } from '../../core/graph/tokenize.js'
import { Item } from './item.js'
import { isLazy, type LazyOf, layerOfLazy } from './lazy.js'
import { show } from './options.js'

/** How calls are delayed. */
export interface DelayedOptions extends Annotations {
  /** Whether equal calls are one task, computed once; true by default. */
  readonly pure?: boolean | undefined
  /** What tasks are called in keys, errors and drawings, instead of the function's own name. */
  readonly name?: string | undefined
}

/** What may be given where a value is wanted: the value, a lazy one, or lists and objects with some in them. */
export type DelayedArgument<T> =
  | T
  | LazyOf<T>
  | (T extends (...args: never[]) => unknown
      ? never
      : T extends object
        ? { readonly [K in keyof T]: DelayedArgument<T[K]> }
        : never)

/** Arguments, one for each parameter. */
export type DelayedArguments<A extends readonly unknown[]> = {
  [K in keyof A]: DelayedArgument<A[K]>
}

/** The value with all that is lazy in it computed. */
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

/** A value that is not computed yet: a call, or data that others read. */
export class Delayed<T> extends Item<T> {
  /** The key of its task. */
  get key(): string {
    return this.layer.key(0)
  }

  /** A field or an item of the value, as another lazy value: `delayed(load)(path).at('rows')`. */
  at<K extends keyof T & (string | number)>(name: K): Delayed<T[K]> {
    if (typeof name !== 'string' && typeof name !== 'number')
      throw new TypeError(
        `at: expected the name of a field or the place of an item, got ${show(name)}`,
      )
    return makeDelayed({ fn: partOf, args: [this, name], name: 'at' }) as Delayed<T[K]>
  }

  protected override describe() {
    return { reviver: operationReference(reviveDelayed)!, meta: undefined }
  }

  protected override withLayer(layer: Layer): this {
    return new Delayed<T>(layer) as this
  }

  override toString(): string {
    return `Delayed<${this.name}>`
  }
}

/**
 * Delays the calls of a function: each gives a lazy value at once, and runs when that, or what is made
 * of it, is computed. Arguments may be lazy themselves, or hold lazy values in lists and plain
 * objects: delayed calls, items, bags (their list), arrays (their elements), futures. Anything but a
 * function becomes a lazy value itself.
 *
 * Functions and arguments are copied when the call is made. Equal calls are one task unless `pure` is
 * false: say so for what does not always give the same.
 *
 * @throws NotPortableError, with the path to it, for what cannot travel.
 * @example
 * const add = delayed((a: number, b: number) => a + b)
 * await add(add(1, 2), 3).compute() // 6
 */
export function delayed<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options?: DelayedOptions,
): DelayedFunction<A, R>
export function delayed<const T>(value: T, options?: DelayedOptions): Delayed<Computed<T>>
export function delayed(given: unknown, options: DelayedOptions = {}): unknown {
  assertDelayedOptions(options)
  const { pure = true, name, ...rest } = options
  const annotations = Object.keys(rest).length === 0 ? undefined : rest
  if (typeof given !== 'function') return makeValue(given, { pure, name, annotations })
  if (/^class\b/.test(Function.prototype.toString.call(given)))
    throw new TypeError(
      `delayed: ${given.name || 'this'} is a class, and calls have no \`new\`; write \`delayed((x) => new ${given.name || 'Class'}(x))\``,
    )
  const fn = capture(given)
  return (...args: unknown[]) =>
    makeDelayed({ fn, args, name: name ?? (fn.name || 'delayed'), pure, annotations })
}

interface CallSpec {
  readonly fn: CapturedFunction | Function
  readonly args: readonly unknown[]
  readonly name: string
  readonly pure?: boolean
  readonly annotations?: Annotations | undefined
}

function makeValue(
  value: unknown,
  {
    pure,
    name = 'data',
    annotations,
  }: Omit<CallSpec, 'fn' | 'args' | 'name'> & { name?: string | undefined },
): Delayed<unknown> {
  if (value instanceof Delayed) return value
  if (isLazy(value)) return new Delayed(layerOfLazy(value))
  const found: LazyOf<unknown>[] = []
  const { plain, paths } = extractLazyValues(value, isLazy, found)
  if (paths.length > 0)
    return makeDelayed({
      fn: insertValues,
      args: [plain, paths, ...found],
      name,
      pure,
      annotations,
    })
  const rest = serializeParam(value, [name])
  return new Delayed(dataLayer(`${name}-${tokenOf(pure, contentOf(rest))}`, [], [rest]))
}

/** A layer of one call, and the lazy value that it is. */
function makeDelayed({ fn, args, name, pure, annotations: given }: CallSpec): Delayed<unknown> {
  const site = captureCallSite()
  const lazies: LazyOf<unknown>[] = []
  const inputs = new InputLayers()
  const params: unknown[] = []
  const content: unknown[] = []
  const steps: Step[] = []
  const paramOf = (value: unknown): Arg => {
    content.push(contentOf(value))
    return arg.param(params.push(value) - 1)
  }
  const callArgs = args.map((value, i): Arg => {
    if (isLazy(value)) {
      content.push('lazy')
      return inputs.add(value)
    }
    if (typeof value === 'function') {
      const captured = capture(value, undefined, false)
      content.push(captured.token)
      return arg.value(captured)
    }
    const from = lazies.length
    const { plain, paths } = extractLazyValues(value, isLazy, lazies)
    const param = paramOf(serializeParam(plain, [name, `argument ${i + 1}`]))
    if (paths.length === 0) return param
    const filled = lazies.slice(from).map((lazy) => inputs.add(lazy))
    steps.push({
      fn: insertValues,
      args: [param, paramOf(serializeParam(paths, ['paths'])), ...filled],
    })
    return arg.step(steps.length - 1)
  })
  steps.push({ fn, args: callArgs, label: name, site })
  const { layers } = inputs
  const what = fn instanceof CapturedFunction ? fn.token : operationReference(fn)
  const wiring = inputs.order.map((at) => layers[at]!.name)
  const token = tokenOf(pure, what, content, wiring)
  const recipe = {
    steps,
    inputs: inputs.order.length,
    params: params.length,
    annotations: withScopeAnnotations(given),
  }
  const shared = { name: `${name}-${token}`, numblocks: [] }
  if (inputs.order.length <= 1)
    return new Delayed(
      new BlockwiseLayer({
        ...shared,
        recipe,
        inputs: layers.map((layer) => ({ layer })),
        params: params.map((value) => ({ kind: 'values', values: [value] })),
      }),
    )
  const node = { recipe, inputs: inputs.order.flatMap((at) => [at, 0]), params }
  return new Delayed(new IndexedLayer({ ...shared, dependencies: layers, nodes: [node] }))
}

/** The blocks of a layer, each as a lazy value. */
export function delayedBlocks<T>(layer: Layer): Delayed<T>[] {
  return Array.from({ length: countBlocks(layer.numblocks) }, (_, block) => {
    const name = `delayed-${tokenize(layer.name, block)}`
    const nodes = [{ recipe: ALIAS, inputs: [0, block], params: [] }]
    return new Delayed<T>(new IndexedLayer({ name, numblocks: [], dependencies: [layer], nodes }))
  })
}

/** The layers that a call reads, each once. */
class InputLayers {
  readonly layers: Layer[] = []
  /** For each input of the task the place of its layer. */
  readonly order: number[] = []
  private readonly places = new Map<unknown, number>()

  add(lazy: LazyOf<unknown>): Arg {
    let input = this.places.get(lazy)
    if (input === undefined) {
      input = this.order.push(this.layers.push(layerOfLazy(lazy)) - 1) - 1
      this.places.set(lazy, input)
    }
    return arg.input(input)
  }
}

function contentOf(value: unknown): unknown {
  return value instanceof SerializedParam ? value.stored : value
}

function tokenOf(pure: boolean | undefined, ...content: readonly unknown[]): string {
  return pure === false ? crypto.randomUUID() : tokenize('delayed', ...content)
}

function assertDelayedOptions(options: unknown): asserts options is DelayedOptions {
  assertAnnotations(options, 'delayed', ['pure', 'name'])
  const { pure, name } = options as DelayedOptions
  if (pure !== undefined && typeof pure !== 'boolean')
    throw new TypeError(`delayed: pure is true or false, got ${show(pure)}`)
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw new TypeError(`delayed: name is a text, got ${show(name)}`)
}

/** A field or an item of a value. */
export function partOf(value: unknown, name: string | number): unknown {
  if (value === null || value === undefined)
    throw new TypeError(`there is no '${name}' of ${String(value)}`)
  return (value as Record<string | number, unknown>)[name]
}

/** The lazy value that a layer of one block stands for. */
export function reviveDelayed(layer: Layer): Delayed<unknown> {
  return new Delayed(layer)
}

operations('collections/base/delayed', { partOf, reviveDelayed })
