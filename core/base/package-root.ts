/**
 * Locations of this package's own files. Threads and processes are started from files, and operations
 * are sent as the names of their modules. Node cannot start the TypeScript sources, so when this
 * process runs from source, threads and processes start from the built files under `dist/`.
 */

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
