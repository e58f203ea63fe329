/**
 * Functions in values: which token a function has, and which function a token stands for.
 */
import { DecodeError, NotPortableError } from '../errors.js'
import { loadOperations, operationReference, resolveOperation } from '../operation.js'
import { BundleStore } from './bundle-store.js'
import { TokenHolder } from './token-holder.js'

/** The bundles of this thread. */
export const bundles = new BundleStore()

/** The token that a function, a class or a captured function travels by. */
export function tokenOfFunction(fn: object, path: readonly string[]): string {
  if (fn instanceof TokenHolder) return fn.token
  const operation = operationReference(fn as Function)
  if (operation !== undefined) return `operation:${operation.module}#${operation.name}`
  throw new NotPortableError(path, 'functions cannot travel yet')
}

const loaded = new Set<string>()

/** Loads what the functions behind these tokens import, so that values that hold them can be decoded. */
export async function prepare(
  tokens: readonly string[],
  store: BundleStore = bundles,
): Promise<void> {
  for (const token of tokens) if (!loaded.has(token)) await load(token, store)
}

async function load(token: string, store: BundleStore): Promise<void> {
  const operation = /^operation:([\w/-]+)#(\w*)$/.exec(token)
  if (operation !== null) await loadOperations(operation[1]!)
  else for (const needed of store.get(token)?.bundles ?? []) await load(needed, store)
  loaded.add(token)
}

/** The function that a token stands for; always the same one for the same token. */
export function functionOfToken(token: string): Function {
  const operation = /^operation:([\w/-]+)#(\w+)$/.exec(token)
  if (operation === null)
    throw new DecodeError(`The function with token ${token} did not come along`)
  return resolveOperation({ module: operation[1]!, name: operation[2]! })
}
