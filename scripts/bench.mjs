/**
 * `npm run bench`: builds the package and the benchmarks, runs each file of `bench/` in its own process
 * and prints one table. `-- empty` runs the files whose names contain `empty`; `-- --write` writes the
 * table to its part of docs/benchmarks.md.
 */
import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { buildBenchmarks, writePart } from './benchmarks.mjs'
import { root } from './setup.mjs'

const at = (...parts) => path.join(root, ...parts)
const columns = ['benchmark', 'who', 'figure', 'ratio', 'goal', 'met']
const timeLimit = 10 * 60_000
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))

await buildBenchmarks()
const files = readdirSync(at('bench'))
  .filter((name) => name.endsWith('.bench.ts'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
const rows = []
let failed = 0
for (const file of files) {
  console.error(`Running bench/${file}`)
  const { found, code } = await runFile(file.replace(/\.ts$/, '.js'))
  rows.push(...found)
  if (code !== 0) failed++
}
const table = formatTable(rows)
console.log(table)
const machine = `Node ${process.version}, ${os.cpus().length} cores, ${os.cpus()[0].model}`
if (process.argv.includes('--write')) writePart('own', `${machine}\n\n${table}`)
if (failed > 0) throw new Error(`${failed} benchmark file(s) failed; see above`)

function runFile(name) {
  const found = []
  const url = new URL(`../.tmp/bench/${name}`, import.meta.url)
  const options = { cwd: root, timeout: timeLimit, killSignal: 'SIGKILL' }
  const child = fork(at('.tmp', 'bench', 'run.js'), [url.href], options)
  child.on('message', (row) => found.push(row))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ found, code }))
  })
}

/** Formats the rows as an aligned Markdown table. */
function formatTable(rows) {
  const cells = rows.map((row) => columns.map((column) => cell(row[column])))
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...cells.map((c) => c[i].length)),
  )
  const line = (parts) => `| ${parts.map((part, i) => part.padEnd(widths[i])).join(' | ')} |`
  return [line(columns), line(widths.map((w) => '-'.repeat(w))), ...cells.map(line)].join('\n')
}

function cell(value) {
  if (typeof value === 'boolean') return value ? 'yes' : 'NO'
  return value === undefined ? '' : String(value)
}
