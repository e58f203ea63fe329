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
  const urls = specifiers.filter(isRelative).map((specifier) => new URL(specifier, url).href)
  let size = 0
  for (const target of urls) {
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

const sentExtensions = new Set(['.js', '.mjs', '.cjs', '.json'])

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

function relativeImports(url: string, content: string): string[] {
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
