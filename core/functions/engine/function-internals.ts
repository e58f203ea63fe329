/**
 * What V8 knows of a function and JavaScript does not show: its scopes with the values of their variables,
 * its position in its script, and the target and arguments of a bound function.
 */
import {
  asArgument,
  connect,
  type InspectorProperty,
  type InspectorValue,
  keepingObjects,
  objectIdOf,
  propertiesOf,
  releaseObjects,
  valuesOf,
} from './inspector-session.js'

/** One scope around a function: all of its variables that any function inside it uses. */
export interface ScopeVariables {
  readonly kind: 'local' | 'module' | 'script' | 'global'
  readonly variables: Readonly<Record<string, unknown>>
}

/** The value of a variable that is not initialized yet. */
export const UNSET: unique symbol = Symbol('no value yet')

/**
 * Returns the value of a variable; UNSET if it is not initialized yet. Node 20 cannot tell and returns
 * undefined for those.
 */
export function variableIn({ variables }: ScopeVariables, name: string): unknown {
  try {
    return variables[name]
  } catch {
    return UNSET
  }
}

/** The position of a function in its script; lines and columns count from zero, as in the inspector. */
export interface FunctionLocation {
  readonly scriptId: string
  readonly line: number
  readonly column: number
}

/** The location and scopes of a function, innermost first; or what a bound function was bound to. */
export interface FunctionInternals {
  readonly location: FunctionLocation | undefined
  readonly scopes: readonly ScopeVariables[]
  /** The global object of the context in which the function was created. */
  readonly global: object
  readonly bound: { target: Function; boundThis: unknown; boundArgs: unknown[] } | undefined
}

let cache: Map<Function, FunctionInternals> | undefined

/**
 * Runs `body`, in which `functionInternals` reads each function once. `body` is synchronous, and no
 * variable may change while it runs.
 */
export function cachingInternals<T>(body: () => T): T {
  cache = new Map()
  try {
    return keepingObjects(body)
  } finally {
    cache = undefined
  }
}

/** Returns the internals of a function, from the cache if there is one. */
export function functionInternals(fn: Function): FunctionInternals {
  let found = cache?.get(fn)
  if (found === undefined) {
    found = readFunctionInternals(fn)
    cache?.set(fn, found)
  }
  return found
}

/** Reads the internals of a function from the engine. */
export function readFunctionInternals(fn: Function): FunctionInternals {
  connect()
  try {
    const internals = propertiesOf(objectIdOf(fn)).internalProperties ?? []
    const find = (name: string) => internals.find((p) => p.name === name)?.value
    const target = find('[[TargetFunction]]')
    if (target !== undefined)
      return {
        location: undefined,
        scopes: [],
        global: globalThis,
        bound: readBound(internals),
      }
    const scopeList = find('[[Scopes]]')
    const location = asLocation(find('[[FunctionLocation]]'))
    return {
      location,
      ...(scopeList === undefined ? { scopes: [], global: globalThis } : readScopes(scopeList)),
      bound: undefined,
    }
  } finally {
    releaseObjects()
  }
}

function readBound(internals: readonly InspectorProperty[]): FunctionInternals['bound'] {
  const names = ['[[TargetFunction]]', '[[BoundThis]]', '[[BoundArgs]]']
  const remotes = names.map((name) => internals.find((p) => p.name === name)?.value ?? {})
  const [target, boundThis, boundArgs] = valuesOf(remotes.map(asArgument))
  const args = Array.from((boundArgs ?? []) as ArrayLike<unknown>)
  return { target: target as Function, boundThis, boundArgs: args }
}

function asLocation(remote: InspectorValue | undefined): FunctionLocation | undefined {
  const at = remote?.value as
    | { scriptId: string; lineNumber: number; columnNumber?: number }
    | undefined
  if (at === undefined) return undefined
  return { scriptId: at.scriptId, line: at.lineNumber, column: at.columnNumber ?? 0 }
}

function readScopes(scopeList: InspectorValue): Pick<FunctionInternals, 'scopes' | 'global'> {
  // The list is an array that the engine made for this query, without the prototype of arrays.
  const [entries] = valuesOf([scopeList])
  const scopes: ScopeVariables[] = []
  let global: object = globalThis
  for (const { description, object } of Array.from(entries as ArrayLike<ScopeEntry>)) {
    const kind = scopeKind(description)
    if (kind === 'global') global = object
    scopes.push({ kind, variables: kind === 'global' ? {} : object })
  }
  return { scopes, global }
}

interface ScopeEntry {
  readonly description: string
  readonly object: Record<string, unknown>
}

function scopeKind(description: string): ScopeVariables['kind'] {
  if (description === 'Global') return 'global'
  if (description === 'Module') return 'module'
  return description === 'Script' ? 'script' : 'local'
}
