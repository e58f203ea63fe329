/**
 * Describes functions: by name if they are intrinsics, operations of this package, or exported by a package;
 * else by their source code and captured values (`function-describer.ts`).
 */
import { types } from 'node:util'
import { NotPortableError } from '../../base/errors.js'
import { operationReference } from '../../base/operations.js'
import { expressionSource } from '../../expressions/expression.js'
import { describeReceived } from '../classes/class-arrows.js'
import { recordBoundMethod } from '../classes/class-methods.js'
import { isBare, ownProperties } from '../classes/own-properties.js'
import { functionInternals } from '../engine/function-internals.js'
import { recordLocalValue } from '../modules/local-references.js'
import { describeReference } from '../modules/references.js'
import { analyze } from '../rewrite/function-analysis.js'
import type { FunctionDescription } from '../types.js'
import { currentSession } from './description-session.js'
import {
  describeSource,
  findFinalDescription,
  recordFinalDescription,
} from './function-describer.js'
import { namelessReason, nativeReason, proxyReason, unparsableReason } from './refusal-reasons.js'

const functionToString = Function.prototype.toString

/**
 * Describes a function. `path` is how it was reached, for the error.
 *
 * The description of `(x) => x + offset` has the source code and `captureNames: ['offset']`.
 *
 * @throws NotPortableError if the function cannot be sent
 */
export function describeFunction(fn: Function, path: readonly string[] = []): FunctionDescription {
  const known = findFinalDescription(fn)
  if (known !== undefined) return known
  const here = path.length > 0 ? path : [fn.name || 'this function']
  if (types.isProxy(fn)) throw new NotPortableError(here, proxyReason)
  const operation = operationReference(fn)
  if (operation !== undefined)
    return recordFinalDescription(fn, recordLocalValue({ kind: 'operation', ...operation }, fn))
  const expression = expressionSource(fn)
  if (expression !== undefined)
    return recordFinalDescription(fn, { kind: 'expression', text: expression })
  const source = functionToString.call(fn)
  if (source.endsWith('{ [native code] }')) return describeNative(fn, here)
  const analysis = analyze(source)
  if (analysis === undefined) throw new NotPortableError(here, unparsableReason(source))
  const { plain } = analysis
  if (plain !== undefined && plain.name === fn.name && isBare(fn, analysis)) return plain
  const reference = describeReference(fn)
  if (reference !== undefined) return recordFinalDescription(fn, reference)
  const received = describeReceived(fn)
  if (received !== undefined) return received
  const session = currentSession()
  const described = session?.descriptions.get(fn)
  if (described !== undefined) return described
  const description = describeSource(fn, analysis, here)
  session?.descriptions.set(fn, description)
  return description
}

/** Whether describing this function again would give the same description. */
export function isFinalDescription(fn: Function, description: FunctionDescription): boolean {
  if (findFinalDescription(fn) !== undefined) return true
  return analyze(functionToString.call(fn))?.plain === description
}

function describeNative(fn: Function, path: readonly string[]): FunctionDescription {
  const reference = describeReference(fn)
  if (reference !== undefined) return recordFinalDescription(fn, reference)
  const { bound } = functionInternals(fn)
  if (bound === undefined)
    throw new NotPortableError(path, fn.name === '' ? namelessReason : nativeReason)
  recordBoundMethod(bound.target, bound.boundThis)
  return { kind: 'bound', ...bound, properties: ownProperties(fn) }
}
