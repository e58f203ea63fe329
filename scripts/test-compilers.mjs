/**
 * `npm run test:compilers`: runs the tables of functions in every environment that users' code may run
 * in: plain ES modules and CommonJS, and the output of tsx, tsc and esbuild for several targets.
 *
 * Arguments are vitest's. `SKEIN_TEST_ENVIRONMENT='ES modules'` runs one environment alone.
 */
import { runNode } from './setup.mjs'

process.env.SKEIN_TEST_ENVIRONMENT ??= 'all'
const args = ['test/core/functions/functions.test.ts', ...process.argv.slice(2)]
process.exitCode = await runNode(['scripts/test.mjs', ...args])
