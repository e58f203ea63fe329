/**
 * `npm run test:bundlers`: runs programs that real bundlers, compilers and test runners have made or started: esbuild,
 * rollup, webpack, vite, swc, Babel, Jest, vitest in vm threads, Node's REPL and tslab. Most of the time goes into
 * installing them.
 *
 * Arguments are vitest's.
 */
import { runNode } from './setup.mjs'

process.env.SKEIN_TEST_ENVIRONMENT = 'all'
const files = [
  'test/package/bundlers.test.ts',
  'test/package/late-imports.test.ts',
  'test/package/runners.test.ts',
]
process.exitCode = await runNode(['scripts/test.mjs', ...files, ...process.argv.slice(2)])
