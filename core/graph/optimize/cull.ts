import { MissingKeyError } from '../../base/errors.js'
import type { Key } from '../../base/keys.js'
import { dependenciesOf, type Graph, type Node } from '../graph.js'

/**
 * Keeps only what the keys need.
 *
 *     { x: 1, y: inc(x), z: inc(x) }, ['y']  ->  { x: 1, y: inc(x) }
 */
export function cull(graph: Graph, keys: readonly Key[]): Graph {
  const needed = new Set<Key>()
  const stack: Key[] = []
  const need = (key: Key, detail: string): void => {
    if (needed.has(key)) return
    if (!graph.has(key)) throw new MissingKeyError(key, detail)
    needed.add(key)
    stack.push(key)
  }
  for (const key of keys) need(key, 'it was asked for')
  for (let key = stack.pop(); key !== undefined; key = stack.pop()) {
    for (const dependency of dependenciesOf(graph.get(key)!)) need(dependency, `'${key}' needs it`)
  }
  const culled = new Map<Key, Node>()
  for (const [key, node] of graph) if (needed.has(key)) culled.set(key, node)
  return culled
}
