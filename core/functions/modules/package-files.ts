/** Tells files of packages from user files, and finds the names under which packages export their files. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { packageRoot } from '../../base/package-root.js'

const folder = '/node_modules/'

/** Whether a path or URL is inside an installed package. */
function isPackageFile(file: string): boolean {
  return file.replaceAll('\\', '/').includes(folder)
}

/** Returns a specifier for a package's file: its path after `node_modules`; undefined for other files. */
export function specifierOfFile(file: string): string | undefined {
  const path = file.replaceAll('\\', '/')
  const at = path.lastIndexOf(folder)
  if (at < 0) return undefined
  const specifier = path.slice(at + folder.length).replace(/[?#].*$/, '')
  return path.startsWith('file:') ? decodeURIComponent(specifier) : specifier
}

/** Returns the `@scope/name` or `name` of a specifier. */
export function packageNameOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}

const known = new Map<string, boolean>()

/** Whether a specifier refers to an installed package or to Node, and not to a user file. */
export function isPackageSpecifier(specifier: string, fromUrl: string): boolean {
  if (specifier.startsWith('node:') || isBuiltin(specifier)) return true
  if (isPackageFile(specifier)) return true
  if (/^[./#]|^[a-z]+:/i.test(specifier)) return false
  const name = packageNameOf(specifier)
  const key = `${name}\n${dirname(fromUrl)}`
  let found = known.get(key)
  if (found === undefined) {
    const packagePath = packageFolder(name, fromUrl)
    found = packagePath !== undefined && isInstalledFolder(packagePath)
    known.set(key, found)
  }
  return found
}

/**
 * Whether the folder of a package is an installed one. A link from `node_modules` to another folder is
 * a workspace: user code, which other machines need not have.
 */
function isInstalledFolder(packagePath: string): boolean {
  return (
    isPackageFile(`${packagePath}/`) ||
    packageRoot.href.startsWith(`${pathToFileURL(packagePath).href}/`)
  )
}

/**
 * Returns the target of a name such as `#db` in the imports map of the package that a file belongs to;
 * undefined if there is none, or if it is a file of the package itself.
 */
export function targetOfImportsMap(specifier: string, fromUrl: string): string | undefined {
  const folder = folderAbove('package.json', fromUrl)
  if (folder === undefined) return undefined
  try {
    const { imports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      imports?: Readonly<Record<string, unknown>>
    }
    const target = chooseTarget(imports?.[specifier])
    return target === undefined || target.startsWith('.') ? undefined : target
  } catch {
    return undefined
  }
}

const conditions: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default'])

function chooseTarget(target: unknown): string | undefined {
  if (typeof target === 'string') return target
  if (typeof target !== 'object' || target === null) return undefined
  const chosen = Object.entries(target).find(([condition]) => conditions.has(condition))
  return chooseTarget(chosen?.[1])
}

const publicNames = new Map<string, string | undefined>()

/**
 * Returns the specifier under which a package exports one of its files to ES modules, `yaml` or
 * `yaml/parse`; undefined for internal files. `specifier` is the file's path after `node_modules`.
 */
export function publicName(fileUrl: string, specifier: string): string | undefined {
  if (!publicNames.has(fileUrl)) publicNames.set(fileUrl, findPublicName(fileUrl, specifier))
  return publicNames.get(fileUrl)
}

function findPublicName(fileUrl: string, specifier: string): string | undefined {
  const name = packageNameOf(specifier)
  const path = `./${specifier.slice(name.length + 1)}`
  const [before] = fileUrl.split(/[?#]/, 1) as [string]
  try {
    const folder = fileURLToPath(before.slice(0, before.length - path.length + 1))
    const { exports, main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      exports?: unknown
      main?: unknown
    }
    const isMap = typeof exports === 'object' && exports !== null && '.' in exports
    const entries = Object.entries(isMap ? exports : { '.': exports ?? main })
    const offered = entries.find(([, target]) => withDotSlash(chooseTarget(target)) === path)?.[0]
    return offered === undefined ? undefined : name + offered.slice(1)
  } catch {
    return undefined
  }
}

/**
 * Returns the URL of the file that `import` loads for a package; `folder` is the URL of the package's
 * folder, with a slash at the end.
 */
export function mainFile(folder: string): string | undefined {
  try {
    const manifest = readFileSync(new URL('package.json', folder), 'utf8')
    const { exports, main } = JSON.parse(manifest) as { exports?: unknown; main?: unknown }
    const isMap = typeof exports === 'object' && exports !== null && '.' in exports
    const target = chooseTarget(isMap ? exports['.' as never] : (exports ?? main ?? 'index.js'))
    return target === undefined ? undefined : new URL(target, folder).href
  } catch {
    return undefined
  }
}

function withDotSlash(target: string | undefined): string | undefined {
  return target === undefined || target.startsWith('./') ? target : `./${target}`
}

/** Returns the closest folder, the file's own or one above it, that has an entry of this name. */
export function folderAbove(entry: string, fromUrl: string): string | undefined {
  let at = fromUrl.startsWith('file:') ? dirname(fileURLToPath(fromUrl)) : dirname(fromUrl)
  for (;;) {
    if (existsSync(join(at, entry))) return at
    const up = dirname(at)
    if (up === at) return undefined
    at = up
  }
}

/** Returns the folder of a package as a file would resolve it; undefined if it is not installed. */
export function packageFolder(name: string, fromUrl: string): string | undefined {
  const entry = join('node_modules', name)
  const folder = folderAbove(entry, fromUrl)
  return folder === undefined ? undefined : realpathSync(join(folder, entry))
}
