/**
 * `npm run test:programs`: runs the demo and the notebooks as a user would, and interrupts the demo. It takes
 * about a minute of processor time, so `npm test` leaves it out.
 */
import { runNode } from './setup.mjs'

process.env.SKEIN_TEST_PROGRAMS = 'on'
process.exitCode = await runNode(['scripts/test.mjs', 'test/package/programs.test.ts'])
