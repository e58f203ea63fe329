/**
 * Lazy values within arguments: those that stand in lists and plain objects are taken out before the
 * argument travels, and put back, computed, when its task runs. Sharing and cycles among the lists and
 * objects stay as they are. What Maps, Sets and other objects hold is not looked at.
 */
import { operations } from '../base/operations.js'

/** Where in a value something stands. */
export type Path = readonly (string | number)[]

/** An argument without the lazy values in it, and where these stood; `plain` is the argument if there were none. */
export interface ExtractedValues {
  readonly plain: unknown
  readonly paths: readonly Path[]
}

type Container = Record<string | number, unknown>

/**
 * Takes lazy values out of the lists and plain objects of a value and adds them to `found`: of
 * `[1, future]` it makes `[1, null]` and the path `[1]`.
 */
export function extractLazyValues<L extends object>(
  value: unknown,
  isLazy: (value: object) => value is L,
  found: L[],
): ExtractedValues {
  if (!isContainer(value) || !holdsLazy(value, isLazy)) return { plain: value, paths: [] }
  const paths: Path[] = []
  const plain = copyOf(value)
  const copies = new Map<object, Container>([[value, plain]])
  const stack: { source: Container; copy: Container; path: Path }[] = [
    { source: value, copy: plain, path: [] },
  ]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { source, copy, path } = at
    for (const name of namesOf(source)) {
      const item = source[name]
      if (typeof item !== 'object' || item === null) continue
      if (isLazy(item)) {
        paths.push([...path, name])
        found.push(item)
        put(copy, name, null)
      } else if (isContainer(item)) {
        let own = copies.get(item)
        if (own === undefined) {
          copies.set(item, (own = copyOf(item)))
          stack.push({ source: item, copy: own, path: [...path, name] })
        }
        put(copy, name, own)
      }
    }
  }
  return { plain, paths }
}

/** A value with others put in where they belong: changes it. */
export function insertValues(value: unknown, paths: readonly Path[], ...found: unknown[]): unknown {
  paths.forEach((path, i) => {
    let at = value as Container
    for (const part of path.slice(0, -1)) at = at[part] as Container
    put(at, path.at(-1)!, found[i])
  })
  return value
}
operations('core/graph/nested-values', { insertValues })

function holdsLazy(root: Container, isLazy: (value: object) => boolean): boolean {
  const seen = new Set<object>([root])
  const stack = [root]
  for (let source = stack.pop(); source !== undefined; source = stack.pop()) {
    for (const name of namesOf(source)) {
      const item = source[name]
      if (typeof item !== 'object' || item === null) continue
      if (isLazy(item)) return true
      if (!isContainer(item) || seen.has(item)) continue
      seen.add(item)
      stack.push(item)
    }
  }
  return false
}

function isContainer(value: unknown): value is Container {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype = Object.getPrototypeOf(value) as unknown
  return prototype === Object.prototype || prototype === null
}

function namesOf(source: Container): Iterable<string | number> {
  return Array.isArray(source) ? source.keys() : Object.keys(source)
}

function copyOf(source: Container): Container {
  if (Array.isArray(source)) return source.slice() as unknown as Container
  const copy = Object.create(Object.getPrototypeOf(source)) as Container
  for (const name of Object.keys(source)) put(copy, name, source[name])
  return copy
}

/** Sets a property, whatever its name. */
function put(target: Container, name: string | number, value: unknown): void {
  if (name !== '__proto__') target[name] = value
  else
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
}
