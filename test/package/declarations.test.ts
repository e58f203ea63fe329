/**
 * Libraries of users that export what they make with this package: with `declaration: true` or
 * `composite`, the compiler writes the types that it inferred, so each of them needs a public name. The
 * libraries are compiled by several compilers, and then a program against their declarations.
 *
 * `npm run test:compilers` runs this with more compilers.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { compiler, installedProject, node, root } from './packed.js'

const requested = process.env.SKEIN_TEST_ENVIRONMENT
const isThorough = requested === 'all'
const newest = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')

interface PublicInterface {
  readonly unnamed: Readonly<Record<string, readonly string[]>>
  readonly any: Readonly<Record<string, readonly string[]>>
  readonly programs: Readonly<Record<string, string>>
}
let found: PublicInterface

/** Compilers and the resolution of modules: the newest; with `some` the oldest instead; or all. */
const compilers: readonly (readonly [name: string, version: string, resolution: string])[] = [
  ...(requested === 'some'
    ? []
    : ([['the newest TypeScript, nodenext', 'newest', 'nodenext']] as const)),
  ...(isThorough || requested === 'some'
    ? ([['TypeScript 5.4, nodenext', '5.4', 'nodenext']] as const)
    : []),
  ...(isThorough
    ? ([
        ['the newest TypeScript, bundler', 'newest', 'bundler'],
        ['TypeScript 5.4, bundler', '5.4', 'bundler'],
        ['TypeScript 5.9, bundler', '5.9', 'bundler'],
        ['TypeScript 6.0, nodenext', '6.0', 'nodenext'],
      ] as const)
    : []),
]

const more = ['typescript-5.9@npm:typescript@5.9.3', 'typescript-6.0@npm:typescript@6.0.3']
const project = installedProject(isThorough ? more : [], async (project) => {
  const skein = path.join(project.installed, 'node_modules', 'skein')
  const manifest = JSON.parse(readFileSync(path.join(skein, 'package.json'), 'utf8'))
  const entries: [string, { types?: string }][] = Object.entries(manifest.exports)
  const withTypes = entries.filter(([, { types }]) => types !== undefined)
  const args = withTypes.map(
    ([name, { types }]) => `${path.posix.join('skein', name)}=${path.join(skein, types!)}`,
  )
  const script = fileURLToPath(new URL('public-interface.mjs', import.meta.url))
  const { code, stdout, stderr } = await node(project.folder, script, 'typescript-5.4', ...args)
  if (code !== 0) throw new Error(stderr)
  found = JSON.parse(stdout)
})

describe('types that declarations mention', () => {
  test('have public names, and none is `any`', () => {
    const entries = Object.keys(found.programs)
    const none = Object.fromEntries(entries.map((entry) => [entry, []]))
    expect(entries).toEqual([
      'skein',
      'skein/core',
      'skein/bag',
      'skein/array',
      'skein/distributed',
    ])
    expect(found.unnamed).toEqual(none)
    expect(found.any).toEqual(none)
    // Every member is tried: some that only a complete list has.
    const all = found.programs.skein
    for (const text of ['api.da.hypot(', 'self.foldby(', 'self.asCompleted', 'api.wait(']) {
      expect(all).toContain(text)
    }
  })

  test.each(compilers)('can be written by %s', async (_, version, resolution) => {
    const folder = `${version}-${resolution}`
    const programs = {
      ...Object.fromEntries(
        Object.entries(found.programs).map(([entry, text]) => [
          `all-${entry.replace('/', '-')}`,
          text,
        ]),
      ),
      ...handwritten,
    }
    for (const [name, text] of Object.entries(programs)) {
      project.write(`${folder}/library/${name}.mts`, text)
    }
    const options = {
      strict: true,
      target: 'es2022',
      types: ['node'],
      skipLibCheck: version !== 'newest',
      ...(resolution === 'bundler'
        ? { module: 'esnext', moduleResolution: 'bundler' }
        : { module: 'nodenext' }),
    }
    const library = {
      ...options,
      composite: true,
      emitDeclarationOnly: true,
      outDir: '../declared',
    }
    project.write(`${folder}/library/tsconfig.json`, configuration(library))
    project.write(`${folder}/program/use.mts`, user)
    const references = [{ path: '../library' }]
    project.write(
      `${folder}/program/tsconfig.json`,
      configuration({ ...options, outDir: '.' }, references),
    )
    const tsc = version === 'newest' ? newest : path.join(project.installed, compiler(version))
    const built = await node(project.folder, tsc, '-b', path.join(folder, 'program'))
    expect(built).toMatchObject({ code: 0, stdout: '' })
  })

  test('can be written by hand, for `isolatedDeclarations`', async () => {
    project.write('isolated.mts', isolated)
    const options = ['--strict', '--declaration', '--isolatedDeclarations', '--types', 'node']
    const built = await node(
      project.folder,
      newest,
      ...options,
      ...['--module', 'nodenext', '--target', 'es2022', 'isolated.mts'],
    )
    expect(built).toMatchObject({ code: 0, stdout: '' })
  })
})

function configuration(compilerOptions: object, references: readonly object[] = []): string {
  return JSON.stringify({ compilerOptions, include: ['*.mts'], references })
}

/** Libraries as users write them, each with names of one entry point only. */
const handwritten = {
  whole: `
import { da, db, delayed, Client, LocalCluster, Scheduler, Worker, asCompleted, wait } from 'skein'
import { annotate, cull, expression, getClient, getSync, getThreads, literal, ref, toGraph } from 'skein'
const x = da.ones([2])
const client = await Client.connect('tcp://127.0.0.1:5555')
export const y = da.ones([2]).add(1)
export const difference = x.sub(x)
export const quotient = x.div(2)
export const product = da.matmul(da.ones([2, 2]), da.ones([2, 2]))
export const total = x.sum()
export const columns = x.sum(0, { keepdims: true })
export const means = x.mean({ axis: 0 })
export const element = x.at(0)
export const some = x.at([0, 1])
export const dotted = da.dot(x, x)
export const whole = x.astype('int32')
export const chosen = da.where(x.gt(0), 1, 0)
export const bins = da.histogram(x, { bins: 3, range: [0, 1] })
export const stacked = da.stack([x, x])
export const given = da.fromArray(new Float64Array(3))
export const chunk = await x.compute()
export const mapped = x.mapBlocks((block) => block)
export const noise = da.random.normal([3])
export const { add, sum, sqrt, random } = da
export const plus = x.add.bind(x)
export const numbers = db.fromSequence([1, 2, 3])
export const objects = numbers.map((q) => ({ q }))
export const folded = numbers.foldby((q) => q % 2, (t, q) => t + q, 0)
export const words = db.readText('x').str.split(',')
export const strings = db.readText('x').str
export const parts = numbers.toDelayed()
export const optimized = numbers.optimize()
export const graph = numbers.graph
export const kept = numbers.persist()
export const zipped = db.zip(numbers, objects)
export const method = numbers.map
export const function1 = delayed((p: number, q: string) => p + q)
export const call = function1(1, 'a')
export const submitted = client.submit((p: number, q: number) => p + q, 1, 2)
export const futures = client.map((p: number) => ({ p }), [1, 2])
export const gathered = await client.gather(futures)
export const waited = wait(futures)
export const completed = asCompleted(futures)
export const computed = client.compute([numbers, x])
export const scattered = client.scatter([1, 2])
export const get = client.get
export const holders = client.whoHas()
export const { submit, map, gather } = client
export const promised = getThreads({}, 'x')
export const threads = getThreads
export const now = getSync({ x: 1 }, 'x')
export const items = [ref('x'), literal('x')]
export const literals = toGraph({})
export const culled = cull(literals, [])
export const nodes = [...literals.values()]
export const rule = expression('x + 1')
export const here = getClient()
export const annotated = annotate({ retries: 2 }, () => numbers)
export const cluster = await LocalCluster.start()
export const workers = cluster.workers
export const scheduler = await Scheduler.start()
export const worker = await Worker.start({ scheduler: scheduler.addressToWorkers })
export class Report {
  constructor(readonly bag = db.range(3)) {}
  rows() { return this.bag.map((q) => [q, String(q)] as const) }
}
export default { x, y: x.add(2), f: submitted }
`,
  bag: `
import { fromSequence, range, readText, zip } from 'skein/bag'
export const numbers = fromSequence([1, 2, 3])
export const pairs = zip(numbers, range(3))
export const strings = readText('x').str
export const optimized = numbers.optimize()
export const layer = numbers.layer
export const parts = numbers.toDelayed()
export const { map, foldby, compute } = numbers
`,
  array: `
import { matmul, ones, stack } from 'skein/array'
const x = ones([2, 2])
export const y = x.add(1)
export const sums = stack([x, x]).sum(0)
export const optimized = matmul(x, x).optimize()
export const parts = x.toDelayed()
export const { compute, layer, add, mapBlocks } = x
`,
  distributed: `
import { asCompleted, Client, wait } from 'skein/distributed'
const client = await Client.connect('tcp://127.0.0.1:5555')
export const submitted = client.submit((p: number, q: number) => p + q, 1, 2)
export const futures = client.map((p: number) => ({ p }), [1, 2])
export const waited = wait(futures)
export const completed = asCompleted(futures)
export const collection = client.getCollection('a')
export const { get, compute, submit, map, scatter } = client
`,
  core: `
import { dependentsOf, fuse, getSync, order, toGraph } from 'skein/core'
export const graph = toGraph({ x: 1 })
export const fused = fuse(graph, ['x'])
export const value = getSync(graph, 'x')
export const dependents = dependentsOf(graph)
export const ranks = order(graph)
`,
}

/** A program against the declarations of the libraries. */
const user = `
import { da, type db, type Future } from 'skein'
import * as array from '../library/array.mjs'
import * as bag from '../library/bag.mjs'
import * as whole from '../library/whole.mjs'

type IsAny<T> = 0 extends 1 & T ? true : false
type AnyOf<M> = { [K in keyof M]: IsAny<M[K]> extends true ? K : never }[keyof M]
type AnyReturned<M> = {
  [K in keyof M]: M[K] extends (...args: never[]) => infer R ? (IsAny<R> extends true ? K : never) : never
}[keyof M]
const none: never[] = []
export const checked: readonly (
  | AnyOf<typeof whole> | AnyOf<typeof bag> | AnyOf<typeof array>
  | AnyOf<typeof import('../library/distributed.mjs')> | AnyOf<typeof import('../library/core.mjs')>
  | AnyReturned<typeof import('../library/all-skein.mjs')>
  | AnyReturned<typeof import('../library/all-skein-bag.mjs')>
  | AnyReturned<typeof import('../library/all-skein-array.mjs')>
)[] = none

export const y: da.Array<'float64'> = whole.y
export const total: Promise<number> = whole.total.compute()
export const integers: da.Array<'int32'> = whole.whole
export const rows: db.Bag<readonly [number, string]> = new whole.Report().rows()
export const future: Future<number> = whole.submitted
export const objects: Promise<{ q: number }[]> = whole.objects.compute()
export const values: readonly { p: number }[] = whole.gathered
export const product = da.matmul(whole.product, array.y)
export const more: db.Bag<number> = bag.numbers.map((x) => x + 1)
// @ts-expect-error the dtype is kept
export const wrong: da.Array<'int32'> = whole.y
`

/** Exports with types that the user writes. */
const isolated = `
import { type Collection, da, db, type Delayed, delayed, type LayerGraph } from 'skein'
export const y: da.BinaryArray<'float64', da.Array, number> = da.ones([2]).add(1)
export const total: da.ReducedArray<'float64', {}> = da.ones([2]).sum()
export const bag: db.Bag<number> = db.range(3)
export const strings: db.TextOperations<string> = bag.map(String).str
export const graph: LayerGraph = bag.optimize()
export const any: Collection<unknown> = bag
export function later(x: number): Delayed<number> { return delayed((v: number) => v + 1)(x) }
`
