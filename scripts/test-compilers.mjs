/**
 * `npm run test:compilers`: runs the tables of functions in every environment that users' code may run
 * in: plain ES modules and CommonJS, and the output of tsx, tsc and esbuild for several targets; and
 * compiles libraries that export what this package infers, with several versions of TypeScript. Runtimes that
 * are not supported are tried, too.
 *
 * Arguments are vitest's. `SKEIN_TEST_ENVIRONMENT='ES modules'` runs one environment alone, and
 * `SKEIN_TEST_ENVIRONMENT=some` those that differ most.
 */
import { runNode } from './setup.mjs'

process.env.SKEIN_TEST_ENVIRONMENT ??= 'all'
const files = [
  'test/core/functions/functions.test.ts',
  // Captures one more table here, but only when all environments are asked for.
  ...(process.env.SKEIN_TEST_ENVIRONMENT === 'all'
    ? ['test/core/functions/describe/no-residue.test.ts']
    : []),
  'test/package/declarations.test.ts',
  'test/package/runtimes.test.ts',
]
const args = [...files, ...process.argv.slice(2)]
process.exitCode = await runNode(['scripts/test.mjs', ...args])
