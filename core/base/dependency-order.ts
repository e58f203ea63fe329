/**
 * Returns some items and everything that they depend on, each once and after what it depends on.
 * Iterative, since chains of dependencies can be very long.
 *
 * `idOf` identifies an item. `dependenciesOf` returns undefined for an item to leave out.
 */
export function inDependencyOrder<T>(
  roots: readonly T[],
  idOf: (item: T) => unknown,
  dependenciesOf: (item: T) => readonly T[] | undefined,
): T[] {
  const visited = new Set<unknown>()
  const ordered: T[] = []
  const stack = [...roots].reverse().map((item) => ({ item, leaving: false }))
  while (stack.length > 0) {
    const { item, leaving } = stack.pop()!
    if (leaving) {
      ordered.push(item)
      continue
    }
    const id = idOf(item)
    if (visited.has(id)) continue
    visited.add(id)
    const dependencies = dependenciesOf(item)
    if (dependencies === undefined) continue
    stack.push({ item, leaving: true })
    for (const dependency of dependencies) stack.push({ item: dependency, leaving: false })
  }
  return ordered
}
