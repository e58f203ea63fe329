/**
 * Documentation comments of the public interface: every export of an entry point, and every public
 * member of its classes, interfaces and objects, has one. Read off the source text, which the formatter
 * indents by two spaces a level.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const entryPoints: Readonly<Record<string, string>> = {
  skein: 'index.ts',
  'skein/core': 'core/index.ts',
  'skein/bag': 'collections/bag/index.ts',
  'skein/array': 'collections/array/index.ts',
  'skein/distributed': 'distributed/index.ts',
}

type ReadSource = (file: string) => string
const readSource: ReadSource = (file) => readFileSync(path.join(root, file), 'utf8')

/** A name that a file declares. */
interface Declared {
  readonly file: string
  readonly name: string
}

const keywords =
  '(?:declare |abstract |async )*(?:function\\*?|class|const|let|interface|type|enum)'

/** Returns where a name that a file uses is declared: in the file, or in one that it imports. */
function declarationOf(read: ReadSource, file: string, name: string): Declared | undefined {
  const text = read(file)
  if (new RegExp(`^(?:export )?${keywords} ${name}\\b`, 'm').test(text)) return { file, name }
  for (const [, clause, from] of text.matchAll(
    /^(?:import|export)(?: type)? \{([^}]*)\} from '(\.[^']+)'/gm,
  )) {
    for (const [own, other] of clausePairs(clause!)) {
      if (other === name) return declarationOf(read, resolveFrom(file, from!), own)
    }
  }
  for (const [, from] of text.matchAll(/^export \* from '(\.[^']+)'/gm)) {
    const found = declarationOf(read, resolveFrom(file, from!), name)
    if (found !== undefined) return found
  }
  return undefined
}

/** `A, type B as C` as `[['A', 'A'], ['B', 'C']]`. */
function clausePairs(clause: string): (readonly [own: string, other: string])[] {
  return clause.split(',').flatMap((part) => {
    const match = /^\s*(?:type )?([\w$]+)(?: as ([\w$]+))?\s*$/.exec(part)
    return match === null ? [] : [[match[1]!, match[2] ?? match[1]!] as const]
  })
}

function resolveFrom(file: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts')
}

/** Returns the names that a file exports, with their declarations. */
function exportsOf(read: ReadSource, file: string): Map<string, Declared> {
  const found = new Map<string, Declared>()
  const text = read(file)
  const add = (name: string, from: string, own: string) => {
    const declared = declarationOf(read, from, own)
    if (declared !== undefined) found.set(name, declared)
  }
  for (const [, name] of text.matchAll(new RegExp(`^export ${keywords} ([\\w$]+)`, 'gm'))) {
    add(name!, file, name!)
  }
  for (const [, clause, from] of text.matchAll(
    /^export(?: type)? \{([^}]*)\}(?: from '(\.[^']+)')?/gm,
  )) {
    const source = from === undefined ? file : resolveFrom(file, from)
    for (const [own, name] of clausePairs(clause!)) add(name, source, own)
  }
  for (const [, from] of text.matchAll(/^export \* from '(\.[^']+)'/gm)) {
    for (const [name, declared] of exportsOf(read, resolveFrom(file, from!))) {
      found.set(name, declared)
    }
  }
  return found
}

/** Lists what lacks a comment: exports, and members of exported classes, interfaces and objects. */
function undocumented(read: ReadSource, entry: string): string[] {
  const missing = new Set<string>()
  const seen = new Set<string>()
  const check = ({ file, name }: Declared) => {
    if (seen.has(`${file} ${name}`)) return
    seen.add(`${file} ${name}`)
    const lines = read(file).split('\n')
    const start = lines.findIndex((line) =>
      new RegExp(`^(?:export )?${keywords} ${name}\\b`).test(line),
    )
    if (!isDocumented(lines, start)) missing.add(`${file}: ${name}`)
    if (throwsSilently(lines, start)) missing.add(`${file}: ${name}, @throws`)
    const [head, body] = bodyOf(lines, start)
    for (const member of undocumentedMembers(lines, body)) missing.add(`${file}: ${name}.${member}`)
    const bases = /\bextends ([^{]+)\{/
      .exec(head)?.[1]
      ?.replaceAll(/<[^<>]*(?:<[^<>]*>)*[^<>]*>/g, '')
    for (const base of bases?.split(',') ?? []) {
      const declared = declarationOf(read, file, base.trim())
      if (declared !== undefined) check(declared)
    }
  }
  for (const declared of exportsOf(read, entry).values()) check(declared)
  return [...missing].sort()
}

/** Whether a function throws in its own body, and its comment has no `@throws`. */
function throwsSilently(lines: readonly string[], at: number): boolean {
  const indent = /^ */.exec(lines[at]!)![0]
  const isFunction =
    /^(?:export )?(?:async )?function|^ +(?:(?:static|async|get) )*[\w$]+[(<]/.test(lines[at]!)
  if (!isFunction) return false
  let end = at
  while (end < lines.length && !lines[end]!.startsWith(`${indent}}`)) {
    // A declaration without a body, such as an overload.
    if (/[^{,(|&]$/.test(lines[end]!) && end === at) return false
    end++
  }
  const body = lines.slice(at, end)
  if (!body.some((line) => /^\s*(?:if \(.*\) )?throw new /.test(line))) return false
  let first = at - 1
  while (first > 0 && !lines[first]!.includes('/**')) first--
  return !lines.slice(first, at).some((line) => line.includes('@throws'))
}

/** Whether a documentation comment ends on the line before. */
function isDocumented(lines: readonly string[], at: number): boolean {
  const end = at - 1
  if (!lines[end]?.trimEnd().endsWith('*/')) return false
  let first = end
  while (first > 0 && !lines[first]!.includes('/*')) first--
  return lines[first]!.trimStart().startsWith('/**')
}

/** The first lines of a declaration, up to its brace, and the numbers of the lines in its braces. */
function bodyOf(lines: readonly string[], start: number): readonly [string, readonly number[]] {
  const isContainer = /^(?:export )?(?:abstract )?(?:class|interface) /.test(lines[start]!)
  const isObject = /^(?:export )?(?:const|type) .*= \{$/.test(lines[start]!)
  if (!isContainer && !isObject) return ['', []]
  let open = start
  while (!lines[open]!.endsWith('{') && !/\{.*\}$/.test(lines[open]!)) open++
  const head = lines.slice(start, open + 1).join(' ')
  if (!lines[open]!.endsWith('{')) return [head, []]
  let close = open + 1
  while (!lines[close]!.startsWith('}')) close++
  // Of a table of types, such as `{ a: number }[K]`, the keys are no members.
  if (lines[close]!.startsWith('}[')) return [head, []]
  return [head, Array.from({ length: close - open - 1 }, (_, i) => open + 1 + i)]
}

const memberPattern =
  /^ {2}(?:(?:readonly|static|abstract|async|get|set|public|declare|override|\*) )*([A-Za-z_$][\w$]*)[?!]?(?:[(<:;,]| =|$)/

function undocumentedMembers(lines: readonly string[], body: readonly number[]): string[] {
  const missing: string[] = []
  let previous: string | undefined
  for (const at of body) {
    const line = lines[at]!
    if (/^ {2}(?:private|protected|override|static \{)/.test(line)) continue
    const name = memberPattern.exec(line)?.[1]
    if (name === undefined) continue
    // Overloads, and the setter of a getter, share the comment of the first.
    if (name !== previous && !isDocumented(lines, at)) missing.push(name)
    if (name !== 'constructor' && throwsSilently(lines, at)) missing.push(`${name}, @throws`)
    previous = name
  }
  return missing
}

describe('documentation comments', () => {
  test.each(Object.entries(entryPoints))(
    'are on all public names and members of %s',
    (_, entry) => {
      const read: ReadSource = (file) => {
        // The entry of the whole package checks its own exports only; the others have entries.
        const text = readSource(file)
        return file === 'index.ts' ? text.replaceAll(/^export \*.*$/gm, '') : text
      }
      expect(undocumented(read, entry)).toEqual([])
    },
  )

  test('are looked for on entry points that exist, and on all that they export', () => {
    for (const entry of Object.values(entryPoints)) {
      expect(existsSync(path.join(root, entry)), entry).toBe(true)
    }
    const names = exportsOf(readSource, entryPoints['skein/array']!)
    expect([...names.keys()]).toEqual(
      expect.arrayContaining([
        'Array',
        'NDArray',
        'ReductionOptions',
        'var',
        'sum',
        'random',
        'add',
      ]),
    )
    expect(names.get('Array')).toEqual({
      file: 'collections/array/chunked-array.ts',
      name: 'ChunkedArray',
    })
  })

  test('that are missing are found', () => {
    const sources: Record<string, string> = {
      'a/index.ts': [
        "export { type Options, Thing as Renamed } from './thing.js'",
        "export * from './other.js'",
      ].join('\n'),
      'a/other.ts': [
        '/** Adds. */',
        'export function add(x: number): number {',
        '  return x',
        '}',
        '// Not a documentation comment.',
        'export const sub = 1',
        '/** Functions. */',
        'export const tools = {',
        '  /** Is documented. */',
        '  first(x: number) {',
        '    return x',
        '  },',
        '  second(x: number) {',
        '    return x',
        '  },',
        '}',
      ].join('\n'),
      'a/base.ts': [
        '/** A base. */',
        'export class Base<T> {',
        '  inherited(): void {',
        '  }',
        '}',
      ].join('\n'),
      'a/thing.ts': [
        "import { Base } from './base.js'",
        '/** A thing. */',
        'export class Thing extends Base<Map<string, number>> {',
        '  private hidden = 1',
        '  shown = 1',
        '  /** Is documented. */',
        '  method(x: 1): void',
        '  method(x: 2): void',
        '  /** Is documented, but not what it throws. */',
        '  check(x: number): void {',
        '    if (x < 0) throw new RangeError()',
        '  }',
        '  /**',
        '   * Is documented.',
        '   * @throws RangeError for a negative number.',
        '   */',
        '  assert(x: number): void {',
        '    if (x < 0) throw new RangeError()',
        '  }',
        '  get value(): number {',
        '    return 1',
        '  }',
        '}',
        '/* Another comment. */',
        'export interface Options {',
        '  /** Is documented. */',
        '  readonly a?: number',
        '  readonly b?: number',
        '}',
      ].join('\n'),
    }
    expect(undocumented((file) => sources[file]!, 'a/index.ts')).toEqual([
      'a/base.ts: Base.inherited',
      'a/other.ts: sub',
      'a/other.ts: tools.second',
      'a/thing.ts: Options',
      'a/thing.ts: Options.b',
      'a/thing.ts: Thing.check, @throws',
      'a/thing.ts: Thing.shown',
      'a/thing.ts: Thing.value',
    ])
  })
})
