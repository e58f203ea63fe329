/** References that are resolved where nothing can be awaited. */
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { resolveReference } from '../../../../core/functions/modules/resolve-references.js'
import { temporaryFolder, writeProject } from '../project.js'

const { folder, remove } = temporaryFolder()
afterAll(remove)
writeProject(folder, {
  'node_modules/broken/index.js': `throw new Error('no licence')`,
  'node_modules/whole/index.js': 'exports.answer = 42',
})
const from = pathToFileURL(`${folder}/index.js`).href

test('the module is loaded', () => {
  expect(resolveReference({ kind: 'module', specifier: 'whole', path: ['answer'], from })).toBe(42)
})

test('the error of a package that fails to load is kept', () => {
  const reference = { kind: 'module', specifier: 'broken', path: ['answer'], from } as const
  expect(() => resolveReference(reference)).toThrow(
    /Package 'broken' cannot be loaded .*: no licence/,
  )
})

test('a package that does not exist', () => {
  const reference = { kind: 'module', specifier: 'none-of-this-name', path: ['a'], from } as const
  expect(() => resolveReference(reference)).toThrow("'none-of-this-name' was not loaded beforehand")
})
