/**
 * User files that a function imports when it runs, as in `import('./model.js')`. Their contents are
 * sent with the function, and so are those of the files that they import, as the receiving machine may
 * not have them.
 */
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eachChild, importedBy, parseFile, type SyntaxNode } from '../source/syntax.js'
import { folderAbove } from './package-files.js'
import { pathInProject, RelocatableValue } from './relocatable.js'
import { canLoadTypeScript, existingFile, isTypeScript } from './typescript-files.js'

/** The limit on the total size of these files, in characters. */
const SIZE_LIMIT = 4_000_000

/** Whether a specifier is a path relative to the importing file. */
export function isRelative(specifier: string): boolean {
  return /^\.\.?(\/|$)/.test(specifier)
}

/**
 * Returns the contents of the files that a file imports by these specifiers, by URL; undefined if there
 * are none. Files that cannot be read are left out: importing them fails, as it would here.
 */
export function ownFiles(url: string, specifiers: readonly string[]): RelocatableValue | undefined {
  if (!url.startsWith('file:')) return undefined
  const files = new Map<string, string>()
  const urls = ownUrls(url, specifiers)
  let size = 0
  for (const wanted of urls) {
    const target = existingFile(wanted) ?? wanted
    if (files.has(target)) continue
    const content = readFile(target)
    size += content?.length ?? 0
    if (content === undefined || size > SIZE_LIMIT) continue
    files.set(target, content)
    addManifest(target, files)
    if (!target.endsWith('.json')) urls.push(...relativeImports(target, content))
  }
  if (files.size === 0) return undefined
  const identity = [...files].map(([file, content]) => [pathInProject(file), content])
  return new RelocatableValue(files, identity.sort())
}

/** Returns the URLs of the user files that a file imports by these specifiers; vitest's are absolute. */
function ownUrls(url: string, specifiers: readonly string[]): string[] {
  const own = specifiers.filter((specifier) => isRelative(specifier) || isOwnUrl(specifier))
  return own.map((specifier) => new URL(specifier, url).href)
}

function isOwnUrl(specifier: string): boolean {
  return specifier.startsWith('file:') && !specifier.includes('/node_modules/')
}

/** Returns the first specifier of a file in TypeScript that cannot be loaded where functions run. */
export function unloadableImport(url: string, specifiers: readonly string[]): string | undefined {
  if (!url.startsWith('file:')) return undefined
  return specifiers.find((specifier) => {
    const [target] = ownUrls(url, [specifier])
    const file = target === undefined ? undefined : existingFile(target)
    return file !== undefined && isTypeScript(file) && !canLoadTypeScript(file)
  })
}

const sentExtensions = new Set('.js .mjs .cjs .jsx .json .ts .mts .cts .tsx'.split(' '))

function readFile(url: string): string | undefined {
  if (!sentExtensions.has(extname(new URL(url).pathname))) return undefined
  try {
    return readFileSync(fileURLToPath(url), 'utf8')
  } catch {
    return undefined
  }
}

/** Adds the `package.json` that determines the module type of a `.js` file. */
function addManifest(url: string, files: Map<string, string>): void {
  const folder = folderAbove('package.json', url)
  if (folder === undefined) return
  const { protocol } = new URL(url)
  const manifest = new URL(`${protocol}//${folder.replaceAll('\\', '/')}/package.json`).href
  const content = files.has(manifest) ? undefined : readFile(manifest)
  if (content !== undefined) files.set(manifest, content)
}

/** Imports in TypeScript, which cannot be parsed here. Others in comments and strings do no harm. */
const importInTypeScript = /\b(?:from|import|require)\s*\(?\s*(['"])(\.\.?\/[^'"\n]*)\1/g

function relativeImports(url: string, content: string): string[] {
  if (isTypeScript(url))
    return [...content.matchAll(importInTypeScript)].map(([, , name]) => new URL(name!, url).href)
  const program = parseFile(content, !url.endsWith('.cjs')) ?? parseFile(content, false)
  const found: string[] = []
  const visit = (node: SyntaxNode): void => {
    const specifier = importedBy(node)
    if (specifier !== undefined && isRelative(specifier)) found.push(new URL(specifier, url).href)
    eachChild(node, visit)
  }
  if (program !== undefined) visit(program)
  return found
}
