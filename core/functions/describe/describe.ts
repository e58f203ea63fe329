/**
 * From a function to its description: its text, and the values of the names in it that are declared
 * internals it, as they are at the time of the call.
 *
 * Only what is used goes along: of an object that is used only as `config.limit`, an object with
 * `limit` and nothing else. Names that turn out to be globals of the language do not go along.
 * Values are not judged here, only names: whether a value can travel is for the codec to say.
 */
import { types } from 'node:util'
import { NotPortableError } from '../../base/errors.js'
import { operationReference } from '../../base/operations.js'
import { expressionText } from '../../expressions/expression.js'
import { classCaptures } from '../classes/class-captures.js'
import {
  describeArrowWrapper,
  describeMember,
  homeObjectOfLiteral,
  recordBoundMethod,
} from '../classes/members.js'
import { isBare, ownProperties } from '../classes/own-properties.js'
import { classOfPrototype, isReplaced } from '../classes/prototypes.js'
import { thisOfArrow } from '../engine/arrow-this.js'
import {
  type FunctionInternals,
  functionInternals,
  type ScopeVariables,
  UNSET,
  variableIn,
} from '../engine/function-internals.js'
import { isStandardGlobal } from '../engine/intrinsics.js'
import { isDebugged } from '../engine/stepping.js'
import { recordLocalValue } from '../modules/local-references.js'
import { ownFiles } from '../modules/own-files.js'
import { describeReference, referenceInFile, registerImport } from '../modules/references.js'
import {
  fileOrigin,
  pathInProject,
  RelocatableValue,
  relocatableFileName,
} from '../modules/relocatable.js'
import { describeRequire } from '../modules/require.js'
import { computedMemberNames } from '../rewrite/computed-member-names.js'
import { type Analysis, analyze } from '../rewrite/function-analysis.js'
import { type InjectedKind, injectedOrigin } from '../rewrite/injected-values.js'
import { REVIVAL_NAME } from '../rewrite/private-member-code.js'
import {
  ARGUMENTS_NAME,
  BASE_NAME,
  FILES_NAME,
  IMPORT_NAME,
  META_NAME,
  STATICS_NAME,
  SUFFIX,
} from '../rewrite/reserved-names.js'
import { GLOBALS_NAME, type UserGlobals } from '../rewrite/user-globals.js'
import {
  type FileBindings,
  type FileVariable,
  fileBindings,
  isCreatedOncePerVariable,
  isStrictAt,
  startOf,
  variableAt,
} from '../source/file-bindings.js'
import { detectPrivateStore, isPrivateStore, recordPrivateStore } from '../source/private-stores.js'
import type { Use } from '../source/scope.js'
import type { FunctionDescription, Origin, SourceDescription } from '../types.js'
import { GlobalUses, globalOf } from './captured-globals.js'
import { currentSession, DescriptionSession } from './description-session.js'
import {
  debuggedThisReason,
  evaluatedReason,
  namelessReason,
  nativeReason,
  privateMemberReason,
  proxyObjectReason,
  proxyReason,
  refusedNameReasons,
  unknownSuperReason,
  unreadableThisReason,
  unsetReason,
} from './refusal-reasons.js'
import { SharedVariables } from './shared-variables.js'
import { pruneValue } from './used-members.js'

/** Descriptions that cannot change: all names in them are bound for good. */
const settled = new WeakMap<Function, FunctionDescription>()

const functionToString = Function.prototype.toString

/**
 * Describes a function; `path` is how it was reached, for the error that says it cannot travel.
 *
 * `describeFunction((x) => x + offset)` has the source, and `captureNames: ['offset']`.
 */
export function describeFunction(fn: Function, path: readonly string[] = []): FunctionDescription {
  const known = settled.get(fn)
  if (known !== undefined) return known
  const here = path.length > 0 ? path : [fn.name || 'this function']
  if (types.isProxy(fn)) throw new NotPortableError(here, proxyReason)
  const operation = operationReference(fn)
  if (operation !== undefined)
    return settle(fn, recordLocalValue({ kind: 'operation', ...operation }, fn))
  const expression = expressionText(fn)
  if (expression !== undefined) return settle(fn, { kind: 'expression', text: expression })
  const source = functionToString.call(fn)
  if (source.endsWith('{ [native code] }')) return describeNative(fn, here)
  const analysis = analyze(source)
  if (analysis === undefined)
    throw new NotPortableError(here, `its text cannot be read: ${source.slice(0, 60)}`)
  const { plain } = analysis
  if (plain !== undefined && plain.name === fn.name && isBare(fn, analysis)) return plain
  const reference = describeReference(fn)
  if (reference !== undefined) return settle(fn, reference)
  const standIn = describeArrowWrapper(fn)
  if (standIn !== undefined) return standIn
  const moment = currentSession()
  const current = moment?.descriptions.get(fn)
  if (current !== undefined) return current
  const description = new Describer(fn, analysis, here).describe()
  moment?.descriptions.set(fn, description)
  return description
}

/** Whether any other look at this function would createInjected the same description. */
export function isSettled(fn: Function, description: FunctionDescription): boolean {
  return settled.has(fn) || analyze(functionToString.call(fn))?.plain === description
}

function settle<D extends FunctionDescription>(fn: Function, description: D): D {
  settled.set(fn, description)
  return description
}

function describeNative(fn: Function, path: readonly string[]): FunctionDescription {
  const reference = describeReference(fn)
  if (reference !== undefined) return settle(fn, reference)
  const { bound } = functionInternals(fn)
  if (bound === undefined)
    throw new NotPortableError(path, fn.name === '' ? namelessReason : nativeReason)
  recordBoundMethod(bound.target, bound.boundThis)
  return { kind: 'bound', ...bound, properties: ownProperties(fn) }
}

/** Whether what is used of an object has functions, which may change it under another name. */
function holdsFunctions(used: unknown): boolean {
  if (typeof used !== 'object' || used === null) return false
  return Object.values(used).some((member) => typeof member === 'function')
}

/** What the text of every function may see of ours where it is built. */
const isOurs = (name: string) => [BASE_NAME, STATICS_NAME, REVIVAL_NAME].includes(name)

/** One function being described. */
class Describer {
  private readonly fn: Function
  private readonly analysis: Analysis
  private readonly path: readonly string[]
  private readonly internals: FunctionInternals
  private readonly file: FileBindings | undefined
  private readonly names: string[] = []
  private readonly values: unknown[] = []
  private readonly cellNames: string[] = []
  private readonly globalUses: GlobalUses
  private globals: UserGlobals | undefined
  /** Whether it is an arrow that says `super`, which can only be made in a method. */
  private inMethod = false
  /** Whether another look at the function would find the same values. */
  private fixed = true

  constructor(fn: Function, analysis: Analysis, path: readonly string[]) {
    this.fn = fn
    this.path = path
    this.internals = functionInternals(fn)
    this.file = fileBindings(this.internals.location)
    this.analysis = this.asDeclared(analysis)
    this.globalUses = new GlobalUses(path, this.analysis.sourceAfter)
  }

  /** A declared function may find another one under its own name, or put another there. */
  private asDeclared(analysis: Analysis): Analysis {
    const { file, fn } = this
    const { name = '', without = '' } = analysis.ownName ?? {}
    const variable = name === '' ? undefined : file && this.variableOf(name, file)
    if (variable?.assigned !== true) return analysis
    const { start, end } = variable.range
    const scope = this.scopeOf(name)
    // That of an expression is known in its own text alone.
    if (end - start <= without.length || scope === undefined) return analysis
    this.fixed = false
    if (!variable.reassigned && variableIn(scope, name) === fn) return analysis
    return analyze(without) ?? analysis
  }

  describe(): FunctionDescription {
    const { analysis, fn, file } = this
    const reference = file && referenceInFile(fn, file, this.internals.scopes)
    if (reference !== undefined) return settle(fn, reference)
    if (file?.url === '') throw new NotPortableError(this.path, evaluatedReason)
    const required = file && describeRequire(fn, file, this.internals.scopes)
    if (required !== undefined) return settle(fn, required)
    const part = this.partOfClass()
    if (part !== undefined) {
      const member = describeMember(fn, analysis, this.internals, part)
      if (member !== undefined) return this.withProperties(member)
      if (part !== 'super') throw new NotPortableError([...this.path, part], privateMemberReason)
      this.captureSuper()
    }
    for (const [name, uses] of analysis.free) this.captureName(name, uses)
    this.globals = this.globalUses.captured()
    if (this.globals !== undefined) this.add(GLOBALS_NAME + analysis.suffix, this.globals.members)
    this.captureImports()
    for (const [name, value] of classCaptures(fn, analysis, this.values)) {
      if (name !== 'extends') this.fixed = false
      this.add(name, value)
    }
    const properties = ownProperties(fn, analysis.length)
    const { suffix } = analysis
    if (suffix !== '' && (analysis.form === 'class' || this.names.some(isOurs)))
      this.add(SUFFIX + suffix, undefined)
    const description: SourceDescription = {
      kind: 'source',
      source: this.sourceText(),
      name: typeof fn.name === 'string' ? fn.name : '',
      form: this.inMethod ? 'arrow' : analysis.form,
      strict: this.isStrict(),
      captureNames: this.names,
      captures: this.values,
      propertyNames: properties.map(([name]) => name),
      properties: properties.map(([, value]) => value),
      origin: this.origin(),
    }
    if (!this.fixed || properties.length > 0) return description
    const bare = analysis.free.size === 0 && this.names.length === 0
    const isPlain = bare && !analysis.dependsOnStrictness && analysis.ownName === undefined
    if (!isPlain || analysis.form === 'class') return settle(fn, description)
    analysis.plain = description
    return description
  }

  /** What of the text needs its class: `super`, a private member, or what a compiler made of one. */
  private partOfClass(): string | undefined {
    const { analysis, internals } = this
    if (analysis.form === 'class') return undefined
    let part: string | undefined
    for (const name of analysis.free.keys()) {
      if (name === 'super') part = name
      if (name.startsWith('#')) return name
      if (analysis.form === 'expression') continue
      const scope = this.scopeOf(name)
      const value = scope && variableIn(scope, name)
      if (typeof value !== 'object' || value === null) continue
      detectPrivateStore(name, value, internals.location)
      if (isPrivateStore(value)) return name
    }
    return part
  }

  /** What `super` is in a method of an object that no class made; an arrow needs its `this` as well. */
  private captureSuper(): void {
    const { analysis, internals, fn } = this
    const home = homeObjectOfLiteral(fn, analysis, internals, currentSession()?.root)
    if (home === undefined) throw new NotPortableError([...this.path, 'super'], unknownSuperReason)
    this.fixed = false
    this.inMethod = analysis.form === 'expression'
    if (this.inMethod) this.captureThis(analysis.free.get('this') ?? [])
    const prototype = Object.getPrototypeOf(home) as object | null
    const Class = prototype === null ? undefined : classOfPrototype(prototype)
    if (Class === undefined || isReplaced(prototype!)) this.add('super', prototype)
    else this.add('super.prototype', Class)
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
    const direct = name === 'eval' && uses.some((use) => use.called)
    const refusal = refusedNameReasons.get(direct ? 'eval()' : name)
    if (refusal !== undefined) throw new NotPortableError([...this.path, name], refusal)
    if (name === 'super' || (name === 'this' && this.inMethod)) return
    if (name === 'import.meta') this.captureMeta()
    else if (name === 'this') this.captureThis(uses)
    else {
      const scope = this.scopeOf(name)
      if (scope === undefined) this.captureGlobal(name, uses)
      else this.captureVariable(name, variableIn(scope, name), uses)
    }
  }

  /** The `this` of an arrow is what the function internals it has, for good. */
  private captureThis(uses: readonly Use[]): void {
    const { analysis, internals, fn } = this
    const value = thisOfArrow(fn, internals.location, analysis.inertArguments)
    if (value === UNSET)
      throw new NotPortableError(
        [...this.path, 'this'],
        isDebugged() ? debuggedThisReason : unreadableThisReason,
      )
    const used = this.isSentWithOthers('this') ? value : pruneValue('this', value, uses, false)
    if (used !== value) this.fixed = false
    this.add(analysis.outerThisName, used)
  }

  private captureVariable(name: string, value: unknown, uses: readonly Use[]): void {
    const { file } = this
    const origin = injectedOrigin(value)
    if (origin !== undefined) {
      this.add(`${origin.kind}:${name}`, origin.value)
      return
    }
    if (value === UNSET) throw new NotPortableError([...this.path, name], unsetReason)
    if (name === 'arguments') {
      this.fixed = false
      this.add(ARGUMENTS_NAME + this.analysis.suffix, Array.from(value as ArrayLike<unknown>))
      return
    }
    if (typeof value === 'object') this.notePrivateStore(name, value)
    if (this.globalUses.lookAt(value, uses)) this.fixed = false
    const variable = file && this.variableOf(name, file)
    const imported = variable?.isTop === true ? file?.imports.get(name) : undefined
    if (imported !== undefined) registerImport(imported, file!.url, name, value)
    // A function may itself assign to the variable that it is in.
    const isSentWithOthers = () => typeof value === 'function' || this.isSentWithOthers(name)
    if (variable?.reassigned === true && isSentWithOthers()) {
      this.captureCell(name, value, variable)
      return
    }
    const used = pruneValue(name, value, uses, imported?.required === true)
    const mayChange =
      variable?.mutated === true ||
      (imported === undefined &&
        ((used !== value && holdsFunctions(used)) || this.isSentWithOthers(name)))
    const isShared = used !== value && mayChange && this.isChanged(value as object)
    const pruned = isShared ? value : used
    this.add(name, relocatableFileName(name, pruned, file?.url))
    // A name may not have its value yet, and a file that cannot be read may assign to it.
    if (pruned !== value || value === undefined || variable === undefined) this.fixed = false
    else if (variable.assigned || imported !== undefined) this.fixed = false
  }

  private notePrivateStore(name: string, value: object | null): void {
    detectPrivateStore(name, value, this.internals.location)
    recordPrivateStore(this.fn, name, value)
  }

  private variableOf(name: string, file: FileBindings): FileVariable | undefined {
    const { location } = this.internals
    return location && variableAt(file, name, location)
  }

  /** A variable that several functions may assign to is held by an object that they share. */
  private captureCell(name: string, value: unknown, variable: FileVariable): void {
    this.fixed = false
    this.cellNames.push(name)
    const sharedVariables = currentSession()?.sharedVariables ?? new SharedVariables()
    const cell = sharedVariables.find(name, value, this.fn, this.internals, {
      inertArguments: this.analysis.inertArguments,
      isTop: variable.isTop,
      isCreatedOncePerVariable: isCreatedOncePerVariable(
        this.file!,
        variable,
        this.internals.location!,
      ),
    })
    if (cell === undefined)
      throw new NotPortableError(
        [...this.path, name],
        'several functions go along that assign to variables of this name, and which of them ' +
          'share one cannot be seen; hold its value in an object',
      )
    this.add(name, cell)
  }

  /** Whether something else goes along that may change, or see changed, what this name holds. */
  private isSentWithOthers(name: string): boolean {
    const moment = currentSession()
    const alone = moment !== undefined && moment.descriptions.size === 0
    return !alone || [...this.analysis.free.keys()].some((n) => n !== name && this.isLive(n))
  }

  /** Whether some function that goes along assigns to members of this object. */
  private isChanged(object: object): boolean {
    return (currentSession() ?? new DescriptionSession(this.fn)).changes(object)
  }

  private isLive(name: string): boolean {
    if (name === 'this') return true
    const scope = this.scopeOf(name)
    const value = scope && variableIn(scope, name)
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
    return describeReference(value) === undefined
  }

  /** A global of the language is on the other side as well; one that a user made goes along. */
  private captureGlobal(name: string, uses: readonly Use[]): void {
    if (isStandardGlobal(name)) {
      if (this.globalUses.lookAtWay([name], uses)) this.fixed = false
      return
    }
    this.fixed = false
    if (name in globalThis) this.add(name, globalOf(name))
  }

  /** What names a file is the same wherever its project is, as far as tokens go. */
  private captureMeta(): void {
    const url = this.file?.url ?? ''
    this.createInjected(
      'import.meta',
      META_NAME,
      new RelocatableValue(fileOrigin(url), pathInProject(url)),
    )
  }

  /** What the function imports while it runs is looked for as its file would. */
  private captureImports(): void {
    const { importing, imported } = this.analysis
    const url = this.file?.url ?? ''
    if (importing) {
      const anywhere = imported.length > 0 && !imported.some((s) => /^[.#/]/.test(s))
      const identity = anywhere ? '' : pathInProject(url)
      this.createInjected('import', IMPORT_NAME, new RelocatableValue(fileOrigin(url), identity))
    }
    const files = ownFiles(url, imported)
    if (files === undefined) return
    this.fixed = false
    this.createInjected('files', FILES_NAME, files)
  }

  /** The text, with the names of a class's members that had to be computed. */
  private sourceText(): string {
    const { analysis, cellNames, globals } = this
    const edited = cellNames.length > 0 || globals !== undefined
    let text = edited ? analysis.withSharedVariables(cellNames, globals) : analysis.source
    const { computedKeys } = analysis
    if (computedKeys.length === 0) return text
    this.fixed = false
    for (const [marker, name] of computedMemberNames(
      this.fn,
      computedKeys,
      this.path,
      this.internals.scopes,
    ))
      text = text.replace(marker, () => name)
    return text
  }

  private scopeOf(name: string): ScopeVariables | undefined {
    return this.internals.scopes.find((s) => Object.hasOwn(s.variables, name))
  }

  private add(name: string, value: unknown): void {
    // Test runners have their modules in Proxies; of one that was revoked nothing can be asked.
    const isObject = typeof value === 'object' && value !== null
    if (isObject && types.isProxy(value) && describeReference(value) === undefined)
      throw new NotPortableError([...this.path, name], proxyObjectReason)
    this.names.push(name)
    this.values.push(value)
  }

  /** Adds a value of which something is made where the function runs. */
  private createInjected(kind: InjectedKind, name: string, value: unknown): void {
    this.add(`${kind}:${name}${this.analysis.suffix}`, value)
  }

  private isStrict(): boolean {
    const { form, strict, dependsOnStrictness } = this.analysis
    if (!strict || !dependsOnStrictness) return strict
    const { file } = this
    const { location } = this.internals
    const said = file && location && isStrictAt(file, location)
    if (said !== undefined) return said
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

/** Whether `fn.arguments` may be asked for: of sloppy functions of the old kind only. */
function hasArguments(fn: Function): boolean {
  try {
    return fn.arguments !== undefined
  } catch {
    return false
  }
}
