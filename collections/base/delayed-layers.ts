/**
 * The layers of delayed calls. Each has one block.
 *
 * A call that reads at most one lazy value is blockwise, so it can be fused with the task that makes
 * that value. A call of several is indexed and stays a task of its own: fusing would put work into one
 * task that can run in parallel.
 */
import { captureCallSite } from '../../core/base/call-site.js'
import { countBlocks } from '../../core/base/keys.js'
import { operationReference } from '../../core/base/operations.js'
import { CapturedFunction, capture } from '../../core/capture.js'
import { withScopeAnnotations } from '../../core/graph/annotate.js'
import { BlockwiseLayer, dataLayer, IndexedLayer, type Layer } from '../../core/graph/layer.js'
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
  return dataLayer(`${name}-${tokenOf(pure, contentOf(frozen))}`, [], [frozen])
}

/** Returns the layer of a delayed call. */
export function delayedCallLayer({ fn, args, name, pure, annotations }: DelayedCall): Layer {
  const site = captureCallSite()
  const builder = new CallBuilder(name)
  const callArgs = args.map((value, i) => builder.argument(value, i))
  const steps: Step[] = [...builder.steps, { fn, args: callArgs, label: name, site }]
  const { layers, inputs, params } = builder
  const functionToken = fn instanceof CapturedFunction ? fn.token : operationReference(fn)
  const inputNames = inputs.map((index) => layers[index]!.name)
  const token = tokenOf(pure, functionToken, builder.content, inputNames)
  const recipe = {
    steps,
    inputs: inputs.length,
    params: params.length,
    annotations: withScopeAnnotations(annotations),
  }
  const shared = { name: `${name}-${token}`, numblocks: [] }
  if (inputs.length <= 1)
    return new BlockwiseLayer({
      ...shared,
      recipe,
      inputs: layers.map((layer) => ({ layer })),
      params: params.map((value) => ({ kind: 'values', values: [value] })),
    })
  const node = { recipe, inputs: inputs.flatMap((index) => [index, 0]), params }
  return new IndexedLayer({ ...shared, dependencies: layers, nodes: [node] })
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
  /** The layers that the call reads, each once. */
  readonly layers: Layer[] = []
  /** For each input of the task, the index of its layer. */
  readonly inputs: number[] = []
  readonly params: unknown[] = []
  /** Steps before the call that put computed lazy values into their containers. */
  readonly steps: Step[] = []
  /** What the call's token is made of, apart from the function and the inputs. */
  readonly content: unknown[] = []
  private readonly inputOf = new Map<unknown, number>()
  private readonly name: string

  constructor(name: string) {
    this.name = name
  }

  argument(value: unknown, position: number): Arg {
    if (isLazy(value)) {
      this.content.push('lazy')
      return this.input(value)
    }
    if (typeof value === 'function') {
      const captured = capture(value, undefined, false)
      this.content.push(captured.token)
      return arg.value(captured)
    }
    const lazies: LazyOf<unknown>[] = []
    const { plain, paths } = extractLazyValues(value, isLazy, lazies)
    const param = this.param(serializeParam(plain, [this.name, `argument ${position + 1}`]))
    if (paths.length === 0) return param
    const inputs = lazies.map((lazy) => this.input(lazy))
    const pathsParam = this.param(serializeParam(paths, ['paths']))
    return arg.step(this.steps.push({ fn: insertValues, args: [param, pathsParam, ...inputs] }) - 1)
  }

  private param(value: unknown): Arg {
    this.content.push(contentOf(value))
    return arg.param(this.params.push(value) - 1)
  }

  private input(lazy: LazyOf<unknown>): Arg {
    let input = this.inputOf.get(lazy)
    if (input === undefined) {
      input = this.inputs.push(this.layers.push(layerOfLazy(lazy)) - 1) - 1
      this.inputOf.set(lazy, input)
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
