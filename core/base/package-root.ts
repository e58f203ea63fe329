/**
 * Where this package's own files are: threads and processes start from files, and a function of
 * this package travels as the name of its module. The TypeScript sources cannot be started by Node,
 * so from them the built twin under `dist/` is used.
 */

const fromSource = import.meta.url.endsWith('.ts')

/** The folder whose layout is that of the sources: the repository, or `dist` once built. */
export const packageRoot = new URL('../../', import.meta.url)

/** The URL of a file that Node can start, by its path from the package's root, without extension. */
export function runnableFile(path: string): URL {
  return new URL(`${fromSource ? 'dist/' : ''}${path}.js`, packageRoot)
}

/** The URL of one of this package's modules as this process loads it. */
export function moduleFile(path: string): URL {
  return new URL(`${path}${fromSource ? '.ts' : '.js'}`, packageRoot)
}
