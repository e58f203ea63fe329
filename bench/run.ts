/**
 * Runs the benchmarks of one file and hands the rows to the parent process: each file gets a
 * process of its own, so that none inherits another's heap or compiled code.
 */
import type { Benchmark } from './measure.js'

const { benchmarks } = (await import(process.argv[2]!)) as { benchmarks: readonly Benchmark[] }
for (const benchmark of benchmarks) {
  const rows = await benchmark()
  for (const row of rows) process.send?.(row)
}
process.disconnect?.()
