/**
 * Errors about packages, exports and files that are missing where a function runs. Their messages name
 * both machines.
 */
import { isBuiltin } from 'node:module'
import { MissingPackageError, type PackageSide, SkeinError } from '../../base/errors.js'
import type { ModuleDescription } from '../types.js'
import { packageNameOf } from './package-files.js'
import { localSide } from './package-side.js'
import type { FileOrigin } from './relocatable.js'

interface MissingModule {
  readonly specifier: string
  readonly from?: string | undefined
  readonly sender: PackageSide | undefined
}

/** Returns the error for a package or a `node:` module that does not exist here. */
export function missingPackage(
  { specifier, sender }: MissingModule,
  cause: unknown,
): MissingPackageError {
  const here = localSide(specifier, undefined)
  const name = packageNameOf(specifier)
  const message = isBuiltin(specifier)
    ? `Node ${here.node} on ${here.host} has no module '${specifier}'${usedBy(name, sender)}; ` +
      'run the same version of Node on both sides'
    : `Package '${name}' is not installed ${describeSide(name, here)}, ` +
      `searched from ${process.cwd()}${uses(specifier, name, sender)}; ` +
      'install it where the function runs'
  return new MissingPackageError('MISSING_PACKAGE', message, { specifier, here, sender }, { cause })
}

/** Returns the error for a package that exists and fails to load. */
export function failedPackage(
  { specifier, from, sender }: MissingModule,
  cause: unknown,
): MissingPackageError {
  const code = (cause as { code?: unknown } | null)?.code
  if (code === 'ERR_UNKNOWN_BUILTIN_MODULE') return missingPackage({ specifier, sender }, cause)
  const here = localSide(specifier, from)
  const name = packageNameOf(specifier)
  const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)
  const message = `Package '${name}' cannot be loaded ${describeSide(name, here)}: ${why}${uses(specifier, name, sender)}`
  return new MissingPackageError('PACKAGE_FAILED', message, { specifier, here, sender }, { cause })
}

/** Returns the error for a package without the wanted export. */
export function missingExport({
  specifier,
  path,
  from,
  sender,
}: ModuleDescription): MissingPackageError {
  const here = [from, `${process.cwd()}/index.js`, import.meta.url]
    .map((base) => localSide(specifier, base))
    .find(({ version }, i) => version !== undefined || i === 2)!
  const name = packageNameOf(specifier)
  const what = isBuiltin(specifier) ? `Module '${specifier}'` : `Package '${specifier}'`
  const message =
    `${what} has no export '${path.join('.')}' ${describeSide(name, here)}${usedBy(name, sender)}; ` +
    `use the same version on both sides`
  return new MissingPackageError('MISSING_EXPORT', message, { specifier, here, sender })
}

/**
 * Returns the error for a user file that does not exist on this machine and was not sent with the
 * function.
 */
export function missingFile(
  specifier: string,
  { url, sender }: FileOrigin,
  cause?: unknown,
): SkeinError {
  const here = localSide(specifier, undefined)
  const message =
    `There is no file '${specifier}' ${describeSide('', here)}; it is imported by a function of ${url} ` +
    `that was sent from ${describeSide('', sender).slice(3)}; import it at the top of that file, so that ` +
    'what the function uses of it is sent with the function'
  return new SkeinError('MISSING_FILE', message, { cause })
}

/** Returns, for example, `on host-b (Node v20.19.0, lodash 3.10.1)`. */
function describeSide(name: string, { node, host, version }: PackageSide): string {
  return `on ${host} (Node ${node}${version === undefined ? '' : `, ${name} ${version}`})`
}

function uses(specifier: string, name: string, sender: PackageSide | undefined): string {
  return specifier === name
    ? usedBy(name, sender)
    : `; '${specifier}' is used by a function ${origin(name, sender)}`
}

function usedBy(name: string, sender: PackageSide | undefined): string {
  return `; it is used by a function ${origin(name, sender)}`
}

function origin(name: string, sender: PackageSide | undefined): string {
  if (sender === undefined) return 'that was sent'
  return `that was sent from ${describeSide(name, sender).slice(3)}`
}
