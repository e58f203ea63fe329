/**
 * User files in TypeScript that a function imports when it runs, as in `import('./model.ts')`. Programs that are
 * run by tsx or vitest, or by a Node that strips types, do not compile them, and threads and workers are not run by
 * these. So they load such files with the project's tsx, else as Node does.
 */
import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { SkeinError } from '../../base/errors.js'

const sources: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
}
const added = ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '/index.ts', '/index.js']

/** Whether a URL names a file in TypeScript. */
export function isTypeScript(url: string): boolean {
  return /\.[cm]?tsx?$/.test(url) && !url.includes('/node_modules/')
}

/**
 * Returns the URLs of the files that the import of a URL may mean, the likeliest first: TypeScript's `./model.js` may
 * be `model.ts`, and tsx takes `./model` too.
 */
export function possibleFiles(url: string): readonly string[] {
  const extension = extname(new URL(url).pathname)
  const more = sources[extension]
  if (more !== undefined) {
    return [url, ...more.map((source) => url.slice(0, -extension.length) + source)]
  }
  return isTypeScript(url) || extension === '.json'
    ? [url]
    : [url, ...added.map((end) => url + end)]
}

/** Returns the first file, of those that the import of a URL may mean, that exists on this machine. */
export function existingFile(url: string): string | undefined {
  return possibleFiles(url).find(isFile)
}

function isFile(url: string): boolean {
  const path = fileURLToPath(url)
  return existsSync(path) && statSync(path).isFile()
}

/** Whether a file in TypeScript can be loaded on this machine. */
export function canLoadTypeScript(url: string): boolean {
  return nodeStripsTypes() || basesOf(url).some(hasTsx)
}

/** What to do about a file in TypeScript that cannot be loaded. */
export const noLoaderAdvice =
  `it is TypeScript, which Node ${process.version} does not load where the function runs; import it at the top of ` +
  'the file, compile the program to JavaScript, or install the package `tsx`, which is then used there'

function nodeStripsTypes(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript)
}

/** The files from which tsx is looked for: one of the project, and one in the working directory. */
function basesOf(url: string): readonly string[] {
  return [url, pathToFileURL(`${process.cwd()}/index.js`).href]
}

function hasTsx(base: string): boolean {
  try {
    createRequire(base).resolve('tsx/esm/api')
    return true
  } catch {
    return false
  }
}

type Import = (specifier: string, from: string) => Promise<object>

/** tsx's `import`, once it was needed. tsx keeps the modules that it has loaded apart from those of Node. */
let tsxImport: Promise<Import> | undefined

/**
 * Imports a file in TypeScript, with its own imports. `importFrom` imports a package as a file does.
 *
 * @throws SkeinError with the code `MISSING_FILE` if nothing can load it.
 */
export async function importTypeScript(
  url: string,
  importFrom: (base: string, specifier: string) => Promise<object>,
): Promise<object> {
  const base = basesOf(url).find(hasTsx)
  if (base !== undefined) {
    tsxImport ??= importFrom(base, 'tsx/esm/api').then((api) => {
      const { register } = api as { register(options: { namespace: string }): { import: Import } }
      return register({ namespace: 'skein' }).import
    })
    return (await tsxImport)(url, url)
  }
  if (nodeStripsTypes()) return importFrom(url, url)
  throw new SkeinError(
    'MISSING_FILE',
    `${fileURLToPath(url)} cannot be imported: ${noLoaderAdvice}`,
  )
}
