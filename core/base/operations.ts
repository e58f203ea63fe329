/**
 * This package's own functions that tasks call. They travel as a name, `{ module, name }`, and are
 * imported on the other side, so they cost nothing to send and their token is the name itself.
 */
import { invariant } from './errors.js'
import { moduleFile } from './package-root.js'

/** Where a function of this package is exported: `module` is a path from the root, no extension. */
export interface OperationReference {
  readonly module: string
  readonly name: string
}

const references = new WeakMap<Function, OperationReference>()
/** Functions of modules that are loaded, by module and name. */
const present = new Map<string, Function>()
const modules = new Map<string, Record<string, unknown>>()

/**
 * Gives functions of one module names to travel by: `operations('collections/bag/steps/item-steps', { map, filter })`.
 * Every name must also be exported by that module under the same name.
 */
export function operations<T extends Record<string, Function>>(module: string, functions: T): T {
  for (const [name, fn] of Object.entries(functions)) {
    references.set(fn, { module, name })
    present.set(`${module} ${name}`, fn)
  }
  return functions
}

/** The name a function of this package travels by; undefined for everybody else's functions. */
export function operationReference(fn: Function): OperationReference | undefined {
  return references.get(fn)
}

/** Loads a module of this package, so that `resolveOperation` finds its functions. */
export async function loadOperations(module: string): Promise<void> {
  if (modules.has(module)) return
  invariant(/^[\w/-]+$/.test(module), `'${module}' is not a module of this package`)
  modules.set(module, (await import(moduleFile(module).href)) as Record<string, unknown>)
}

/** The function behind a reference, if its module happens to be loaded. */
export function findOperation({ module, name }: OperationReference): Function | undefined {
  return present.get(`${module} ${name}`)
}

/** The function behind a reference whose module was loaded. */
export function resolveOperation(reference: OperationReference): Function {
  const fn = modules.get(reference.module)?.[reference.name]
  if (typeof fn !== 'function') {
    throw new Error(
      `This process has no operation '${reference.name}' in '${reference.module}': is it another version of skein?`,
    )
  }
  return fn
}
