/**
 * Who may import whom, read off the import lines of the sources.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const folders = ['core', 'collections', 'distributed'] as const

/** What each folder may import of ours besides itself. */
const mayImport: Record<string, readonly string[]> = {
  core: [],
  collections: ['core'],
  distributed: ['core'],
  '.': ['core', 'collections', 'distributed'],
}

/** Files whose outcome hangs on their arguments alone. */
const pure = [
  /^core\/optimize\//,
  /^core\/scheduling\//,
  /^core\/(order|plan|graph|layer|key)\.ts$/,
  /^collections\/array\/grid[^/]*\.ts$/,
  /^distributed\/(.*\/)?state[^/]*(\.ts$|\/)/,
  /^distributed\/(client\/submitted|scheduler\/sources)\.ts$/,
]

/** What makes an outcome hang on more than the arguments, as it looks in the source. */
const impurities = [
  /\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bqueueMicrotask\b/,
  /\bDate\.now\b|\bnew Date\b|\bperformance\./,
  /\bMath\.random\b|\bcrypto\./,
  /\bconsole\.|\bprocess\./,
  /\bnew Promise\b|\bPromise\.|\basync\b|\bawait\b/,
]

/** The one place each of these may be imported, so that it could be changed for something else. */
const soleImporters: Record<string, RegExp> = {
  zeromq: /^distributed\/[^/]*zmq[^/]*\.ts$/,
  'node:inspector': /^core\/functions\//,
  'node:worker_threads': /^core\/(threads|codec|functions)\/|^distributed\/worker\//,
}

interface Import {
  readonly from: string
  readonly specifier: string
  /** False when only types are taken, which leaves no trace at run time. */
  readonly value: boolean
}

function sources(): string[] {
  const found: string[] = readdirSync(root).filter((name) => name === 'index.ts')
  for (const folder of folders) {
    for (const name of readdirSync(path.join(root, folder), { recursive: true })) {
      if (/\.[cm]?tsx?$/.test(String(name))) found.push(path.posix.join(folder, String(name)))
    }
  }
  return found.sort()
}

/** A source without its comments; import lines hold no comment-like text. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
}

/** A source without comments and the contents of strings. */
function codeOf(text: string): string {
  return withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
}

const statement = /^\s*(?:import|export)\s+(?:([^'";]*?)\sfrom\s+)?['"]([^'"]+)['"]/gm
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

function importsOf(file: string): Import[] {
  const text = withoutComments(readFileSync(path.join(root, file), 'utf8'))
  const found: Import[] = []
  for (const [, clause, specifier] of text.matchAll(statement)) {
    found.push({ from: file, specifier: specifier!, value: !takesTypesOnly(clause) })
  }
  for (const [, specifier] of text.matchAll(dynamic)) {
    found.push({ from: file, specifier: specifier!, value: true })
  }
  return found
}

function takesTypesOnly(clause: string | undefined): boolean {
  if (clause === undefined) return false
  if (/^type\s/.test(clause.trim())) return true
  const names = /^\{([\s\S]*)\}$/
    .exec(clause.trim())?.[1]
    ?.split(',')
    .map((s) => s.trim())
  return names?.every((name) => name === '' || name.startsWith('type ')) === true
}

/** The path of what a relative import names. */
function targetOf({ from, specifier }: Import): string {
  return path.posix.join(path.posix.dirname(from), specifier).replace(/\.js$/, '.ts')
}

const topFolder = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.')
const packageOf = (specifier: string) =>
  specifier.split('/', specifier[0] === '@' ? 2 : 1).join('/')
const isRelative = ({ specifier }: Import) => specifier.startsWith('.')
const show = ({ from, specifier }: Import) => `${from} imports ${specifier}`

const files = sources()
const imports = files.flatMap(importsOf)
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

describe('imports', () => {
  test('are found at all', () => {
    expect(files).toContain('core/base/keys.ts')
    expect(imports.map(show)).toContain('core/run/get-sync.ts imports ./errors.js')
  })

  test('are of files that exist, by their built names', () => {
    const wrong = imports.filter(isRelative).filter((i) => {
      return !i.specifier.endsWith('.js') || !existsSync(path.join(root, targetOf(i)))
    })
    expect(wrong.map(show)).toEqual([])
  })

  test('go from collections and distributed to core, and nowhere else', () => {
    const wrong = imports.filter(isRelative).filter((i) => {
      const [own, other] = [topFolder(i.from), topFolder(targetOf(i))]
      return own !== other && !mayImport[own]?.includes(other)
    })
    expect(wrong.map(show)).toEqual([])
  })

  test('of this package by its own name do not occur', () => {
    const wrong = imports.filter((i) => packageOf(i.specifier) === manifest.name)
    expect(wrong.map(show)).toEqual([])
  })

  test('of values make no cycle', () => {
    expect(findCycles()).toEqual([])
  })

  test('of the outside are of Node, by node: names, or of a declared dependency', () => {
    const wrong = imports.filter((i) => {
      if (isRelative(i) || i.specifier.startsWith('node:')) return false
      const name = packageOf(i.specifier)
      return builtinModules.includes(name) || !(name in manifest.dependencies)
    })
    expect(wrong.map(show)).toEqual([])
  })

  test('of what is confined to one place occur there alone', () => {
    const wrong = imports.filter((i) => {
      const place = soleImporters[i.specifier]
      return i.value && place !== undefined && !place.test(i.from)
    })
    expect(wrong.map(show)).toEqual([])
  })
})

describe('pure files', () => {
  const pureFiles = files.filter((file) => pure.some((pattern) => pattern.test(file)))

  test('import nothing but our own files', () => {
    const wrong = imports.filter((i) => pureFiles.includes(i.from) && i.value && !isRelative(i))
    expect(wrong.map(show)).toEqual([])
  })

  test('have no clock, timer, chance, output or promise', () => {
    const wrong = pureFiles.flatMap((file) => {
      const lines = codeOf(readFileSync(path.join(root, file), 'utf8')).split('\n')
      return lines
        .filter((line) => impurities.some((pattern) => pattern.test(line)))
        .map((line) => `${file}: ${line.trim()}`)
    })
    expect(wrong).toEqual([])
  })
})

describe('runtime dependencies', () => {
  test('each have a reason in docs/architecture.md', () => {
    const file = path.join(root, 'docs', 'architecture.md')
    const page = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const rows = page.split('\n').map((line) => line.split('|').map((part) => part.trim()))
    const without = Object.keys(manifest.dependencies).filter((name) => {
      const row = rows.find((parts) => parts[1]?.replaceAll('`', '') === name)
      return row === undefined || row.slice(2, -1).some((part) => part === '')
    })
    expect(without).toEqual([])
  })

  test('are all imported somewhere', () => {
    const used = new Set(imports.map((i) => packageOf(i.specifier)))
    expect(Object.keys(manifest.dependencies).filter((name) => !used.has(name))).toEqual([])
  })
})

/** Rings of value imports, each written once, by a depth-first walk. */
function findCycles(): string[] {
  const next = new Map<string, string[]>(files.map((file) => [file, []]))
  for (const i of imports) if (i.value && isRelative(i)) next.get(i.from)!.push(targetOf(i))
  const cycles: string[] = []
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (file: string) => {
    const start = trail.indexOf(file)
    if (start >= 0) cycles.push([...trail.slice(start), file].join(' -> '))
    if (start >= 0 || done.has(file)) return
    trail.push(file)
    for (const target of next.get(file) ?? []) visit(target)
    trail.pop()
    done.add(file)
  }
  for (const file of files) visit(file)
  return cycles
}
