/**
 * Files that were sent with functions. When one of them is imported and this machine does not have it
 * with the same content, all of them are written to a temporary folder, in their original layout, from
 * which packages resolve as from the working directory.
 *
 * All threads of a process write below one folder, which the main thread removes when the process exits: no
 * `exit` event occurs in threads that are ended.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { lazyPackage } from '../../base/lazy-package.js'
import { folderAbove } from './package-files.js'

const crypto = lazyPackage<typeof import('node:crypto')>('node:crypto')

/** The contents by URL, and the URLs that are in the folder already. */
let files = new Map<string, string>()
let written = new Set<string>()
let folder: string | undefined
let root: string | undefined

/** Returns the folder for all threads of this process. It is created when it is needed. */
export function rootOfShippedFiles(): string {
  if (root === undefined) {
    const made = join(tmpdir(), `skein-files-${crypto().randomUUID()}`)
    root = made
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  }
  return root
}

/** Sets the folder for all threads, in a thread. */
export function setRootOfShippedFiles(folder: string): void {
  root = folder
}

/** Adds files that were sent with a function. */
export function addShippedFiles(more: ReadonlyMap<string, string>): void {
  for (const [url, content] of more) {
    // Other content under the same URL: modules that were imported stay as they are, in their own
    // folder.
    if (written.has(url) && files.get(url) !== content) {
      files = new Map(files)
      written = new Set()
      folder = undefined
    }
    files.set(url, content)
  }
}

/**
 * Returns the URL to import a file by: its own if this machine has it, else that of the copy that was
 * sent.
 */
export function localUrl(url: string): string | undefined {
  const content = files.get(url)
  if (content === undefined) return existsSync(fileURLToPath(url)) ? url : undefined
  if (isOnThisMachine(url, content)) return url
  folder ??= makeFolder()
  for (const [other, content] of files) {
    if (written.has(other)) continue
    const path = pathOf(other, folder)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, content, { mode: 0o600 })
    written.add(other)
  }
  return pathToFileURL(pathOf(url, folder)).href
}

function isOnThisMachine(url: string, content: string): boolean {
  try {
    return readFileSync(fileURLToPath(url), 'utf8') === content
  } catch {
    return false
  }
}

function pathOf(url: string, root: string): string {
  const { pathname } = new URL(url)
  return join(root, ...decodeURIComponent(pathname).replaceAll(':', '').split('/'))
}

function makeFolder(): string {
  const above = rootOfShippedFiles()
  mkdirSync(above, { recursive: true, mode: 0o700 })
  const temporary = mkdtempSync(join(above, 'copies-'))
  const packages = folderAbove('node_modules', join(process.cwd(), 'index.js'))
  if (packages !== undefined)
    symlinkSync(join(packages, 'node_modules'), join(temporary, 'node_modules'), 'junction')
  return temporary
}
