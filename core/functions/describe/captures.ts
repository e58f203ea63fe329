/**
 * The captured values of one function while it is described: the values of its free variables, and values
 * that are injected where it runs.
 *
 * Of an object of which the function reads only some members, only these are captured. Standard globals
 * are not captured. Whether a value can be serialized is decided by the codec.
 */
import { types } from 'node:util'
import { NotPortableError } from '../../base/errors.js'
import { thisOfArrow } from '../engine/arrow-this.js'
import { isDebugged } from '../engine/function-entry.js'
import {
  type FunctionInternals,
  type ScopeVariables,
  UNSET,
  variableIn,
} from '../engine/function-internals.js'
import { isNative, isStandardGlobal, registerTestGlobal } from '../engine/intrinsics.js'
import { ownFiles, unloadableImport } from '../modules/own-files.js'
import { describeReference, registerImport } from '../modules/references.js'
import {
  fileOrigin,
  pathInProject,
  RelocatableValue,
  relocatableFileName,
  relocatableOrigin,
} from '../modules/relocatable.js'
import { noLoaderAdvice } from '../modules/typescript-files.js'
import type { Analysis } from '../rewrite/function-analysis.js'
import { type InjectedKind, injectedOrigin } from '../rewrite/injected-values.js'
import {
  ARGUMENTS_NAME,
  FILES_NAME,
  GLOBALS_NAME,
  IMPORT_NAME,
  META_NAME,
} from '../rewrite/reserved-names.js'
import type { UserGlobals } from '../rewrite/source-rewriter.js'
import {
  type FileBindings,
  type FileVariable,
  isCreatedOncePerVariable,
  variableAt,
} from '../source/file-bindings.js'
import { detectPrivateStore, recordPrivateStore } from '../source/private-stores.js'
import type { Use } from '../source/scope.js'
import { GlobalUses } from './captured-globals.js'
import { currentSession, DescriptionSession } from './description-session.js'
import { isReadOnly } from './exported-members.js'
import {
  ambiguousVariableReason,
  debuggedThisReason,
  proxyObjectReason,
  unreadableThisReason,
  unsetReason,
} from './refusal-reasons.js'
import { SharedVariables } from './shared-variables.js'
import { pruneValue } from './used-members.js'

/** A function that is being described. */
export interface FunctionContext {
  readonly fn: Function
  readonly analysis: Analysis
  /** How the function was reached, for errors. */
  readonly path: readonly string[]
  readonly internals: FunctionInternals
  readonly file: FileBindings | undefined
}

/** Returns the scope that has a variable of this name. */
export function scopeOf({ scopes }: FunctionInternals, name: string): ScopeVariables | undefined {
  return scopes.find((s) => Object.hasOwn(s.variables, name))
}

/** The captured values of one function. */
export class Captures {
  readonly names: string[] = []
  readonly values: unknown[] = []
  /** Captured variables that are replaced by objects which several functions share. */
  readonly sharedNames: string[] = []
  /** Members of the global object that replace it in the function. */
  globals: UserGlobals | undefined
  /** Whether describing the function again would find the same values. */
  isFinal = true
  private readonly context: FunctionContext
  private readonly globalUses: GlobalUses

  constructor(context: FunctionContext) {
    this.context = context
    this.globalUses = new GlobalUses(
      context.path,
      context.analysis.sourceAfter,
      context.internals.global,
    )
  }

  add(name: string, value: unknown): void {
    // Test runners wrap modules in Proxies; a revoked Proxy cannot be examined.
    const isObject = typeof value === 'object' && value !== null
    if (isObject && types.isProxy(value) && describeReference(value) === undefined)
      throw new NotPortableError([...this.context.path, name], proxyObjectReason)
    this.names.push(name)
    this.values.push(value)
  }

  /** Adds the data from which a value is created where the function runs. */
  private addInjected(kind: InjectedKind, name: string, value: unknown): void {
    this.add(`${kind}:${name}${this.context.analysis.suffix}`, value)
  }

  /** Captures a variable of a scope around the function. */
  captureVariable(name: string, value: unknown, uses: readonly Use[]): void {
    const { analysis, file, path } = this.context
    const origin = injectedOrigin(value)
    if (origin !== undefined) {
      this.add(`${origin.kind}:${name}`, relocatableOrigin(origin.value))
      return
    }
    if (value === UNSET) throw new NotPortableError([...path, name], unsetReason)
    if (name === 'arguments') {
      this.isFinal = false
      this.add(ARGUMENTS_NAME + analysis.suffix, Array.from(value as ArrayLike<unknown>))
      return
    }
    if (typeof value === 'object') this.checkPrivateStore(name, value)
    if (this.globalUses.addValue(value, uses)) this.isFinal = false
    const variable = file && this.variableOf(name, file)
    const imported = variable?.isTop === true ? file?.imports.get(name) : undefined
    if (imported !== undefined) registerImport(imported, file!.url, name, value)
    // A function may itself assign to the variable that holds it.
    const isShared = () => typeof value === 'function' || this.mayShare(name)
    if (variable?.reassigned === true) {
      const session = currentSession()
      if (session !== undefined) session.usesAssignedVariable = true
      if (isShared()) {
        this.captureSharedVariable(name, value, variable)
        return
      }
    }
    const used = pruneValue(name, value, uses, imported?.required === true)
    const mayChange =
      variable?.mutated === true ||
      (imported === undefined && ((used !== value && holdsFunctions(used)) || this.mayShare(name)))
    const isWhole = used !== value && mayChange && this.isChanged(value as object)
    const pruned = isWhole ? value : used
    this.add(name, relocatableFileName(name, pruned, file?.url))
    // The variable may not have its value yet, and a file that could not be parsed may assign to it.
    if (pruned !== value || value === undefined || variable === undefined) this.isFinal = false
    else if (variable.assigned || imported !== undefined) this.isFinal = false
  }

  private checkPrivateStore(name: string, value: object | null): void {
    detectPrivateStore(name, value, this.context.internals.location)
    recordPrivateStore(this.context.fn, name, value)
  }

  private variableOf(name: string, file: FileBindings): FileVariable | undefined {
    const { location } = this.context.internals
    return location && variableAt(file, name, location)
  }

  /** Captures a variable that several functions may assign to, as an object that they share. */
  private captureSharedVariable(name: string, value: unknown, variable: FileVariable): void {
    const { analysis, file, fn, internals, path } = this.context
    this.isFinal = false
    this.sharedNames.push(name)
    const sharedVariables = currentSession()?.sharedVariables ?? new SharedVariables()
    const shared = sharedVariables.find(name, value, fn, internals, {
      inertArguments: analysis.inertArguments,
      isTop: variable.isTop,
      isCreatedOncePerVariable: isCreatedOncePerVariable(file!, variable, internals.location!),
    })
    if (shared !== undefined && isScratch(fn, value)) shared.v = undefined
    if (shared === undefined) throw new NotPortableError([...path, name], ambiguousVariableReason)
    this.add(name, shared)
  }

  /**
   * Whether other functions or objects are sent as well that may change, or see changes of, this
   * variable's value.
   */
  private mayShare(name: string): boolean {
    const session = currentSession()
    if (session !== undefined && typeof session.root !== 'function') return true
    const isFirst = session !== undefined && session.root === this.context.fn
    const { freeVariables } = this.context.analysis
    return !isFirst || [...freeVariables.keys()].some((n) => n !== name && this.holdsUserObject(n))
  }

  /** Whether a function that is sent assigns to members of this object. */
  private isChanged(object: object): boolean {
    if (isReadOnly(object)) return false
    return (currentSession() ?? new DescriptionSession(this.context.fn)).changes(object)
  }

  private holdsUserObject(name: string): boolean {
    if (name === 'this') return true
    const scope = scopeOf(this.context.internals, name)
    const value = scope && variableIn(scope, name)
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
    return describeReference(value) === undefined
  }

  /** Captures the `this` of an arrow, which is that of the function around it. */
  captureThis(uses: readonly Use[]): void {
    const { analysis, fn, internals, path } = this.context
    const value = thisOfArrow(fn, internals.location, analysis.inertArguments)
    if (value === UNSET)
      throw new NotPortableError(
        [...path, 'this'],
        isDebugged() ? debuggedThisReason : unreadableThisReason,
      )
    const used = this.mayShare('this') ? value : pruneValue('this', value, uses, false)
    if (used !== value) this.isFinal = false
    this.add(analysis.outerThisName, used)
  }

  /** Captures a global of the user; standard globals exist where the function runs. */
  captureGlobal(name: string, uses: readonly Use[]): void {
    const { global } = this.context.internals
    if (isStandardGlobal(name, global)) {
      if (this.globalUses.addPath([name], uses)) this.isFinal = false
      return
    }
    this.isFinal = false
    if (!(name in global)) return
    if (registerTestGlobal(name, global)) this.add(name, Reflect.get(global, name))
    else this.globalUses.addName(name, uses)
  }

  /**
   * Captures the members of the global object that the function reads. To be called after all
   * variables.
   */
  captureGlobalMembers(): void {
    for (const name of this.globalUses.namesOnly())
      this.add(name, Reflect.get(this.context.internals.global, name))
    this.globals = this.globalUses.captured()
    if (this.globals !== undefined)
      this.add(GLOBALS_NAME + this.context.analysis.suffix, this.globals.members)
  }

  /** Captures the file for `import.meta`; its path in the project is hashed, not its URL. */
  captureMeta(): void {
    const url = this.context.file?.url ?? ''
    const value = new RelocatableValue(fileOrigin(url), pathInProject(url))
    this.addInjected('import.meta', META_NAME, value)
  }

  /**
   * Captures the file for `import(...)`, and the contents of user files that the function imports when
   * it runs.
   */
  captureImports(): void {
    const { analysis, path } = this.context
    const { importing, imported } = analysis
    const url = this.context.file?.url ?? ''
    if (importing) {
      const isIndependent = imported.length > 0 && !imported.some((s) => /^([.#/]|file:)/.test(s))
      const identity = isIndependent ? '' : pathInProject(url)
      this.addInjected(
        'import',
        IMPORT_NAME,
        new RelocatableValue(fileOrigin(url, identity), identity),
      )
    }
    const unloadable = unloadableImport(url, imported)
    if (unloadable !== undefined) {
      const shown = `'${unloadable}'`
      throw new NotPortableError([...path, `import(${shown})`], noLoaderAdvice)
    }
    const files = ownFiles(url, imported)
    if (files === undefined) return
    this.isFinal = false
    this.addInjected('files', FILES_NAME, files)
  }
}

/**
 * Whether a variable only holds intermediate values of Babel's helper for generators, which it assigns before
 * it reads them. The last one may be anything.
 */
function isScratch(fn: Function, value: unknown): boolean {
  if (typeof value === 'function' && !isNative(value)) return false
  return scratchUser.test(Function.prototype.toString.call(fn))
}

const scratchUser = /["']Generator is already running/

/** Whether the used members of an object include functions, which may change it under another name. */
function holdsFunctions(used: unknown): boolean {
  if (typeof used !== 'object' || used === null) return false
  // An accessor is a function too; reading it would run it.
  return Object.values(Object.getOwnPropertyDescriptors(used)).some(
    (member) => !('value' in member) || typeof member.value === 'function',
  )
}
