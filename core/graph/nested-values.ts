/**
 * Lazy values nested in arguments. Those in arrays and plain objects are extracted before the argument is
 * serialized; their results are inserted again when the task runs. Shared references and cycles among the
 * arrays and objects are preserved. Maps, Sets and other objects are not searched.
 */
import { operations } from '../base/operations.js'
import { hasPlainPrototype } from '../functions/engine/own-prototypes.js'

/** The property names and indices that lead to a nested value. */
type Path = readonly (string | number)[]

/** An argument without its lazy values (the argument itself if it has none), and the path of each of them. */
interface ExtractedValues {
  readonly plain: unknown
  readonly paths: readonly Path[]
}

type Container = Record<string | number, unknown>

/**
 * Replaces lazy values in the arrays and plain objects of a value by null, in a copy, and adds them to
 * `found`: for `[1, future]` it returns `[1, null]` and the path `[1]`.
 */
export function extractLazyValues<L extends object>(
  value: unknown,
  isLazy: (value: object) => value is L,
  found: L[],
): ExtractedValues {
  if (!isContainer(value) || !holdsLazy(value, isLazy)) return { plain: value, paths: [] }
  const paths: Path[] = []
  const plain = shallowCopy(value)
  const copies = new Map<object, Container>([[value, plain]])
  const stack: { source: Container; copy: Container; path: Path }[] = [
    { source: value, copy: plain, path: [] },
  ]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { source, copy, path } = at
    for (const name of propertyNames(source)) {
      const item = source[name]
      if (typeof item !== 'object' || item === null) continue
      if (isLazy(item)) {
        paths.push([...path, name])
        found.push(item)
        setProperty(copy, name, null)
      } else if (isContainer(item)) {
        let itemCopy = copies.get(item)
        if (itemCopy === undefined) {
          copies.set(item, (itemCopy = shallowCopy(item)))
          stack.push({ source: item, copy: itemCopy, path: [...path, name] })
        }
        setProperty(copy, name, itemCopy)
      }
    }
  }
  return { plain, paths }
}

/** Inserts values into `value` at the given paths, in place, and returns it: the inverse of `extractLazyValues`. */
export function insertValues(
  value: unknown,
  paths: readonly Path[],
  ...results: unknown[]
): unknown {
  paths.forEach((path, i) => {
    let at = value as Container
    for (const part of path.slice(0, -1)) at = at[part] as Container
    setProperty(at, path.at(-1)!, results[i])
  })
  return value
}
operations('core/graph/nested-values', { insertValues })

function holdsLazy(root: Container, isLazy: (value: object) => boolean): boolean {
  const seen = new Set<object>([root])
  const stack = [root]
  for (let source = stack.pop(); source !== undefined; source = stack.pop()) {
    for (const name of propertyNames(source)) {
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
  return Object.getPrototypeOf(value) === null || hasPlainPrototype(value)
}

function propertyNames(source: Container): Iterable<string | number> {
  return Array.isArray(source) ? source.keys() : Object.keys(source)
}

function shallowCopy(source: Container): Container {
  if (Array.isArray(source)) return source.slice() as unknown as Container
  const copy = Object.create(Object.getPrototypeOf(source)) as Container
  for (const name of Object.keys(source)) setProperty(copy, name, source[name])
  return copy
}

/** Sets an own property, even one named `__proto__`. */
function setProperty(target: Container, name: string | number, value: unknown): void {
  if (name !== '__proto__') target[name] = value
  else
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
}
