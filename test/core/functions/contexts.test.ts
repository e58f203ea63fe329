/**
 * Functions and values of contexts of `node:vm`, in which Jest, `vitest --pool=vmThreads` and notebooks run code. The
 * tables of functions run there too: two of them here, all by `npm run test:compilers`.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { dist } from './environments.js'
import { root } from './project.js'

const run = promisify(execFile)

test('code in a context uses the library of the main one', async () => {
  const { stdout } = await run('node', [join(root, 'test/fixtures/contexts/run-cases.mjs'), dist])
  const results = JSON.parse(stdout) as Record<string, string>
  expect(Object.entries(results).filter(([, result]) => result !== 'ok')).toEqual([])
  expect(Object.keys(results).length).toBeGreaterThan(30)
})

test.each(['', ' inside'])(
  'functions of a context behave the same in another process%s',
  async (more) => {
    const fixtures = join(root, 'test/fixtures/functions')
    const { stdout } = await run(
      'node',
      [
        '--experimental-vm-modules',
        '--no-warnings',
        join(fixtures, 'run-tables.mjs'),
        dist,
        `plain esm vm${more}`,
        ...['function-kinds', 'globals'].map((table) => join(fixtures, `${table}.mjs`)),
      ],
      { maxBuffer: 1 << 26 },
    )
    const { problems, count } = JSON.parse(stdout) as { problems: object[]; count: number }
    expect(problems).toEqual([])
    expect(count).toBeGreaterThan(200)
  },
)
