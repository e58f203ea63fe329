/**
 * The layers of delayed calls. Each has one block.
 *
 * A call that reads at most one lazy value is blockwise, so it can be fused with the task that makes
 * that value. A call of several is indexed and stays a task of its own: fusing would put work into one
 * task that can run in parallel.
 */
import { RepeatedCallSite } from '../../core/base/call-site.js'
import { countBlocks } from '../../core/base/keys.js'
import { operationReference } from '../../core/base/operations.js'
import { CapturedFunction, capture } from '../../core/capture.js'
import { withScopeAnnotations } from '../../core/graph/annotate.js'
import {
  type BlockNode,
  type BlockParam,
  BlockwiseLayer,
  dataLayer,
  IndexedLayer,
  type Layer,
} from '../../core/graph/layer.js'
import { extractLazyValues, insertValues } from '../../core/graph/nested-values.js'
import { ALIAS, type Annotations, type Arg, arg, type Step } from '../../core/graph/recipe.js'
import { SerializedParam, serializeParam } from '../../core/graph/serialized-params.js'
import { tokenize, tokenizeStrings } from '../../core/graph/tokenize.js'
import { isLazy, type LazyOf, layerOfLazy } from './lazy-arguments.js'

/** A call of a function with arguments that may be lazy or contain lazy values. */
interface DelayedCall {
  readonly fn: CapturedFunction | Function
  readonly args: readonly unknown[]
  /** The label of the task and the first part of its key. */
  readonly name: string
  /** Whether equal calls have equal keys. True by default. */
  readonly pure?: boolean
  readonly annotations?: Annotations | undefined
}

/** Returns the layer of a value that is not lazy itself but may contain lazy values. */
export function delayedValueLayer(
  value: unknown,
  { name, pure, annotations }: Omit<DelayedCall, 'fn' | 'args'>,
): Layer {
  const found: LazyOf<unknown>[] = []
  const { plain, paths } = extractLazyValues(value, isLazy, found)
  if (paths.length > 0)
    return delayedCallLayer({
      fn: insertValues,
      args: [plain, paths, ...found],
      name,
      pure,
      annotations,
    })
  const frozen = serializeParam(value, [name])
  return dataLayer(
    `${name}-${pure === false ? crypto.randomUUID() : tokenize('delayed', contentOf(frozen))}`,
    [],
    [frozen],
  )
}

/** Returns the layer of a delayed call. */
export function delayedCallLayer(call: DelayedCall): Layer {
  return new DelayedCalls(call).layer(call.args)
}

/** Makes the layers of the calls of one function. Calls of one line that differ only in values share what they can. */
export class DelayedCalls {
  private readonly functionToken: unknown
  private readonly sites = new RepeatedCallSite()
  /** The last call, without its parameters: a list of one. */
  private last: readonly BlockNode[] = none

  constructor(private readonly call: Omit<DelayedCall, 'args'>) {
    const { fn } = call
    this.functionToken = fn instanceof CapturedFunction ? fn.token : operationReference(fn)
  }

  /** Returns the layer of a call. `entry` is the function that the user called. */
  layer(args: readonly unknown[], entry?: Function): Layer {
    const builder = new CallBuilder(this.call.name)
    const callArgs: Arg[] = []
    for (let i = 0; i < args.length; i++) callArgs.push(builder.argument(args[i], i))
    const name = `${this.call.name}-${this.token(builder)}`
    const nodes = this.nodes(builder, callArgs, entry)
    const { recipe, inputs } = nodes[0]!
    const { layers, params } = builder
    if (layers.length > 1) {
      return new IndexedLayer({
        name,
        numblocks: none,
        // A list that has grown has room for more.
        dependencies: layers.slice(),
        nodes: params.length === 0 ? nodes : [{ recipe, inputs, params }],
      })
    }
    return new BlockwiseLayer({
      name,
      numblocks: none,
      recipe,
      inputs: layers.length === 0 ? none : [{ layer: layers[0]! }],
      params: params.length === 0 ? none : params.map(valueParam),
    })
  }

  private token({ shape, content, layers }: CallBuilder): string {
    if (this.call.pure === false) return crypto.randomUUID()
    if (content.length === 0 && typeof this.functionToken === 'string') {
      const names = layers.map(({ name }) => name)
      return tokenizeStrings('delayed', this.functionToken, shape, ...names)
    }
    const parts: unknown[] = ['delayed', this.functionToken, shape]
    for (const part of content) parts.push(part)
    for (const layer of layers) parts.push(layer.name)
    return tokenize(...parts)
  }

  /** Returns a call without its parameters, in a list: the last one, if that is equal. */
  private nodes(
    { steps, layers, params }: CallBuilder,
    args: readonly Arg[],
    entry: Function | undefined,
  ): readonly BlockNode[] {
    const { fn, name: label } = this.call
    const annotations = withScopeAnnotations(this.call.annotations)
    const last = this.last[0]?.recipe
    const isAlike =
      last !== undefined && steps.length === 0 && areSamePositions(last.steps[0]!.args, args)
    const site = this.sites.capture(entry, isAlike)
    if (isAlike && last.annotations === annotations && last.steps[0]!.site === site)
      return this.last
    const inputs: number[] = []
    for (let i = 0; i < layers.length; i++) inputs.push(i, 0)
    const recipe = {
      steps: [...steps, { fn, args, label, site }],
      inputs: layers.length,
      params: params.length,
      annotations,
    }
    const nodes = [{ recipe, inputs, params: none }]
    // What is kept must not hold values.
    if (steps.length === 0 && args.every(({ kind }) => kind !== 'value')) this.last = nodes
    return nodes
  }
}

const none: readonly never[] = []

const valueParam = (value: unknown): BlockParam => ({ kind: 'values', values: [value] })

function areSamePositions(a: readonly Arg[], b: readonly Arg[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!isSamePosition(a[i]!, b[i]!)) return false
  return true
}

function isSamePosition(a: Arg, b: Arg): boolean {
  return 'index' in a && 'index' in b && a.kind === b.kind && a.index === b.index
}

/** Returns a layer of one block for each block of a layer. */
export function singleBlockLayers(layer: Layer): Layer[] {
  return Array.from({ length: countBlocks(layer.numblocks) }, (_, block) => {
    const name = `delayed-${tokenize(layer.name, block)}`
    const nodes = [{ recipe: ALIAS, inputs: [0, block], params: [] }]
    return new IndexedLayer({ name, numblocks: [], dependencies: [layer], nodes })
  })
}

/** Turns the arguments of a call into arguments of a step, and collects what the step needs. */
class CallBuilder {
  /** The layers that the call reads, each an input of the task. */
  readonly layers: Layer[] = []
  readonly params: unknown[] = []
  /** Steps before the call that put computed lazy values into their containers. */
  readonly steps: Step[] = []
  /** The kind of each argument: `x` for a value, `f` for a function, the number of an input, or a list of inputs. */
  shape = ''
  /** The values and functions among the arguments. */
  readonly content: unknown[] = []
  /** The lazy values whose layers are read; with their positions, once a search would take longer. */
  private readonly lazies: LazyOf<unknown>[] = []
  private inputOf: Map<unknown, number> | undefined
  private readonly name: string

  constructor(name: string) {
    this.name = name
  }

  argument(value: unknown, position: number): Arg {
    if (isLazy(value)) {
      const input = this.input(value)
      this.shape += `${input.index},`
      return input
    }
    if (typeof value === 'function') {
      const captured = capture(value, undefined, false)
      this.shape += 'f'
      this.content.push(captured.token)
      return arg.value(captured)
    }
    const lazies: LazyOf<unknown>[] = []
    const { plain, paths } = extractLazyValues(value, isLazy, lazies)
    const param = this.param(serializeParam(plain, [this.name, `argument ${position + 1}`]))
    if (paths.length === 0) return param
    const inputs = lazies.map((lazy) => this.input(lazy))
    this.shape += `[${inputs.map(({ index }) => index)}]`
    const pathsParam = this.param(serializeParam(paths, ['paths']))
    return arg.step(this.steps.push({ fn: insertValues, args: [param, pathsParam, ...inputs] }) - 1)
  }

  private param(value: unknown): Arg {
    this.shape += 'x'
    this.content.push(contentOf(value))
    return arg.param(this.params.push(value) - 1)
  }

  private input(lazy: LazyOf<unknown>): InputArg {
    const known = this.inputOf === undefined ? this.lazies.indexOf(lazy) : this.inputOf.get(lazy)
    if (known !== undefined && known >= 0) return inputArg(known)
    const input = this.lazies.push(lazy) - 1
    this.layers.push(layerOfLazy(lazy))
    if (this.inputOf !== undefined) this.inputOf.set(lazy, input)
    else if (input === mostSearched) this.inputOf = new Map(this.lazies.map((one, i) => [one, i]))
    return inputArg(input)
  }
}

/** Up to so many lazy values are found by a search. */
const mostSearched = 8

type InputArg = Extract<Arg, { kind: 'input' }>

const firstInputs = Array.from({ length: mostSearched }, (_, index): InputArg => newInput(index))

function newInput(index: number): InputArg {
  return { kind: 'input', index }
}

const inputArg = (index: number): InputArg => firstInputs[index] ?? newInput(index)

function contentOf(value: unknown): unknown {
  return value instanceof SerializedParam ? value.stored : value
}
