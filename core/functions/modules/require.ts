/**
 * CommonJS's `require`, of which every file has its own. The receiver creates one that resolves from
 * the same file, and from the folder of the process if that fails.
 */
import { isBuiltin, createRequire as nodeCreateRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { operations } from '../../base/operations.js'
import type { ScopeVariables } from '../engine/function-internals.js'
import { REQUIRE_NAME } from '../rewrite/reserved-names.js'
import type { FileBindings } from '../source/file-bindings.js'
import type { SourceDescription } from '../types.js'
import { failedPackage, missingFile, missingPackage } from './missing-package.js'
import { isRelative } from './own-files.js'
import { type FileOrigin, fileOrigin, pathInProject, RelocatableValue } from './relocatable.js'
import { localUrl } from './shipped-files.js'

const source = `function require(id) { return ${REQUIRE_NAME}(id) }`

/** Describes a function if it is a `require` made by Node; undefined for all others. */
export function describeRequire(
  fn: Function,
  file: FileBindings,
  scopes: readonly ScopeVariables[],
): SourceDescription | undefined {
  if (fn.name !== 'require' || !file.url.startsWith('node:internal/modules')) return undefined
  const module = scopes.map((scope) => scope.variables.mod).find((mod) => mod !== undefined)
  const from = (module as { filename?: unknown } | undefined)?.filename
  if (typeof from !== 'string') return undefined
  const url = pathToFileURL(from).href
  return {
    kind: 'source',
    source,
    name: 'require',
    form: 'expression',
    strict: true,
    captureNames: [`require:${REQUIRE_NAME}`],
    captures: [new RelocatableValue(fileOrigin(url), pathInProject(url))],
    propertyNames: [],
    properties: [],
  }
}

/** Returns the `require` of a file that may be on another machine. */
export function requireAt(origin: FileOrigin): NodeJS.Require {
  const own = nodeCreateRequire(origin.url)
  const within =
    <R>(call: (require: NodeJS.Require, id: string) => R) =>
    (id: string): R => {
      if (typeof id !== 'string' || isBuiltin(id)) return call(own, id)
      return isRelative(id) || isAbsolute(id) || id.startsWith('file:')
        ? requireFile(origin, id, own, call)
        : requirePackage(origin, id, own, call)
    }
  const require = within((from, id) => from(id))
  return Object.assign(require, own, {
    resolve: Object.assign(
      within((from, id) => from.resolve(id)),
      { paths: own.resolve.paths },
    ),
  })
}

type Call<R> = (require: NodeJS.Require, id: string) => R

function requireFile<R>(origin: FileOrigin, id: string, own: NodeJS.Require, call: Call<R>): R {
  let found: string
  try {
    found = own.resolve(id)
  } catch (error) {
    const copy = localUrl(new URL(id, origin.url).href)
    if (copy === undefined) throw missingFile(id, origin, error)
    found = fileURLToPath(copy)
  }
  const here = localUrl(pathToFileURL(found).href)
  return call(own, here === undefined ? found : fileURLToPath(here))
}

function requirePackage<R>(origin: FileOrigin, id: string, own: NodeJS.Require, call: Call<R>): R {
  const bases = [own, nodeCreateRequire(`${process.cwd()}/index.js`)]
  let failure: unknown
  for (const base of bases) {
    try {
      base.resolve(id)
    } catch (error) {
      failure ??= error
      continue
    }
    return call(base, id)
  }
  const { sender } = origin
  if ((failure as { code?: unknown }).code === 'MODULE_NOT_FOUND')
    throw missingPackage({ specifier: id, sender }, failure)
  throw failedPackage({ specifier: id, from: origin.url, sender }, failure)
}

/** Replaces `createRequire` of `node:module`, for files that may be on another machine. */
export function createRequire(from: string | URL): NodeJS.Require {
  const path = String(from)
  const url = path.startsWith('file:') ? path : pathToFileURL(path).href
  nodeCreateRequire(from)
  return requireAt(fileOrigin(url))
}
operations('core/functions/modules/require', { createRequire: nodeCreateRequire })
