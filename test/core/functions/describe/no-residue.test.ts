/** Capturing functions changes nothing in the user's process. */
import { EventEmitter } from 'node:events'
import { url } from 'node:inspector'
import Module, { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { capture } from '../../../../core/capture.js'
import { tables } from '../../../fixtures/functions/tables.mjs'
import { dist, tablesFor } from '../environments.js'
import { node, temporaryFolder, writeProject } from '../project.js'

type Case = readonly [name: string, make: () => Function, ...rest: unknown[]]

const require = createRequire(import.meta.url)
const builtIns = [Object, Function, Array, Map, Set, Promise, Error, RegExp, Date, EventEmitter]

function descriptorsOf(object: object): unknown[] {
  return Reflect.ownKeys(object).flatMap((key) => {
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, key)!
    // Counters of `RegExp`, such as `$1`, are set by every match.
    return object === RegExp ? [key] : [key, value, get, set]
  })
}

/** Lists what a capture could change. Globals that Node creates when they are first read are not listed. */
function stateOfProcess(): unknown[] {
  const internals = Module as unknown as Record<string, unknown>
  const { _extensions, _load, _resolveFilename, prototype } = internals
  return [
    ...Object.entries(_extensions as object).flat(),
    ...Object.keys(require.cache),
    ...[_load, _resolveFilename, ...descriptorsOf(prototype as object)],
    ...process.eventNames().flatMap((name) => [name, process.listenerCount(name)]),
    ...Object.getOwnPropertyNames(globalThis),
    ...[Error.prepareStackTrace, Error.stackTraceLimit, url(), process.exitCode],
    ...[process.hasUncaughtExceptionCaptureCallback(), 'domain' in process],
  ]
}

/** Lists the members of built-in classes: too many to list them for every capture. */
function stateOfBuiltIns(): unknown[] {
  return builtIns.flatMap((Class) => [
    ...descriptorsOf(Class),
    ...descriptorsOf(Class.prototype as object),
  ])
}

function expectSame(after: readonly unknown[], before: readonly unknown[], name: string): void {
  expect(after.length, name).toBe(before.length)
  expect(
    after.every((item, i) => Object.is(item, before[i])),
    name,
  ).toBe(true)
}

/** Functions with `super` are looked for in the whole heap, which takes long: `npm run test:compilers` has them too. */
const isThorough = process.env.SKEIN_TEST_ENVIRONMENT === 'all'
const chosen = tablesFor(['vitest', 'esm']).filter((file) => isThorough || file !== 'object-super')

describe('a capture leaves the process as it was', () => {
  // The first capture loads the parser, which is then in `require.cache` as any other package.
  beforeAll(() => {
    capture(() => builtIns)
  })

  test.each(chosen)('%s', async (file) => {
    const table = (await import(`../../../fixtures/functions/${file}.mjs`)) as {
      cases?: readonly Case[]
      refusals?: readonly Case[]
    }
    const made = [...(table.cases ?? []), ...(table.refusals ?? [])].flatMap(([name, make]) => {
      try {
        return [[name, make()] as const]
      } catch {
        return []
      }
    })
    const builtInsBefore = stateOfBuiltIns()
    for (const [name, fn] of made) {
      const before = stateOfProcess()
      try {
        capture(fn)
      } catch {
        // A refusal must leave nothing behind either.
      }
      expectSame(stateOfProcess(), before, name)
    }
    expectSame(stateOfBuiltIns(), builtInsBefore, file)
  })

  test('which the tables are there for', () => expect(tables.length).toBeGreaterThan(10))
})

describe('require', () => {
  let project: ReturnType<typeof temporaryFolder>
  beforeAll(() => {
    project = temporaryFolder()
  })
  afterAll(() => project.remove())

  // The main module of a package names a function that another file of the package created.
  const packageOf = (name: string, extension: string) => ({
    [`node_modules/${name}/package.json`]: JSON.stringify({
      name,
      version: '1.0.0',
      ...(extension === 'js' ? { type: 'module' } : {}),
      exports: `./index.${extension}`,
    }),
    [`node_modules/${name}/index.${extension}`]: `import { factory } from './factory.${extension}'
export const made = factory(2)
`,
    [`node_modules/${name}/factory.${extension}`]: 'export const factory = (n) => (x) => x + n\n',
  })

  test('loads CommonJS files after exports of ES packages were captured', async () => {
    writeProject(project.folder, {
      ...packageOf('one', 'js'),
      ...packageOf('two', 'mjs'),
      'late.cjs': 'exports.late = typeof require',
      'late.js': 'exports.late = typeof require',
      'main.mjs': `
import { createRequire } from 'node:module'
import { made as one } from 'one'
import { made as two } from 'two'
import { capture } from ${JSON.stringify(`${dist}/core/capture.js`)}
const require = createRequire(import.meta.url)
const made = { one, two }
const results = [capture(() => made.one(1)).local()(), capture(() => made.two(1)).local()()]
console.log(JSON.stringify([...results, require('./late.cjs'), require('./late.js'), Object.keys(require.extensions)]))
`,
    })
    expect(JSON.parse(await node(project.folder, 'main.mjs'))).toEqual([
      3,
      3,
      { late: 'function' },
      { late: 'function' },
      ['.js', '.json', '.node'],
    ])
  })
})
