/**
 * Symbols: those that all threads know by name, which are those of the language and of `Symbol.for`; and a
 * program's own symbols, `Symbol('mine')`, which only the bundles of functions may hold.
 *
 * A symbol of its own has an identity: its description, and its number among the symbols with this
 * description in the order in which they were first sent. Each thread has one symbol per identity, so all
 * functions that are sent see the same one. Symbols that a task creates in its thread belong to that thread.
 */
import { isMainThread } from 'node:worker_threads'
import { lazyPackage } from '../../base/lazy-package.js'
import { Kind, WELL_KNOWN_SYMBOLS } from '../bytes/tags.js'
import type { ValueEncoder } from '../interfaces.js'

const known = new Map([...WELL_KNOWN_SYMBOLS].map(([name, symbol]) => [symbol, name]))

/** Writes a symbol as a value. */
export function writeSymbol(encoder: ValueEncoder, symbol: symbol): void {
  const name = known.get(symbol)
  if (name !== undefined) encoder.writer.kind(Kind.WELL_KNOWN_SYMBOL)
  else if (Symbol.keyFor(symbol) !== undefined) encoder.writer.kind(Kind.SYMBOL_FOR)
  else if (encoder.isInBundle) encoder.writer.kind(Kind.OWN_SYMBOL)
  encoder.writer.string(symbolKey(encoder, symbol))
}

/** Returns the name by which a symbol is sent. */
export function symbolKey(encoder: ValueEncoder, symbol: symbol): string {
  const key = known.get(symbol) ?? Symbol.keyFor(symbol)
  if (key !== undefined) return key
  if (encoder.isInBundle) return ownSymbolId(symbol)
  throw encoder.valueError(ownSymbolReason(symbol))
}

/** Returns the reason for refusing a program's own symbol. */
export function ownSymbolReason(symbol: symbol): string {
  return `${String(symbol)} is a symbol of this thread alone; use Symbol.for to make one that all threads know`
}

// WeakMap takes symbols as keys and WeakRef refers to them, which the types of this target do not say.
const ids = new WeakMap<object, string>()
const symbols = new Map<string, WeakRef<object>>()
const counts = new Map<string, number>()
const collected = new FinalizationRegistry((id: string) => {
  if (symbols.get(id)?.deref() === undefined) symbols.delete(id)
})
const asKey = (symbol: symbol) => symbol as unknown as object

const crypto = lazyPackage<typeof import('node:crypto')>('node:crypto')
let prefix: string | undefined

/** Returns the identity of a symbol of the program's own. */
export function ownSymbolId(symbol: symbol): string {
  let id = ids.get(asKey(symbol))
  if (id === undefined) {
    const description = symbol.description ?? ''
    const count = counts.get(description) ?? 0
    counts.set(description, count + 1)
    prefix ??= isMainThread ? '' : `${crypto().randomUUID()} `
    id = `${prefix}${count} ${description}`
    recordSymbol(id, symbol)
  }
  return id
}

/** Returns this thread's symbol with an identity that was received. */
export function ownSymbolOf(id: string): symbol {
  const found = symbols.get(id)?.deref()
  if (found !== undefined) return found as unknown as symbol
  const symbol = Symbol(id.replace(/^(?:[-0-9a-f]{36} )?\d+ /, ''))
  recordSymbol(id, symbol)
  return symbol
}

function recordSymbol(id: string, symbol: symbol): void {
  ids.set(asKey(symbol), id)
  symbols.set(id, new WeakRef(asKey(symbol)))
  collected.register(asKey(symbol), id)
}
