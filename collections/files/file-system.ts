/**
 * The interface of file systems: where files are found, read in parts and written. Those of other machines
 * are asynchronous and run in a thread of their own (`io-thread.ts`), so that loops over items stay
 * synchronous. Local files are read directly.
 */

/** A file system, as the module of its scheme exports it under the name `fileSystem`. */
export interface FileSystem<Place = unknown> {
  /**
   * Checks the options of a user and returns what all requests need, as plain data: it is sent to tasks.
   *
   * @param url An address, which may be a pattern.
   */
  locate(url: string, options: Readonly<Record<string, unknown>> | undefined): Place
  /** Returns the files that a pattern (`*`, `**`, `?`, `[ab]`, `{a,b}`) matches, or the one of an address. */
  find(pattern: string, place: Place): Promise<readonly StoredFile[]>
  /** Returns bytes of a file: those from `start` up to `end`, or fewer at the end of the file. */
  read(url: string, start: number, end: number, place: Place): Promise<Uint8Array>
  /** Reads files that cannot be read in parts. */
  stream?(url: string, place: Place): AsyncIterable<Uint8Array>
  /** Begins to write a file, which appears when it is committed. Systems without it are read only. */
  create?(url: string, place: Place): Promise<StoredFileWriter>
}

/** A file that a file system has found. */
export interface StoredFile {
  /** The address. */
  readonly url: string
  /** The size in bytes; undefined if it is not known. */
  readonly size: number | undefined
  /** Changes whenever the file does: a time or a hash. */
  readonly version: string
  /** Whether the file can be read in parts. */
  readonly ranges: boolean
}

/** A file of a file system that is being written. */
export interface StoredFileWriter {
  /** Adds bytes. */
  write(bytes: Uint8Array): Promise<void>
  /** Makes the file appear, in place of one that was there. */
  commit(): Promise<void>
  /** Leaves nothing behind. */
  abort(): Promise<void>
}

/** How tasks reach a file that is not a local one. */
export interface FileAccess {
  /** The file system: the name of one of this package, or the URL of a user's module. */
  readonly module: string
  /** What `locate` returned. */
  readonly place: unknown
  /** Whether the file can be read in parts. */
  readonly ranges: boolean
}

/** A file, as tasks get it: a path and nothing else if it is local. */
export interface FileReference {
  /** The path, or the URL. */
  readonly path: string
  readonly access?: FileAccess | undefined
}

/** A file with its size in bytes, and what changes when it does. */
export interface FoundFile extends FileReference {
  /** The size; 0 if it is not known, as that of a pipe. */
  readonly size: number
  /** The time of the last change in milliseconds, or another value that changes with the file. */
  readonly changed: number | string
}

/** The module of each scheme: the name of one of this package, or the URL of a user's. */
const modules = new Map<string, string>([
  ['http', 'http'],
  ['https', 'http'],
  ['s3', 's3'],
])

/**
 * Registers a file system for addresses with a scheme: `registerFileSystem('hdfs', new URL('./hdfs.js', import.meta.url))`.
 *
 * @param scheme The scheme, without `://`. One that exists is replaced, except `file`.
 * @param module The URL of an ES module that exports `fileSystem`. Every machine that runs tasks must have it there.
 * @throws TypeError for arguments of other types; RangeError for a scheme that cannot be registered.
 */
export function registerFileSystem(scheme: string, module: string | URL): void {
  if (typeof scheme !== 'string' || !/^[a-z][a-z0-9+.-]+$/i.test(scheme)) {
    throw new RangeError(
      `registerFileSystem: the scheme must be a name such as 'hdfs', got '${scheme}'`,
    )
  }
  if (scheme.toLowerCase() === 'file') {
    throw new RangeError('registerFileSystem: file: URLs are always those of local files')
  }
  const href = module instanceof URL ? module.href : module
  if (typeof href !== 'string' || !URL.canParse(href)) {
    throw new TypeError(
      `registerFileSystem: the module must be a URL, such as new URL('./hdfs.js', import.meta.url), got ${String(module)}`,
    )
  }
  modules.set(scheme.toLowerCase(), href)
}

/** Returns the scheme of an address in lower case; undefined for paths and `file:` URLs. */
export function schemeOf(path: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(path)?.[1]?.toLowerCase()
  return scheme === 'file' ? undefined : scheme
}

/**
 * Returns the module of the file system of a scheme.
 *
 * @throws RangeError if there is none.
 */
export function moduleOfScheme(scheme: string, path: string, operation: string): string {
  const module = modules.get(scheme)
  if (module !== undefined) return module
  const known = ['file', ...modules.keys()].map((name) => `${name}://`).join(', ')
  throw new RangeError(
    `${operation}: '${path}' cannot be reached: there is no file system for ${scheme}://, only for ${known}; add one with db.registerFileSystem`,
  )
}
