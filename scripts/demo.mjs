/**
 * `npm run demo`: installs, builds, and runs the demo against the built package.
 */
import path from 'node:path'
import { build, installDependencies, root, runNode } from './setup.mjs'

installDependencies()
await build()
const env = { ...process.env, TSX_TSCONFIG_PATH: path.join(root, 'demo', 'tsconfig.json') }
process.exitCode = await runNode(['--import', 'tsx', path.join(root, 'demo/main.ts')], { env })
