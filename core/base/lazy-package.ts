/**
 * Packages, and modules of Node, that are loaded when they are first used: together they take longer to load than all of
 * this package. They are loaded with `require`, which is synchronous, or with `import`, if they are ES modules alone.
 */
import { createRequire } from 'node:module'

/** Returns a function that loads a package at its first call: `lazyPackage<typeof import('acorn')>('acorn')`. */
export function lazyPackage<Exports>(name: string): () => Exports {
  let loaded: Exports | undefined
  return () => {
    loaded ??= createRequire(import.meta.url)(name) as Exports
    return loaded
  }
}

/**
 * Loads an optional package, or says how to install it: `loadOptional(hyparquet, 'hyparquet', 'readParquet')`.
 *
 * @throws Error if it is not installed.
 */
export function loadOptional<Exports>(
  load: () => Exports,
  name: string,
  operation: string,
): Exports {
  try {
    return load()
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw cause
    throw new Error(
      `${operation} needs the package ${name}, which is not installed where the task runs; write npm install ${name}`,
      { cause },
    )
  }
}

/** Returns a function that imports an ES module at its first call: `lazyModule<typeof import('x')>('x')`. */
export function lazyModule<Exports>(name: string): () => Promise<Exports> {
  let loaded: Promise<Exports> | undefined
  return () => {
    loaded ??= import(name) as Promise<Exports>
    return loaded
  }
}
