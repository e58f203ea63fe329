import { checkArguments, checkOptions } from '../../base/argument-checks.js'
import type { Key } from '../../base/keys.js'
import { dependenciesOf, type Graph, type Node } from '../graph.js'
import { arg, inputsOfArg, mapArg, type Recipe } from '../recipe.js'

/**
 * Inlines data into the tasks that read it, and replaces aliases by their targets. Requested keys are kept.
 *
 *     { x: 1, y: alias(x), z: add(y, 2) }, ['z']  ->  { z: add(1, 2) }
 *
 * Data that several tasks read is inlined into each of them, so it should be small. Data that more than
 * `maxReaders` tasks read is not inlined; there is no limit by default.
 */
export function inline(
  graph: Graph,
  keys: readonly Key[],
  options: { maxReaders?: number } = {},
): Graph {
  checkArguments('inline', arguments, 3, 'inline(graph, keys, options)')
  checkOptions(options, ['maxReaders'], 'inline')
  const { maxReaders = Number.POSITIVE_INFINITY } = options
  const protectedKeys = new Set(keys)
  const follow = (key: Key): Key => {
    const seen = new Set<Key>()
    for (let at = key; ; ) {
      const node = graph.get(at)
      if (node?.kind !== 'alias' || seen.has(at)) return at
      seen.add(at)
      at = node.key
    }
  }
  const readers = new Map<Key, number>()
  for (const node of graph.values()) {
    for (const key of new Set(dependenciesOf(node).map(follow))) {
      readers.set(key, (readers.get(key) ?? 0) + 1)
    }
  }
  const isInlined = (key: Key): boolean =>
    graph.get(key)?.kind === 'data' && readers.get(key)! <= maxReaders

  const rewriter = new InputRewriter()
  const inlined = new Map<Key, Node>()
  for (const [key, node] of graph) {
    const isKept = protectedKeys.has(key)
    if (node.kind === 'alias') {
      if (isKept) inlined.set(key, { kind: 'alias', key: follow(key) })
      continue
    }
    if (node.kind === 'data') {
      const isRead = (readers.get(key) ?? 0) > 0
      if (isKept || !isRead || !isInlined(key)) inlined.set(key, node)
      continue
    }
    const inputs = node.inputs.map(follow)
    const mask = inputs.map(isInlined)
    if (!mask.includes(true)) {
      inlined.set(key, { ...node, inputs })
      continue
    }
    const values = inputs
      .filter((_, i) => mask[i])
      .map((input) => (graph.get(input) as Extract<Node, { kind: 'data' }>).value)
    inlined.set(key, {
      kind: 'task',
      recipe: rewriter.rewrite(node.recipe, mask),
      inputs: inputs.filter((_, i) => !mask[i]),
      params: [...node.params, ...values],
    })
  }
  for (const key of keys) keepTarget(graph, inlined, follow(key))
  return inlined
}

/** Keeps the target of a requested alias. */
function keepTarget(graph: Graph, inlined: Map<Key, Node>, key: Key): void {
  const node = graph.get(key)
  if (node !== undefined && !inlined.has(key)) inlined.set(key, node)
}

/** Turns inputs of recipes into parameters. Equal recipes and inputs get one recipe. */
class InputRewriter {
  private readonly known = new Map<Recipe, Map<string, Recipe>>()

  rewrite(recipe: Recipe, mask: readonly boolean[]): Recipe {
    const signature = mask.map(Number).join('')
    let byMask = this.known.get(recipe)
    if (byMask === undefined) this.known.set(recipe, (byMask = new Map()))
    let found = byMask.get(signature)
    if (found === undefined) byMask.set(signature, (found = inputsToParams(recipe, mask)))
    return found
  }
}

function inputsToParams(recipe: Recipe, mask: readonly boolean[]): Recipe {
  let inputs = 0
  let params = recipe.params
  const args = mask.map((isParam) => (isParam ? arg.param(params++) : arg.input(inputs++)))
  const steps = recipe.steps.map((step) => ({
    ...step,
    args: step.args.map((a) =>
      mapArg(a, (leaf) => {
        if (leaf.kind === 'input') return args[leaf.index]!
        if (leaf.kind !== 'inputs') return leaf
        const read: number[] = []
        inputsOfArg(leaf, read)
        return arg.list(read.map((index) => args[index]!))
      }),
    ),
  }))
  return { ...recipe, steps, inputs, params }
}
