/**
 * Locations of this package's own files. Threads and processes are started from files, and operations
 * are sent as the names of their modules. Node cannot start the TypeScript sources, so when this
 * process runs from source, threads and processes start from the built files under `dist/`.
 */

import { SkeinError } from './errors.js'

/** The file that this code is in: its source, or the bundle that the build of this package makes. */
const ownFile = /\bcore[\\/](base[\\/]package-root|bundles[\\/]base)\.[jt]s/

assertNotBundled(import.meta.url as string | undefined)

/**
 * Throws if this code is in a bundle that a user has made: threads and processes start from the files of this
 * package, and native code is loaded from them. Bundlers leave `import.meta.url` undefined, or set it to the URL
 * of the bundle, or of the file that this code was in when the bundle was made; so the stack is examined too.
 */
function assertNotBundled(url: string | undefined): void {
  const file = runningFile()
  const isOwn = (path = '') => ownFile.test(path)
  if (isOwn(url) && (file === undefined || (isOwn(file) && !file.startsWith('webpack')))) return
  throw new SkeinError(
    'BUNDLED',
    'Skein cannot run inside a bundle, as it starts threads and processes from its own files: mark `skein` ' +
      'as external in the configuration of the bundler, and install it where the bundle runs; the page ' +
      'docs/guide/bundlers.md of the package shows how for esbuild, rollup, webpack and vite',
  )
}

/** Returns the file of this code as the engine knows it, without source maps. */
function runningFile(): string | undefined {
  const { prepareStackTrace: prepare } = Error
  try {
    Error.prepareStackTrace = (_error, frames) => frames
    const [frame] = new Error('frames').stack as unknown as NodeJS.CallSite[]
    return frame?.getFileName() ?? undefined
  } catch {
    return undefined
  } finally {
    Error.prepareStackTrace = prepare
  }
}

const fromSource = import.meta.url.endsWith('.ts')

/** The folder laid out like the sources: the repository, or `dist` once built. */
export const packageRoot = new URL('../../', import.meta.url)

/** Returns the URL of a file that Node can start, from its path under the root without extension. */
export function runnableFile(path: string): URL {
  return new URL(`${fromSource ? 'dist/' : ''}${path}.js`, packageRoot)
}

/** Returns the URL of a module of this package as this process loads it. */
export function moduleFile(path: string): URL {
  return new URL(`${path}${fromSource ? '.ts' : '.js'}`, packageRoot)
}
