/**
 * `npm run test:faults`: processes that are killed, stopped and cut off, tasks that do what tasks
 * must not, and messages that make no sense, all with real processes.
 *
 * `--times 20` runs all of it so many times and stops at the first failure. Other arguments are
 * vitest's: `npm run test:faults -- test/faults/workers.test.ts`.
 */
import path from 'node:path'
import { build, installDependencies, root, runNode } from './setup.mjs'

const args = process.argv.slice(2)
const at = args.indexOf('--times')
const times = at < 0 ? 1 : Number(args.splice(at, 2)[1])
if (!Number.isInteger(times) || times < 1) throw new Error('--times is followed by a whole number')

installDependencies()
if (!build()) process.exit(1)
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs')
const config = ['--config', path.join(root, 'vitest.faults.config.ts')]
for (let time = 1; time <= times; time++) {
  const code = await runNode([vitest, 'run', ...config, ...args])
  if (code !== 0) {
    console.log(`faults: failed in run ${time} of ${times}`)
    process.exit(1)
  }
}
console.log(`faults: ${times} of ${times} runs without a failure`)
