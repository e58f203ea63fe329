/**
 * `npm run test:faults`: fault injection with real processes. Processes are killed, suspended and cut off
 * from the network, tasks end their thread or process, and malformed messages are sent.
 *
 * `--times 20` repeats the whole run 20 times and stops at the first failure. Other arguments are
 * vitest's: `npm run test:faults -- test/faults/workers.test.ts`.
 */
import path from 'node:path'
import { build, installDependencies, root, runNode } from './setup.mjs'

const args = process.argv.slice(2)
const at = args.indexOf('--times')
const times = at < 0 ? 1 : Number(args.splice(at, 2)[1])
if (!Number.isInteger(times) || times < 1)
  throw new Error('--times: expected a whole number of at least 1')

installDependencies()
if (!(await build())) process.exit(1)
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs')
const config = ['--config', path.join(root, 'vitest.faults.config.ts')]
for (let time = 1; time <= times; time++) {
  const code = await runNode([vitest, 'run', ...config, ...args])
  if (code !== 0) {
    console.log(`test:faults: run ${time} of ${times} failed`)
    process.exit(1)
  }
}
console.log(`test:faults: ${times} of ${times} runs passed`)
