/**
 * CommonJS's `require`, which every file has its own of: on the other side it becomes one that looks
 * from the same file, and from the folder of the process where that finds nothing.
 */
import { createRequire } from 'node:module'
import type { FileNames } from './files.js'
import type { ScopeVariables } from './inspect.js'
import type { SourceDescription } from './types.js'

const source = `function require(id) {
  try {
    return createRequire(from)(id)
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error
    return createRequire(process.cwd() + '/')(id)
  }
}`

/** Describes a function if it is a `require` that Node made; undefined for all others. */
export function describeRequire(
  fn: Function,
  file: FileNames,
  scopes: readonly ScopeVariables[],
): SourceDescription | undefined {
  if (fn.name !== 'require' || !file.url.startsWith('node:internal/modules')) return undefined
  const module = scopes.map((scope) => scope.variables.mod).find((mod) => mod !== undefined)
  const from = (module as { filename?: unknown } | undefined)?.filename
  if (typeof from !== 'string') return undefined
  return {
    kind: 'source',
    source,
    name: 'require',
    form: 'expression',
    strict: true,
    captureNames: ['createRequire', 'from'],
    captures: [createRequire, from],
    propertyNames: [],
    properties: [],
  }
}
