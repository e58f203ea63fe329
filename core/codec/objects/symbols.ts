/** Symbols that all threads know by name: those of the language and those of `Symbol.for`. */

import { Kind, WELL_KNOWN_SYMBOLS } from '../bytes/tags.js'
import type { ValueEncoder } from '../interfaces.js'

const known = new Map([...WELL_KNOWN_SYMBOLS].map(([name, symbol]) => [symbol, name]))

/** Writes a symbol as a value. */
export function writeSymbol(encoder: ValueEncoder, symbol: symbol): void {
  const key = symbolKey(encoder, symbol)
  encoder.writer.kind(known.has(symbol) ? Kind.WELL_KNOWN_SYMBOL : Kind.SYMBOL_FOR)
  encoder.writer.string(key)
}

/** Returns the name by which all threads know a symbol. */
export function symbolKey(encoder: ValueEncoder, symbol: symbol): string {
  const key = known.get(symbol) ?? Symbol.keyFor(symbol)
  if (key !== undefined) return key
  throw encoder.valueError(
    `${String(symbol)} is a symbol of this thread alone; use Symbol.for to make one that all threads know`,
  )
}
