/**
 * `npm run demo`: sets everything up and runs the demo as a user would, against the built package.
 */
import path from 'node:path'
import { build, installDependencies, root, runNode } from './setup.mjs'

installDependencies()
build()
const env = { ...process.env, TSX_TSCONFIG_PATH: path.join(root, 'demo', 'tsconfig.json') }
process.exitCode = await runNode(['--import', 'tsx', path.join(root, 'demo/main.ts')], { env })
