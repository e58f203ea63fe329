/**
 * Properties as canonical bytes: accessors, symbols, and what an object has in addition to its
 * content.
 */
import { Tag } from '../bytes/hash-sink.js'
import { WELL_KNOWN_SYMBOLS } from '../bytes/tags.js'
import type { CanonicalWriter } from '../interfaces.js'
import { encodableAccessor } from '../objects/accessors.js'

/** The names of the symbols of the language. */
export const symbolNames: ReadonlyMap<symbol, string> = new Map(
  [...WELL_KNOWN_SYMBOLS].map(([name, symbol]) => [symbol, name]),
)

/**
 * Writes the accessor of a property if it is sent as an accessor; otherwise writes nothing and
 * returns false.
 */
export function writeAccessor(walk: CanonicalWriter, object: object, key: string): boolean {
  const accessor = encodableAccessor(object, key, (fn) =>
    walk.functions!.encodingOf(fn, walk.currentPath()),
  )
  if (accessor === undefined) return false
  walk.sink.u8(Tag.accessor)
  walk.writeValue(accessor.get)
  walk.writeValue(accessor.set)
  return true
}

/** Writes symbol-keyed properties, sorted, so that their order does not count. */
export function writeSymbols(
  walk: CanonicalWriter,
  object: object,
  symbols: readonly symbol[],
): void {
  const sorted = symbols.map((symbol) => ({
    symbol,
    sortKey: `${symbolNames.has(symbol) ? 1 : 0}${String(symbol)}`,
  }))
  sorted.sort((a, b) => (a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : 0))
  for (const { symbol } of sorted) {
    walk.writeSymbol(symbol)
    walk.writeChild(symbol, (object as Record<symbol, unknown>)[symbol])
  }
  walk.sink.u8(Tag.end)
}

/** Writes the properties that an object has in addition to the content of its type. */
export function writeExtras(
  walk: CanonicalWriter,
  object: object,
  extras: readonly PropertyKey[],
): void {
  if (extras.length === 0) return
  const names = extras.filter((key): key is string => typeof key === 'string')
  walk.sink.u8(Tag.named)
  walk.sink.uint(names.length)
  for (const key of names.sort()) {
    walk.sink.string(key)
    walk.setKey(key)
    if (!walk.isInBundle || !writeAccessor(walk, object, key))
      walk.writeValue((object as Record<string, unknown>)[key])
  }
  writeSymbols(
    walk,
    object,
    extras.filter((key): key is symbol => typeof key === 'symbol'),
  )
}
