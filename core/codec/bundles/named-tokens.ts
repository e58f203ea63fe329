/**
 * Tokens of functions and objects that are sent by name: operations, expressions, intrinsics and
 * exports of modules.
 *
 * Tokens with a colon (`operation:`, `expression:`, `intrinsic:`) have no bytes. Tokens of exports
 * have a small bundle.
 */
import { DecodeError } from '../../base/errors.js'
import { expressionFunction } from '../../expressions/expression.js'
import { localSide } from '../../functions/modules/package-side.js'
import { resolveReference } from '../../functions/modules/resolve-references.js'
import type {
  FunctionDescription,
  ModuleDescription,
  OperationDescription,
} from '../../functions/types.js'
import { encodeValue } from '../encoding/encode-value.js'
import { noFunctions } from '../encoding/no-functions.js'
import { canonicalToken } from '../tokens/canonical.js'
import type { BundleStore } from './bundle-store.js'

const EXPRESSION = 'expression:'
const INTRINSIC = 'intrinsic:'

/**
 * Returns the token of a function that is sent by name; for others, returns the description itself.
 */
export function encodingByDescription(
  description: FunctionDescription,
  store: BundleStore,
): string | FunctionDescription {
  switch (description.kind) {
    case 'operation':
      return `operation:${description.module}#${description.name}`
    case 'expression':
      return EXPRESSION + description.text
    case 'intrinsic':
      return INTRINSIC + JSON.stringify(description.path)
    case 'module':
      return moduleToken(description, store)
    case 'source':
    case 'bound':
      return description
  }
}

/** Returns the token of a module's export, and adds the bundle that names it. */
function moduleToken(description: ModuleDescription, store: BundleStore): string {
  const { specifier, path, from } = description
  const token = `module-${canonicalToken([specifier, path], noFunctions)}`
  const known = store.find(token)
  if (known === undefined) {
    const sender = description.sender ?? localSide(specifier, from)
    store.add(token, encodeValue({ specifier, path, from, sender }, false, [], noFunctions))
  } else store.touch(known)
  return token
}

/** Whether a token is complete in itself and has no bytes. */
export function isNamedToken(token: string): boolean {
  return token.includes(':')
}

/** Returns the operation behind a token; undefined for other tokens. */
export function operationOf(token: string): OperationDescription | undefined {
  const parts = /^operation:([\w/-]+)#([\w$]*)$/.exec(token)
  return parts === null ? undefined : { kind: 'operation', module: parts[1]!, name: parts[2]! }
}

/** Returns the function behind the token of an expression. */
function decodeExpression(text: string): Function {
  try {
    return expressionFunction(text, 'expression')
  } catch (cause) {
    throw new DecodeError('A function was sent as an expression that cannot be parsed', { cause })
  }
}

/**
 * Returns the operation, expression or intrinsic behind a token; throws `DecodeError` for others.
 */
export function resolveNamedToken(token: string): unknown {
  const operation = operationOf(token)
  if (operation !== undefined) return resolveReference(operation)
  if (token.startsWith(EXPRESSION)) return decodeExpression(token.slice(EXPRESSION.length))
  if (token.startsWith(INTRINSIC)) {
    const path = JSON.parse(token.slice(INTRINSIC.length)) as string[]
    return resolveReference({ kind: 'intrinsic', path })
  }
  throw new DecodeError(`The function with token '${token}' was not received`)
}
