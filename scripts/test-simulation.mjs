/**
 * `npm run test:simulation`: plays 10,000 seeds of the simulation of a whole cluster, and checks that the
 * simulation finds the bugs planted in it.
 *
 * `--seeds 500` sets the number of seeds and `--from 2000` the first one. `--seed 17` plays one seed and
 * prints everything that happened in it if it fails.
 */
import path from 'node:path'
import { build, installDependencies, root, runNode } from './setup.mjs'

const args = process.argv.slice(2)
const numbers = { seeds: 10_000, from: 0, seed: undefined }
for (let i = 0; i < args.length; i += 2) {
  const name = args[i].replace(/^--/, '')
  const value = Number(args[i + 1])
  if (!(name in numbers) || !Number.isInteger(value) || value < 0)
    throw new Error(`${args[i]}: expected --seeds, --from or --seed followed by a whole number`)
  numbers[name] = value
}

const { seeds, from, seed } = numbers
process.env.SKEIN_SEEDS = String(seed === undefined ? seeds : 1)
process.env.SKEIN_SEED_FROM = String(seed ?? from)
if (seed !== undefined) process.env.SKEIN_TRACE = 'all'

installDependencies()
if (!(await build())) process.exit(1)
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs')
const files =
  seed === undefined
    ? ['test/simulation/', 'test/distributed/scheduler/engine/engine-simulation']
    : ['test/simulation/seeds-1']
process.exitCode = await runNode([vitest, 'run', ...files])
