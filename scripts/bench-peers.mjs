/**
 * `npm run bench:peers`: builds the package and the benchmarks, and measures Skein beside its peers
 * (bench/README.md). A run of all rows writes the peers' part of docs/benchmarks.md.
 */
import { fork } from 'node:child_process'
import path from 'node:path'
import { buildBenchmarks, writePart } from './benchmarks.mjs'
import { root } from './setup.mjs'

await buildBenchmarks()
const main = path.join(root, '.tmp', 'bench', 'peers', 'main.js')
const child = fork(main, process.argv.slice(2), { cwd: root })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('message', ({ page, isWritten }) => {
  if (isWritten) writePart('peers', page)
})
child.on('exit', (code) => {
  process.exitCode = code ?? 130
})
