/**
 * Operations: this package's own functions that tasks call. An operation is sent as a name,
 * `{ module, name }`, and imported where it runs. So it costs nothing to send, and its token is its name.
 */
import * as errors from './errors.js'
import { moduleFile } from './package-root.js'

/** The name of an operation: `module` is a path from the package's root, without extension. */
export interface OperationReference {
  /** The path of the module from the package's root, without extension. */
  readonly module: string
  /** The name of the export. */
  readonly name: string
}

const references = new WeakMap<Function, OperationReference>()
/** Functions of modules that registered them when they were loaded, by module and name. */
const registered = new Map<string, Function>()
const modules = new Map<string, Record<string, unknown>>()

/**
 * Registers functions of a module as operations: `operations('collections/bag/steps/elementwise-steps', { map, filter })`.
 * The module must export each of them under the same name.
 */
export function operations<T extends Record<string, Function>>(module: string, functions: T): T {
  for (const [name, fn] of Object.entries(functions)) {
    references.set(fn, { module, name })
    registered.set(`${module} ${name}`, fn)
  }
  return functions
}

/** Returns the reference of an operation; undefined for every other function. */
export function operationReference(fn: Function): OperationReference | undefined {
  return references.get(fn)
}

/** Modules that do something when they are loaded: the programs of this package. */
const programs = /^distributed\/cli\/|\/(executor|io)-thread$/

/**
 * Loads a module of this package, so that `resolveOperation` finds its functions. Throws DecodeError for the
 * names of other files, and of programs: the name may come from anywhere.
 */
export async function loadOperations(module: string): Promise<void> {
  if (modules.has(module)) return
  const isModule =
    typeof module === 'string' &&
    /^(core|collections|distributed)(\/\w+(-\w+)*)+$/.test(module) &&
    !programs.test(module)
  if (!isModule) throw new errors.DecodeError(`${describe(module)} is not a module of operations`)
  modules.set(module, (await import(moduleFile(module).href)) as Record<string, unknown>)
}

/** Returns the function of a reference if its module is already loaded. */
export function findOperation({ module, name }: OperationReference): Function | undefined {
  return registered.get(`${module} ${name}`)
}

/** Returns the function of a reference; its module, or `loadOperations`, must have registered it. */
export function resolveOperation(reference: OperationReference): Function {
  const fn = modules.get(reference.module)?.[reference.name] ?? findOperation(reference)
  if (typeof fn !== 'function') {
    throw new Error(
      `This process has no operation '${reference.name}' in '${reference.module}': is it another version of skein?`,
    )
  }
  return fn
}

/** What was received in place of a name may be anything, of any length. */
function describe(module: unknown): string {
  return typeof module === 'string' ? `'${module.slice(0, 200)}'` : `A ${typeof module}`
}

/** Classes of errors are sent by the names of their modules, which the bundles of the built package would hide. */
function registerErrorClasses(): void {
  const classes = Object.entries(errors).filter(
    ([, member]) => typeof member === 'function' && member.prototype instanceof Error,
  )
  operations('core/base/errors', Object.fromEntries(classes) as Record<string, Function>)
}

registerErrorClasses()
