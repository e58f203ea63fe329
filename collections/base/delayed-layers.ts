/**
 * The layers of delayed calls. Each has one block.
 *
 * A call that reads at most one lazy value is blockwise, so it can be fused with the task that makes
 * that value. A call of several is indexed and stays a task of its own: fusing would put work into one
 * task that can run in parallel.
 */
import { type CallSite, captureCallSite } from '../../core/base/call-site.js'
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
import { tokenize } from '../../core/graph/tokenize.js'
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
  /** The last call, without its parameters. */
  private last: BlockNode | undefined

  constructor(private readonly call: Omit<DelayedCall, 'args'>) {
    const { fn } = call
    this.functionToken = fn instanceof CapturedFunction ? fn.token : operationReference(fn)
  }

  /** Returns the layer of a call. `entry` is the function that the user called. */
  layer(args: readonly unknown[], entry?: Function): Layer {
    const site = captureCallSite(entry)
    const builder = new CallBuilder(this.call.name)
    const callArgs: Arg[] = []
    for (let i = 0; i < args.length; i++) callArgs.push(builder.argument(args[i], i))
    const name = `${this.call.name}-${this.token(builder)}`
    const node = this.node(builder, callArgs, site)
    const { recipe, inputs } = node
    const { layers, params } = builder
    if (layers.length > 1) {
      const nodes = params.length === 0 ? [node] : [{ recipe, inputs, params }]
      // A list that has grown has room for more.
      return new IndexedLayer({ name, numblocks: none, dependencies: layers.slice(), nodes })
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
    const parts: unknown[] = ['delayed', this.functionToken, shape]
    for (const part of content) parts.push(part)
    for (const layer of layers) parts.push(layer.name)
    return tokenize(...parts)
  }

  /** Returns a call without its parameters: the last one, if that is equal. */
  private node(
    { steps, layers, params }: CallBuilder,
    args: readonly Arg[],
    site: CallSite,
  ): BlockNode {
    const { fn, name: label } = this.call
    const annotations = withScopeAnnotations(this.call.annotations)
    const { last } = this
    if (
      last !== undefined &&
      steps.length === 0 &&
      last.recipe.annotations === annotations &&
      isStep(last.recipe.steps[0]!, args, site)
    )
      return last
    const inputs: number[] = []
    for (let i = 0; i < layers.length; i++) inputs.push(i, 0)
    const recipe = {
      steps: [...steps, { fn, args, label, site }],
      inputs: layers.length,
      params: params.length,
      annotations,
    }
    const node = { recipe, inputs, params: none }
    // What is kept must not hold values.
    if (steps.length === 0 && args.every(({ kind }) => kind !== 'value')) this.last = node
    return node
  }
}

const none: readonly never[] = []

const valueParam = (value: unknown): BlockParam => ({ kind: 'values', values: [value] })

/** Whether a step was made at this line with these arguments. */
function isStep(step: Step, args: readonly Arg[], site: CallSite): boolean {
  if (step.site !== site || step.args.length !== args.length) return false
  return step.args.every((a, i) => isSamePosition(a, args[i]!))
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

  private input(lazy: LazyOf<unknown>) {
    this.inputOf ??= new Map()
    let input = this.inputOf.get(lazy)
    if (input === undefined) {
      input = this.layers.push(layerOfLazy(lazy)) - 1
      this.inputOf.set(lazy, input)
    }
    return { kind: 'input', index: input } as const
  }
}

function contentOf(value: unknown): unknown {
  return value instanceof SerializedParam ? value.stored : value
}
