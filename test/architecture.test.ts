/** Checks the structure of the sources: imports between folders, exported names, pure files, dependencies. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const folders = ['core', 'collections', 'distributed'] as const

/**
 * The folders of each top folder, lowest first. A file may import from its own folder and from folders
 * before it in the list; this holds for type imports too. A folder's `index.ts` has a position of its own.
 * `collections` and `distributed` may import all of `core`.
 */
const order = {
  core: [
    'core/base',
    'core/scheduling/interface',
    'core/scheduling/tables',
    'core/scheduling',
    'core/scheduling/diagnostics',
    'core/expressions',
    'core/functions',
    'core/functions/engine',
    'core/functions/source',
    'core/functions/rewrite',
    'core/functions/modules',
    'core/functions/classes',
    'core/functions/describe',
    'core/functions/build',
    'core/codec/bytes',
    'core/codec/identity',
    'core/codec',
    'core/codec/objects',
    'core/codec/columns',
    'core/codec/built-ins',
    'core/codec/encoding',
    'core/codec/tokens',
    'core/codec/bundles',
    'core/codec/index.ts',
    'core',
    'core/graph',
    'core/graph/optimize',
    'core/graph/optimize/index.ts',
    'core/graph/planning',
    'core/run',
    'core/run/threads',
    'core/index.ts',
  ],
  collections: [
    'collections/base',
    'collections/files',
    'collections/array/block',
    'collections/array/planning',
    'collections/array/expressions',
    'collections/array/io',
    'collections/array/io/zarr',
    'collections/array/blas',
    'collections/array/kernels',
    'collections/array/factorizations',
    'collections/array/steps',
    'collections/array/layers',
    'collections/array',
    'collections/array/functions',
    'collections/array/index.ts',
    'collections/bag/engine',
    'collections/bag/io',
    'collections/bag/records',
    'collections/bag/sql',
    'collections/bag/steps',
    'collections/bag/layers',
    'collections/bag',
    'collections/bag/index.ts',
  ],
  distributed: [
    'distributed/base',
    'distributed/protocol',
    'distributed/protocol/index.ts',
    'distributed/transport',
    'distributed/storage',
    'distributed/security',
    'distributed/client/submission',
    'distributed/client/futures',
    'distributed/client',
    'distributed/worker/state',
    'distributed/worker/results',
    'distributed/worker',
    'distributed/scheduler/computations',
    'distributed/scheduler/peers',
    'distributed/scheduler/engine',
    'distributed/scheduler/introspection',
    'distributed/scheduler',
    'distributed/processes',
    'distributed/cli',
    'distributed/index.ts',
  ],
} as const

/** What each top folder may import besides itself. */
const mayImport: Record<string, readonly string[]> = {
  core: [],
  collections: ['core'],
  distributed: ['core'],
  '.': ['core', 'collections', 'distributed'],
}

/** Files whose results depend on their arguments alone. */
const pure = [
  /^core\/graph\/optimize\//,
  /^core\/scheduling\//,
  /^core\/graph\/(graph|layer)\.ts$/,
  /^core\/graph\/planning\/(order|plan|make-plan)\.ts$/,
  /^core\/base\/keys\.ts$/,
  /^collections\/array\/planning\//,
  /^distributed\/(.*\/)?state[^/]*(\.ts$|\/)/,
  /^distributed\/(client\/submission\/submitted-runs|scheduler\/computations\/run-sources)\.ts$/,
]

/** Source code by which a result depends on more than the arguments. */
const impurities = [
  /\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bqueueMicrotask\b/,
  /\bDate\.now\b|\bnew Date\b|\bperformance\./,
  /\bMath\.random\b|\bcrypto\./,
  /\bconsole\.|\bprocess\./,
  /\bnew Promise\b|\bPromise\.|\basync\b|\bawait\b/,
]

/** Packages and modules that may be imported in one place only, so that they can be replaced. */
const soleImporters: Record<string, RegExp> = {
  zeromq: /^distributed\/transport\/zmq\.ts$/,
  'node:inspector': /^core\/functions\/engine\//,
  'node:worker_threads':
    /^core\/(run\/threads|codec|functions)\/|^core\/base\/deferred-bundle|^collections\/files\/|^distributed\/worker\//,
}

interface Import {
  readonly from: string
  readonly specifier: string
  /** False if only types are imported. */
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

/** Returns a source without its comments. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
}

/** Returns a source without comments and without the contents of strings. */
function codeOf(text: string): string {
  return withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
}

const statement = /^\s*(?:import|export)\s+(?:([^'";]*?)\sfrom\s+)?['"]([^'"]+)['"]/gm
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
const lazy = /\blazy(?:Package|Module)<[^>]*>\(\s*'([^']+)'\s*\)/g

function importsOf(file: string): Import[] {
  const text = withoutComments(readFileSync(path.join(root, file), 'utf8'))
  const found: Import[] = []
  for (const [, clause, specifier] of text.matchAll(statement)) {
    found.push({ from: file, specifier: specifier!, value: !takesTypesOnly(clause) })
  }
  for (const pattern of [dynamic, lazy]) {
    for (const [, specifier] of text.matchAll(pattern)) {
      found.push({ from: file, specifier: specifier!, value: true })
    }
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

/** Returns the path of the file that a relative import names. */
function targetOf({ from, specifier }: Import): string {
  return path.posix.join(path.posix.dirname(from), specifier).replace(/\.js$/, '.ts')
}

/** Returns the entry of `order` that a file belongs to. */
function folderOf(file: string): string {
  return path.posix.basename(file) === 'index.ts' ? file : path.posix.dirname(file)
}

/** Returns the imports from folders that come later in the list. */
function againstOrder(found: readonly Import[]): string[] {
  const wrong = found.filter(isRelative).filter((i) => {
    const list: readonly string[] = order[topFolder(i.from) as keyof typeof order] ?? []
    const [own, other] = [folderOf(i.from), folderOf(targetOf(i))]
    return own !== other && list.includes(other) && list.indexOf(other) > list.indexOf(own)
  })
  return wrong.map(show)
}

interface ExportedName {
  readonly file: string
  readonly name: string
}

const declaration =
  /^export\s+(?:declare\s+|abstract\s+|async\s+)*(?:function\*?|class|const|let|interface|type|enum)\s+([\w$]+)/gm

function exportedNames(): ExportedName[] {
  return files.flatMap((file) => {
    const names = [...codeWithStrings(file).matchAll(declaration)].map((match) => match[1]!)
    return [...new Set(names)].map((name) => ({ file, name }))
  })
}

function declaredTwice(names: readonly ExportedName[], except: readonly string[]): string[] {
  const byName = new Map<string, string[]>()
  for (const { file, name } of names) byName.set(name, [...(byName.get(name) ?? []), file])
  return [...byName]
    .filter(([name, where]) => where.length > 1 && !except.includes(name))
    .map(([name, where]) => `${name}: ${where.join(', ')}`)
}

const codeWithStrings = (file: string) =>
  withoutComments(readFileSync(path.join(root, file), 'utf8'))

const topFolder = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.')
const packageOf = (specifier: string) =>
  specifier.split('/', specifier[0] === '@' ? 2 : 1).join('/')
const isRelative = ({ specifier }: Import) => specifier.startsWith('.')
const show = ({ from, specifier }: Import) => `${from} imports ${specifier}`

const files = sources()
const imports = files.flatMap(importsOf)
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const runtimeDependencies = Object.keys({
  ...manifest.dependencies,
  ...manifest.optionalDependencies,
  ...manifest.peerDependencies,
})

describe('imports', () => {
  test('are found', () => {
    expect(files).toContain('core/base/keys.ts')
    expect(imports.map(show)).toContain('core/run/get-sync.ts imports ../base/errors.js')
  })

  test('name existing files with the extension .js', () => {
    const wrong = imports.filter(isRelative).filter((i) => {
      return !i.specifier.endsWith('.js') || !existsSync(path.join(root, targetOf(i)))
    })
    expect(wrong.map(show)).toEqual([])
  })

  test('between top folders lead from collections and distributed to core only', () => {
    const wrong = imports.filter(isRelative).filter((i) => {
      const [own, other] = [topFolder(i.from), topFolder(targetOf(i))]
      return own !== other && !mayImport[own]?.includes(other)
    })
    expect(wrong.map(show)).toEqual([])
  })

  test('come from the same folder or from one before it, types included', () => {
    expect(againstOrder(imports)).toEqual([])
  })

  test.each([
    ['core/base/keys.ts', '../run/get-sync.js'],
    ['core/codec/bytes/reader.ts', '../encoding/decoder.js'],
    ['collections/base/collection.ts', '../bag/bag.js'],
    ['distributed/protocol/version.ts', '../scheduler/engine/engine.js'],
    ['distributed/worker/state/worker-state.ts', '../worker.js'],
  ])('from a later folder are found: %s imports %s', (from, specifier) => {
    expect(againstOrder([...imports, { from, specifier, value: false }])).toEqual([
      `${from} imports ${specifier}`,
    ])
  })

  test('never name this package', () => {
    const wrong = imports.filter((i) => packageOf(i.specifier) === manifest.name)
    expect(wrong.map(show)).toEqual([])
  })

  test('make no cycles, types included', () => {
    expect(findCycles()).toEqual([])
  })

  test('of other packages are of node: modules or of declared dependencies', () => {
    const wrong = imports.filter((i) => {
      if (isRelative(i) || i.specifier.startsWith('node:')) return false
      const name = packageOf(i.specifier)
      return builtinModules.includes(name) || !runtimeDependencies.includes(name)
    })
    expect(wrong.map(show)).toEqual([])
  })

  test('of confined modules occur only in their folder', () => {
    const wrong = imports.filter((i) => {
      const place = soleImporters[i.specifier]
      return i.value && place !== undefined && !place.test(i.from)
    })
    expect(wrong.map(show)).toEqual([])
  })
})

describe('folders', () => {
  const listed = Object.values(order).flat() as string[]

  test('are exactly those of the list', () => {
    const found = new Set(files.filter((file) => file.includes('/')).map(folderOf))
    expect([...found].filter((folder) => !listed.includes(folder))).toEqual([])
    expect(listed.filter((folder) => !found.has(folder))).toEqual([])
  })
})

describe('exported names', () => {
  /** Public names in two namespaces, such as `da.fromDelayed` and `db.fromDelayed`. */
  const publicTwice = ['fromDelayed', 'Key', 'random', 'store']

  test('are declared in one file each', () => {
    expect(declaredTwice(exportedNames(), publicTwice)).toEqual([])
  })

  test('declared twice are found', () => {
    const planted = [...exportedNames(), { file: 'collections/bag/planted.ts', name: 'getSync' }]
    expect(declaredTwice(planted, publicTwice)).toEqual([
      'getSync: core/run/get-sync.ts, collections/bag/planted.ts',
    ])
  })
})

describe('operations', () => {
  test('are registered under the name of their file', () => {
    const wrong = files.flatMap((file) => {
      const named = /^operations\('([^']+)'/m.exec(codeWithStrings(file))?.[1]
      return named === undefined || `${named}.ts` === file ? [] : [`${file}: '${named}'`]
    })
    expect(wrong).toEqual([])
  })
})

describe('pure files', () => {
  const pureFiles = files.filter((file) => pure.some((pattern) => pattern.test(file)))

  test('import only files of this package', () => {
    const wrong = imports.filter((i) => pureFiles.includes(i.from) && i.value && !isRelative(i))
    expect(wrong.map(show)).toEqual([])
  })

  test('use no clock, timer, randomness, output or promise', () => {
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
    const without = runtimeDependencies.filter((name) => {
      const row = rows.find((parts) => parts[1]?.replaceAll('`', '') === name)
      return row === undefined || row.slice(2, -1).some((part) => part === '')
    })
    expect(without).toEqual([])
  })

  test('are all imported somewhere', () => {
    const used = new Set(imports.map((i) => packageOf(i.specifier)))
    expect(runtimeDependencies.filter((name) => !used.has(name))).toEqual([])
  })
})

/** Finds import cycles by a depth-first search; each is listed once. */
function findCycles(): string[] {
  const next = new Map<string, string[]>(files.map((file) => [file, []]))
  for (const i of imports) if (isRelative(i)) next.get(i.from)!.push(targetOf(i))
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
