/**
 * Stacks for users: the frames of their own files, at the positions in their source files, without the
 * frames of this package and Node. This code runs only after an error.
 *
 * A function is sent as the source code that runs, which a compiler may have produced. The sender has
 * the source maps: in the file itself, next to it, or in Node's own list.
 */
import { readFileSync } from 'node:fs'
import { findSourceMap, SourceMap, type SourceMapPayload } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isPackageLocation } from '../../base/call-site.js'
import { nameCell } from '../../base/notebook.js'
import { mainGlobal } from '../engine/realms.js'
import { loadedSource } from '../engine/scripts.js'

const frame =
  /^(\s+at (?:.*? \()?)((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()]*|[^()\s]+):(\d+):(\d+)(\)?)$/

/**
 * Returns the user's frames of a stack. `isMapped` means that Node, or a test runner, has applied the
 * source maps already, as they do for errors of this thread.
 */
export function userFrames(stack: string, isMapped: boolean): string[] {
  const frames: string[] = []
  for (const line of stack.split('\n')) {
    const parts = frame.exec(line)
    if (parts === null) {
      if (/^\s+at /.test(line) && !/\(?(node:|<anonymous>)/.test(line)) frames.push(line)
      continue
    }
    const [, before, file, row, column, after] = parts as unknown as string[]
    if (isPackageLocation(file!) || /^(node:|skein-)/.test(file!)) continue
    const at = isMapped ? undefined : sourceLocation(file!, Number(row), Number(column))
    frames.push(`${before}${at ?? nameCell(`${file}:${row}:${column}`)}${after}`)
  }
  return frames
}

const nodePrepareName = 'ErrorPrepareStackTrace'

/** Whether something else applies source maps to the stacks of this thread. */
export function mapsOwnStacks(): boolean {
  // Node's own function has this name; any other one is that of a test runner, which applies the maps. Jest sets
  // it in the main context alone, where Node looks for it as well.
  const main = mainGlobal as typeof globalThis
  return (
    main.process.sourceMapsEnabled ||
    [Error, main.Error].some(
      ({ prepareStackTrace: prepare }) =>
        prepare !== undefined && (prepare as Function).name !== nodePrepareName,
    )
  )
}

/**
 * Returns the location in the source file for a location in this thread's code; `/app/main.js:3:7` in
 * Node's form.
 */
export function writtenLocation(location: string): string {
  const parts = /^(.*):(\d+):(\d+)$/.exec(location)
  if (parts === null || mapsOwnStacks()) return location
  const found = sourceLocation(parts[1]!, Number(parts[2]), Number(parts[3]))
  return found?.replace(/^file:\/\/(?=\/)/, '') ?? location
}

/** Returns the location in the source file, `file:///app/main.ts:3:7`; undefined without a source map. */
function sourceLocation(file: string, line: number, column: number): string | undefined {
  const found = mapOf(file)
  if (found === undefined) return undefined
  const entry = found.map.findEntry(line - 1, column - 1)
  if (!('originalSource' in entry) || entry.originalLine === undefined) return undefined
  const source = sourceUrl(entry.originalSource, found.base)
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
}

function sourceUrl(source: string, base: string): string {
  if (source.startsWith('/')) return pathToFileURL(source).href
  try {
    return new URL(source, base).href
  } catch {
    return source
  }
}

interface FoundMap {
  readonly map: SourceMap
  /** The URL to which the paths of sources are relative. */
  readonly base: string
}

const maps = new Map<string, FoundMap | undefined>()

function mapOf(file: string): FoundMap | undefined {
  if (!maps.has(file)) maps.set(file, findMap(file))
  return maps.get(file)
}

function findMap(file: string): FoundMap | undefined {
  const isUrl = file.startsWith('file:')
  const url = isUrl ? file : pathToFileURL(file).href
  const path = isUrl ? fileURLToPath(file.replace(/[?#].*$/, '')) : file
  if (path.includes('/node_modules/')) return undefined
  try {
    const content =
      loadedSource(file) ?? loadedSource(isUrl ? path : url) ?? readFileSync(path, 'utf8')
    // A test runner may have added the end of a wrapper after it.
    const at = Math.max(
      content.lastIndexOf('//# sourceMappingURL='),
      content.lastIndexOf('//@ sourceMappingURL='),
    )
    const link = at < 0 ? null : /=(\S+)/.exec(content.slice(at))
    const known = link === null ? (findSourceMap(file) ?? findSourceMap(url)) : undefined
    if (known !== undefined) return { map: known, base: url }
    return link === null ? undefined : readMap(link[1]!, url)
  } catch {
    return undefined
  }
}

function readMap(link: string, url: string): FoundMap {
  const data = /^data:[^,]*?(;base64)?,(.*)$/s.exec(link)
  const base = data === null ? new URL(link, url).href : url
  const content =
    data === null
      ? readFileSync(fileURLToPath(base), 'utf8')
      : data[1] === undefined
        ? decodeURIComponent(data[2]!)
        : Buffer.from(data[2]!, 'base64').toString()
  const payload = JSON.parse(content) as SourceMapPayload
  const root = payload.sourceRoot
  const folder = root ? new URL(root.endsWith('/') ? root : `${root}/`, base).href : base
  return { map: new SourceMap({ ...payload, sourceRoot: '' }), base: folder }
}
