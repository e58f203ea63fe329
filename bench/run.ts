/**
 * Runs the benchmarks of one file and sends the rows to the parent process. Each file runs in its own
 * process, with a fresh heap and fresh compiled code.
 */
import type { Benchmark } from './measure.js'

const { benchmarks } = (await import(process.argv[2]!)) as { benchmarks: readonly Benchmark[] }
for (const benchmark of benchmarks) {
  const rows = await benchmark()
  for (const row of rows) process.send?.(row)
}
process.disconnect?.()
