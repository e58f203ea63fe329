import { checkArguments } from '../../base/argument-checks.js'
import { MissingKeyError } from '../../base/errors.js'
import type { Key } from '../../base/keys.js'
import { dependenciesOf, type Graph, type Node } from '../graph.js'

/**
 * Returns the part of a graph that the keys need.
 *
 *     { x: 1, y: inc(x), z: inc(x) }, ['y']  ->  { x: 1, y: inc(x) }
 *
 * @throws MissingKeyError for a key that is not in the graph.
 */
export function cull(graph: Graph, keys: readonly Key[]): Graph {
  checkArguments('cull', arguments, 2, 'cull(graph, keys)')
  const needed = new Set<Key>()
  const stack: Key[] = []
  const need = (key: Key, detail: string): void => {
    if (needed.has(key)) return
    if (!graph.has(key)) throw new MissingKeyError(key, detail)
    needed.add(key)
    stack.push(key)
  }
  for (const key of keys) need(key, 'it was requested')
  for (let key = stack.pop(); key !== undefined; key = stack.pop()) {
    for (const dependency of dependenciesOf(graph.get(key)!)) need(dependency, `'${key}' needs it`)
  }
  const culled = new Map<Key, Node>()
  for (const [key, node] of graph) if (needed.has(key)) culled.set(key, node)
  return culled
}
