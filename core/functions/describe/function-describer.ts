/**
 * Describes one function that is sent as source code: the source code, and the values of its captured
 * variables at the time of the call.
 */
import { NotPortableError } from '../../base/errors.js'
import { classCaptures } from '../classes/class-captures.js'
import { describeClassFunction, homeObjectOfLiteral } from '../classes/class-functions.js'
import { ownProperties } from '../classes/own-properties.js'
import { classOfPrototype, isReplaced } from '../classes/prototypes.js'
import {
  type FunctionInternals,
  functionInternals,
  variableIn,
} from '../engine/function-internals.js'
import { referenceInFile } from '../modules/references.js'
import { describeRequire } from '../modules/require.js'
import { computedMemberNames } from '../rewrite/computed-member-names.js'
import { type Analysis, analyze } from '../rewrite/function-analysis.js'
import { REVIVAL_NAME } from '../rewrite/private-member-code.js'
import { BASE_NAME, STATICS_NAME, SUFFIX } from '../rewrite/reserved-names.js'
import {
  type FileBindings,
  fileBindings,
  isStrictAt,
  startOf,
  variableAt,
} from '../source/file-bindings.js'
import { detectPrivateStore, isPrivateStore } from '../source/private-stores.js'
import type { Use } from '../source/scope.js'
import type { FunctionDescription, Origin, SourceDescription } from '../types.js'
import { Captures, type FunctionContext, scopeOf } from './captures.js'
import { currentSession } from './description-session.js'
import {
  evaluatedReason,
  mockReason,
  privateMemberReason,
  refusedNameReasons,
  unknownSuperReason,
} from './refusal-reasons.js'

/** Descriptions that cannot change, as all names in them are bound for good. */
const finalDescriptions = new WeakMap<Function, FinalDescription>()

interface FinalDescription {
  readonly description: FunctionDescription
  /** The members that the function had when it was described; undefined for one that is sent by name. */
  readonly members: readonly unknown[] | undefined
}

/** Returns the final description of a function, if it has one already. */
export function findFinalDescription(fn: Function): FunctionDescription | undefined {
  const found = finalDescriptions.get(fn)
  if (found === undefined) return undefined
  const { description, members } = found
  if (members === undefined || hasMembers(fn, members)) return description
  finalDescriptions.delete(fn)
  return undefined
}

/** Lists the prototype and own properties of a function, and those of the prototype of its instances. */
function membersOf(fn: Function): unknown[] {
  const found: unknown[] = []
  if (Reflect.ownKeys(fn).length === 2) return [Object.getPrototypeOf(fn), fn.length, fn.name]
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, 'prototype')?.value
  for (const holder of [fn, prototype]) {
    if (holder === null || (typeof holder !== 'object' && typeof holder !== 'function')) continue
    found.push(Object.getPrototypeOf(holder))
    for (const key of Reflect.ownKeys(holder)) {
      // Reading `caller` and `arguments` of a sloppy function depends on who calls it.
      if (holder === fn && (key === 'caller' || key === 'arguments')) continue
      const { value, get, set } = Object.getOwnPropertyDescriptor(holder, key)!
      found.push(key, value, get, set)
    }
  }
  return found
}

/** Whether a function still has the members that `membersOf` listed. */
function hasMembers(fn: Function, members: readonly unknown[]): boolean {
  // Most functions have only a length and a name. This is checked at every capture of a known function.
  if (members.length === 3 && Reflect.ownKeys(fn).length === 2) {
    return (
      Object.getPrototypeOf(fn) === members[0] && fn.length === members[1] && fn.name === members[2]
    )
  }
  const now = membersOf(fn)
  return members.length === now.length && members.every((item, i) => Object.is(item, now[i]))
}

/** Records the final description of a function; returns the description. */
export function recordFinalDescription<D extends FunctionDescription>(
  fn: Function,
  description: D,
): D {
  const members = description.kind === 'source' ? membersOf(fn) : undefined
  finalDescriptions.set(fn, { description, members })
  return description
}

/** Names of ours that the source code of every function can see where it is built. */
const isOurs = (name: string) => [BASE_NAME, STATICS_NAME, REVIVAL_NAME].includes(name)

/** Describes a function by its source code, or by a reference if its file exports it. */
export function describeSource(
  fn: Function,
  analysis: Analysis,
  path: readonly string[],
): FunctionDescription {
  return new FunctionDescriber(fn, analysis, path).describe()
}

class FunctionDescriber implements FunctionContext {
  readonly fn: Function
  readonly analysis: Analysis
  readonly path: readonly string[]
  readonly internals: FunctionInternals
  readonly file: FileBindings | undefined
  private readonly captures: Captures
  /** Whether it is an arrow that uses `super`, which can only be created in a method. */
  private isInMethod = false

  constructor(fn: Function, analysis: Analysis, path: readonly string[]) {
    this.fn = fn
    this.path = path
    this.internals = functionInternals(fn)
    this.file = fileBindings(this.internals.location)
    const session = currentSession()
    if (session !== undefined && this.file?.isBundle === true) session.usesBundle = true
    const { analysis: chosen, isFinal } = this.chooseAnalysis(analysis)
    this.analysis = chosen
    this.captures = new Captures(this)
    this.captures.isFinal = isFinal
  }

  /**
   * A function declaration may find another function under its own name, or assign one. Then the name is a
   * variable like others, and the source code without it is analyzed.
   */
  private chooseAnalysis(analysis: Analysis): { analysis: Analysis; isFinal: boolean } {
    const { file, fn, internals } = this
    const { name = '', without = '' } = analysis.ownName ?? {}
    const { location } = internals
    const variable = name === '' ? undefined : file && location && variableAt(file, name, location)
    if (variable?.assigned !== true) return { analysis, isFinal: true }
    const { start, end } = variable.range
    const scope = scopeOf(internals, name)
    // The name of a function expression is only visible in the expression itself.
    if (end - start <= without.length || scope === undefined) return { analysis, isFinal: true }
    if (!variable.reassigned && variableIn(scope, name) === fn) return { analysis, isFinal: false }
    return { analysis: analyze(without) ?? analysis, isFinal: false }
  }

  describe(): FunctionDescription {
    const { analysis, captures, fn, file } = this
    if (isMock(fn)) throw new NotPortableError(this.path, mockReason)
    const reference = file && referenceInFile(fn, file, this.internals.scopes)
    if (reference !== undefined) return recordFinalDescription(fn, reference)
    if (file?.url === '') throw new NotPortableError(this.path, evaluatedReason)
    const required = file && describeRequire(fn, file, this.internals.scopes)
    if (required !== undefined) return recordFinalDescription(fn, required)
    const classBound = this.describeByClass()
    if (classBound !== undefined) return classBound
    for (const [name, uses] of analysis.freeVariables) this.captureName(name, uses)
    captures.captureGlobalMembers()
    captures.captureImports()
    for (const [name, value] of classCaptures(fn, analysis, captures.values)) {
      if (name !== 'extends') captures.isFinal = false
      captures.add(name, value)
    }
    const properties = ownProperties(fn, analysis.length)
    const { suffix } = analysis
    if (suffix !== '' && (analysis.form === 'class' || captures.names.some(isOurs)))
      captures.add(SUFFIX + suffix, undefined)
    const description: SourceDescription = {
      kind: 'source',
      source: this.sourceCode(),
      name: typeof fn.name === 'string' ? fn.name : '',
      form: this.isInMethod ? 'arrow' : analysis.form,
      strict: this.isStrict(),
      captureNames: captures.names,
      captures: captures.values,
      propertyNames: properties.map(([name]) => name),
      properties: properties.map(([, value]) => value),
      origin: this.origin(),
    }
    if (!captures.isFinal || properties.length > 0) return description
    const capturesNothing = analysis.freeVariables.size === 0 && captures.names.length === 0
    const isPlain =
      capturesNothing && !analysis.dependsOnStrictness && analysis.ownName === undefined
    if (!isPlain || analysis.form === 'class') return recordFinalDescription(fn, description)
    analysis.plain = description
    return description
  }

  /**
   * Describes a function that depends on its class. Undefined for all others, and for functions of object
   * literals that use `super`, whose home object is captured.
   */
  private describeByClass(): SourceDescription | undefined {
    const { analysis, fn, path } = this
    const usedName = this.nameBoundToClass()
    if (usedName === undefined) return undefined
    const description = describeClassFunction(fn, analysis, this.internals, usedName)
    if (description !== undefined) return this.withProperties(description)
    if (usedName !== 'super') throw new NotPortableError([...path, usedName], privateMemberReason)
    this.captureSuper()
    return undefined
  }

  /**
   * Returns the first free name that depends on the class: `super`, a private member, or a compiler's
   * store of one.
   */
  private nameBoundToClass(): string | undefined {
    const { analysis, internals } = this
    if (analysis.form === 'class') return undefined
    let found: string | undefined
    for (const name of analysis.freeVariables.keys()) {
      if (name === 'super') found = name
      if (name.startsWith('#')) return name
      if (analysis.form === 'expression') continue
      const scope = scopeOf(internals, name)
      const value = scope && variableIn(scope, name)
      if (typeof value !== 'object' || value === null) continue
      detectPrivateStore(name, value, internals.location)
      if (isPrivateStore(value)) return name
    }
    return found
  }

  /**
   * Captures the prototype that `super` reads from in a function of an object literal; for an arrow its
   * `this` as well.
   */
  private captureSuper(): void {
    const { analysis, captures, fn, internals } = this
    const home = homeObjectOfLiteral(fn, analysis, internals, currentSession()?.root)
    if (home === undefined) throw new NotPortableError([...this.path, 'super'], unknownSuperReason)
    captures.isFinal = false
    this.isInMethod = analysis.form === 'expression'
    if (this.isInMethod) captures.captureThis(analysis.freeVariables.get('this') ?? [])
    const prototype = Object.getPrototypeOf(home) as object | null
    const Class = prototype === null ? undefined : classOfPrototype(prototype)
    if (Class === undefined || isReplaced(prototype!)) captures.add('super', prototype)
    else captures.add('super.prototype', Class)
  }

  private withProperties(description: SourceDescription): SourceDescription {
    const properties = ownProperties(this.fn, analyze(description.source)?.length)
    return {
      ...description,
      propertyNames: properties.map(([name]) => name),
      properties: properties.map(([, value]) => value),
    }
  }

  private captureName(name: string, uses: readonly Use[]): void {
    const isDirectEval = name === 'eval' && uses.some((use) => use.called)
    const refusal = refusedNameReasons.get(isDirectEval ? 'eval()' : name)
    if (refusal !== undefined) throw new NotPortableError([...this.path, name], refusal)
    if (name === 'super' || (name === 'this' && this.isInMethod)) return
    if (name === 'import.meta') this.captures.captureMeta()
    else if (name === 'this') this.captures.captureThis(uses)
    else {
      const scope = scopeOf(this.internals, name)
      if (scope === undefined) this.captures.captureGlobal(name, uses)
      else this.captures.captureVariable(name, variableIn(scope, name), uses)
    }
  }

  /** Returns the source code to send, with the computed names of a class's members. */
  private sourceCode(): string {
    const { analysis, captures } = this
    const { globals, sharedNames } = captures
    const isEdited = sharedNames.length > 0 || globals !== undefined
    let source = isEdited ? analysis.withSharedVariables(sharedNames, globals) : analysis.source
    const { computedKeys } = analysis
    if (computedKeys.length === 0) return source
    captures.isFinal = false
    const { scopes } = this.internals
    for (const [marker, name] of computedMemberNames(this.fn, computedKeys, this.path, scopes))
      source = source.replace(marker, () => name)
    return source
  }

  private isStrict(): boolean {
    const { form, strict, dependsOnStrictness } = this.analysis
    if (!strict || !dependsOnStrictness) return strict
    const { file } = this
    const { location } = this.internals
    const known = file && location && isStrictAt(file, location)
    if (known !== undefined) return known
    return form !== 'expression' || !hasArguments(this.fn)
  }

  private origin(): Origin | undefined {
    const { file } = this
    const { location } = this.internals
    if (file === undefined || location === undefined || file.url === '') return undefined
    const start = startOf(file, location, this.analysis.locationOffset)
    return { file: file.url, line: start.line + 1, column: start.column + 1 }
  }
}

/** Whether a function was made by `jest.fn()` or `vi.fn()`. */
function isMock(fn: Function): boolean {
  return Object.getOwnPropertyDescriptor(fn, '_isMockFunction')?.value === true
}

/** Whether `fn.arguments` can be read: only sloppy functions that are no arrows or methods allow it. */
function hasArguments(fn: Function): boolean {
  try {
    return fn.arguments !== undefined
  } catch {
    return false
  }
}
