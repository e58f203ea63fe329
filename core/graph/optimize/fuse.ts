import { checkArguments } from '../../base/argument-checks.js'
import type { Key } from '../../base/keys.js'
import { dependenciesOf, dependentsOf, type Graph, type Node } from '../graph.js'
import { joinRecipes, type Recipe } from '../recipe.js'
import { sameAnnotations } from './same-annotations.js'

type TaskNode = Extract<Node, { kind: 'task' }>

/**
 * Fuses every linear chain of tasks into one task, under the key of the last one. Requested keys are kept.
 *
 *     { x: 1, y: inc(x), z: inc(y) }, ['z']  ->  { x: 1, z: inc(inc(x)) }
 *
 * A task is fused with its dependency if it has no other dependency and is its only dependent, and both
 * have equal annotations. A chain becomes a flat list of steps, whatever its length.
 */
export function fuse(graph: Graph, keys: readonly Key[]): Graph {
  checkArguments('fuse', arguments, 2, 'fuse(graph, keys)')
  const protectedKeys = new Set(keys)
  const dependents = dependentsOf(graph)
  /** For each task that is fused into its dependent, the key of that dependent. */
  const into = new Map<Key, Key>()
  for (const [key, node] of graph) {
    if (node.kind !== 'task') continue
    const dependencies = dependenciesOf(node)
    if (dependencies.length !== 1) continue
    const previous = dependencies[0]!
    const before = graph.get(previous)
    if (before?.kind !== 'task' || protectedKeys.has(previous)) continue
    if (before.recipe.isRemote === true) continue
    if (dependents.get(previous)!.length !== 1) continue
    if (!sameAnnotations(before.recipe.annotations, node.recipe.annotations)) continue
    into.set(previous, key)
  }
  const from = new Map<Key, Key>()
  for (const [previous, key] of into) from.set(key, previous)

  const joined = new RecipeJoiner()
  const fused = new Map<Key, Node>()
  for (const [key, node] of graph) {
    if (into.has(key)) continue
    if (!from.has(key)) {
      fused.set(key, node)
      continue
    }
    const chain: TaskNode[] = []
    for (let at: Key | undefined = key; at !== undefined; at = from.get(at)) {
      chain.push(graph.get(at) as TaskNode)
    }
    chain.reverse()
    fused.set(key, {
      kind: 'task',
      recipe: joined.join(chain.map((link) => link.recipe)),
      inputs: chain[0]!.inputs,
      params: chain.flatMap((link) => link.params),
    })
  }
  return fused
}

/** Joins chains of recipes. Equal chains get one recipe, so that equal partitions still share theirs. */
class RecipeJoiner {
  private readonly ids = new Map<Recipe, number>()
  private readonly known = new Map<string, Recipe>()

  join(chain: readonly Recipe[]): Recipe {
    const signature = chain.map((link) => this.id(link)).join()
    let found = this.known.get(signature)
    if (found === undefined) {
      const wiring = chain.map((link, part) =>
        Array.from({ length: link.inputs }, (_, input) =>
          part === 0 ? { input } : { part: part - 1 },
        ),
      )
      found = joinRecipes(chain, wiring, chain[0]!.inputs)
      this.known.set(signature, found)
    }
    return found
  }

  private id(link: Recipe): number {
    let id = this.ids.get(link)
    if (id === undefined) this.ids.set(link, (id = this.ids.size))
    return id
  }
}
